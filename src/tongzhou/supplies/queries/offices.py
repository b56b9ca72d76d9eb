"""Which office an account acts for, and what it may choose from."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from tongzhou.people.models import Account, Organisation
from tongzhou.people.queries import scope
from tongzhou.places.models import Division

from ..models import Fund, Item, PackLevel
from .money import funds_in


def office_of(account: Account, permission: str) -> Division | None:
    """The highest division where the account holds the permission; None is the nation's office."""
    spans = scope(account, permission).intervals
    wide = max(spans, key=lambda span: span[1] - span[0], default=None)
    if wide is None:
        return None
    held = Division.objects.filter(first__gte=wide[0], first__lte=wide[1]).order_by("first")
    top = held.first()
    return None if top is None or top.parent_id is None else top


def producers() -> QuerySet[Organisation]:
    """Every producer: an office may buy anywhere."""
    return Organisation.objects.filter(kind=Organisation.Kind.PRODUCER).order_by("name", "pk")


def donors() -> QuerySet[Organisation]:
    kinds = Q(kind=Organisation.Kind.DONOR) | Q(kind=Organisation.Kind.PARTNER)
    return Organisation.objects.filter(kinds).order_by("name", "pk")


def items() -> QuerySet[Item]:
    return Item.objects.order_by("name", "pk")


def is_top_office(account: Account, permission: str) -> bool:
    """Whether the account holds the permission for the whole installation, whose items are one
    list for everybody."""
    held = scope(account, permission)
    return any(held.contains(root) for root in Division.objects.filter(parent=None))


def carton_units(rows: Iterable[Item]) -> dict[int, int]:
    """How many units a carton of each item holds, by its id; without the items of which nobody
    said so."""
    packs = PackLevel.objects.filter(item__in=list(rows), level=PackLevel.Level.CARTON)
    return dict(packs.values_list("item_id", "units"))


def cash_funds(account: Account) -> QuerySet[Fund]:
    """Funds in money that the account may spend, withdrawn ones left out."""
    spendable = funds_in(account, "orders.edit").filter(kind=Fund.Kind.CASH)
    return spendable.exclude(state=Fund.State.WITHDRAWN).order_by("public_id")
