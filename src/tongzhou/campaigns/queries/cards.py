"""What campaigns put on the desk, and what they count as open: needs that wait for a check."""

from collections.abc import Iterable

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.people.models import Account
from tongzhou.people.queries import Card, actor, on_desk, scope

from ..models import Campaign, NeedStatement
from .steps import OpenStep, counts_open_steps, needs_waiting

MOST_CARDS = 5


@on_desk("campaigns.needs_to_verify")
def needs_to_verify(account: Account) -> Iterable[Card]:
    """One card for each open campaign; what somebody wrote themselves another office checks."""
    waiting = (
        NeedStatement.objects.filter(
            scope(account, "needs.verify").q("place__division"),
            state=NeedStatement.State.SUBMITTED,
            campaign__state=Campaign.State.OPEN,
        )
        .exclude(by=str(actor(account)))
        .values("campaign__public_id")
        .annotate(rows=Count("pk"), day=Min("as_of"))
        .order_by("campaign__public_id")
    )
    for row in waiting[:MOST_CARDS]:
        yield Card(
            title=_("Statements of need that wait for your check"),
            count=row["rows"],
            url=reverse("needs", args=[row["campaign__public_id"]]),
            oldest=row["day"],
        )


@counts_open_steps("campaigns.needs")
def needs_open(campaign: Campaign) -> Iterable[OpenStep]:
    yield OpenStep(
        _("statements of need that nobody has verified"),
        needs_waiting(campaign),
        reverse("needs", args=[campaign.public_id]),
    )
