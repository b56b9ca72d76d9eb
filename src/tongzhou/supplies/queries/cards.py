"""What supplies put on the desk: order lines whose promised day has passed."""

from collections.abc import Iterable

from django.db.models import F, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongzhou.kit import clock
from tongzhou.people.models import Account
from tongzhou.people.queries import Card, on_desk

from ..models import OrderLine
from ..rules.orders import OPEN
from .money import orders_in


@on_desk("supplies.late_lines")
def late_lines(account: Account) -> Iterable[Card]:
    """Lines still to come after the day they were promised for."""
    late = OrderLine.objects.filter(
        order__in=orders_in(account, "orders.view").filter(state__in=OPEN),
        delivered_units__lt=F("units"),
        promised_on__lt=clock.today(),
    )
    yield Card(
        title=_("Order lines past their promised day"),
        count=late.count(),
        url=reverse("orders") + "?late=1",
        oldest=late.aggregate(day=Min("promised_on"))["day"],
        late=True,
    )
