"""What is where: stock of places and divisions, entries of moves, a fund's units by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope

from ..models import LINES_PER_MOVE, Balance, Bucket, Entry, Fund, FundFlow, Item, Move, OrderLine

EXTERNAL = (Bucket.PRODUCER, Bucket.DONOR)
INSIDE = tuple(bucket for bucket in Bucket if bucket not in EXTERNAL)
# Places whose stock is listed one by one above a county; clinics are listed within their county.
STORES = (Place.Kind.PRODUCER, Place.Kind.HUB, Place.Kind.DEPOT, Place.Kind.HOSPITAL)
MOST_PLACES = 5_000


@dataclass(frozen=True, slots=True)
class DockStock:
    """Free units of one item and fund at one place."""

    place: Place
    item: Item
    fund: Fund
    units: int


@dataclass(slots=True)
class PlaceStock:
    """What one place holds of one item, by bucket."""

    place: Place
    item: Item
    units: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.units.values())


@dataclass(frozen=True, slots=True)
class Step:
    """Units of a fund that one kind of move took into a bucket on a day; negative: out of it."""

    day: date
    kind: str
    bucket: int
    units: int


def balances(place: Place) -> QuerySet[Balance]:
    """What a place holds, external accounts left out; a seek on the primary key."""
    first = place.pk * 8
    return (
        Balance.objects.filter(account__gte=first + Bucket.ON_HAND, account__lt=first + 8)
        .exclude(units=0)
        .select_related("item", "lot", "fund")
        .order_by("account_id", "item_id", "lot_id", "fund_id")
    )


def on_hand(*, place: Place, item: Item) -> int:
    """Free units of an item at a place."""
    rows = Balance.objects.filter(account=place.pk * 8 + Bucket.ON_HAND, item=item)
    return int(rows.aggregate(units=Sum("units"))["units"] or 0)


def on_hand_by_dock(funds: Iterable[Fund | int]) -> list[DockStock]:
    """Free units of some funds at the producers' docks, by dock, item and fund."""
    docks = {place.pk * 8 + Bucket.ON_HAND: place for place in _docks()}
    rows = (
        Balance.objects.filter(account__in=docks, fund__in=list(funds), units__gt=0)
        .values("account", "item", "fund")
        .annotate(units=Sum("units"))
        .order_by("account", "item", "fund")
    )
    items = Item.objects.in_bulk({row["item"] for row in rows})
    known = Fund.objects.in_bulk({row["fund"] for row in rows})
    return [
        DockStock(docks[row["account"]], items[row["item"]], known[row["fund"]], row["units"])
        for row in rows
    ]


def stock_of(places: Sequence[Place]) -> list[PlaceStock]:
    """What some places hold, one row for each place and item, in the order of the places."""
    # By account ids, six a place: a join through the accounts table would read the whole of it.
    accounts = [place.pk * 8 + bucket for place in places for bucket in INSIDE]
    rows = (
        Balance.objects.filter(account__in=accounts)
        .exclude(units=0)
        .values_list("account", "item")
        .annotate(units=Sum("units"))
        .order_by("account", "item")
    )
    items = Item.objects.in_bulk({item for _account, item, _units in rows})
    found: dict[tuple[int, int], dict[int, int]] = {}
    for account, item, units in rows:
        found.setdefault((account // 8, item), {})[account % 8] = units
    by_place = {place.pk: place for place in places}
    order = {place.pk: number for number, place in enumerate(places)}
    stocks = [PlaceStock(by_place[pk], items[item], units) for (pk, item), units in found.items()]
    return sorted(stocks, key=lambda stock: (order[stock.place.pk], stock.item.code))


def places_with_stock(scope: Scope, division: Division | None = None) -> QuerySet[Place]:
    """Places in scope that may hold stock, in tree order: docks, hubs and depots; within a county
    (or below) its clinics too."""
    within = scope.q("division")
    if division is not None:
        within &= Q(division__first__gte=division.first, division__first__lte=division.last)
    rows = Place.objects.filter(within).select_related("division")
    if not _is_local(scope, division):
        rows = rows.filter(kind__in=STORES)
    return rows.order_by("division__first", "pk")


def stock_by_division(division: Division, item: Item | None = None) -> dict[int, int]:
    """Units by bucket of all places in a division. It reads every balance below: milliseconds for a
    county, two seconds for a nation, where the roll-ups of `delivery` answer instead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.account_id - p.id * 8, CAST(SUM(b.units) AS bigint) FROM places_division d"
            " JOIN places_place p ON p.division_id = d.id JOIN supplies_balance b"
            " ON b.account_id >= p.id * 8 + 2 AND b.account_id < p.id * 8 + 8"
            " WHERE d.first >= %s AND d.first <= %s AND (%s = 0 OR b.item_id = %s) GROUP BY 1",
            [division.first, division.last, *[item.pk if item else 0] * 2],
        )
        return {bucket: units for bucket, units in cursor.fetchall() if units}


def entries_of(move: Move) -> QuerySet[Entry]:
    """The entries of a move in their order; they lie together on the primary key."""
    first = move.pk * LINES_PER_MOVE
    return (
        Entry.objects.filter(pk__gte=first, pk__lt=first + LINES_PER_MOVE)
        .select_related("account__place__division", "item", "lot", "fund")
        .order_by("pk")
    )


def place_trail(place: Place) -> list[Entry]:
    """Everything that ever happened to the stock of a place, oldest first; about a millisecond for
    a clinic, whatever the size of the nation."""
    accounts = [place.pk * 8 + bucket for bucket in Bucket]
    rows = Entry.objects.filter(account__in=accounts)
    return list(rows.select_related("move", "item", "lot", "fund").order_by("pk"))


def fund_trail(fund: Fund) -> list[Step]:
    """What became of a fund's units by day and kind of move, from the roll-up of the ledger."""
    rows = (
        FundFlow.objects.filter(fund=fund)
        .values_list("day", "kind", "bucket")
        .annotate(units=Sum("units"))
        .order_by("day", "kind", "bucket")
    )
    return [Step(*row) for row in rows if row[3]]


def lines_of_fund(fund: Fund) -> QuerySet[OrderLine]:
    """The order lines a fund pays for, by promised day, with their orders and producers."""
    return (
        OrderLine.objects.filter(fund=fund)
        .select_related("order__producer", "item")
        .order_by("promised_on", "pk")
    )


def _is_local(scope: Scope, division: Division | None) -> bool:
    """Whether what is asked for lies within counties, so that single clinics can be listed."""
    if division is not None:
        return division.level >= Division.Level.COUNTY
    tops = Division.objects.filter(first__in=[first for first, _last in scope.intervals])
    return not tops.filter(level__lt=Division.Level.COUNTY).exists()


def _docks() -> QuerySet[Place]:
    docks = Place.objects.filter(kind=Place.Kind.PRODUCER).select_related("division")
    return docks.order_by("division__first", "pk")[:MOST_PLACES]
