"""What an account may see and change of shipments, parcels and discrepancies."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from tongzhou.people.models import Account, Organisation
from tongzhou.people.queries import Reach, carriers_for, reach, scope
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.supplies.models import Item

from ..models import Discrepancy, DivisionProgress, Parcel, Receipt, Shipment, ShipmentLine, Task
from . import board
from .answers import Content, contents_of

# Above so many hops a list of ids costs more than looking at each shipment's place.
MOST_HOPS = 500


def shipments_in(account: Account, permission: str = "shipments.view") -> QuerySet[Shipment]:
    """Shipments that leave or reach a place of the account's area, and those its organisation
    carries."""
    held = reach(account, permission)
    rows = Shipment.objects.select_related(
        "from_place__division", "to_place__division", "carrier", "campaign"
    )
    return rows.filter(_ends_in(held.scope) | _carried(held))


def shipment_in(account: Account, public_id: str) -> Shipment | None:
    return shipments_in(account).filter(public_id=public_id).first()


def may(account: Account, permission: str, place: Place, carrier_id: int | None = None) -> bool:
    """Whether an account may do something at a place, or as the carrier of what is there."""
    return reach(account, permission).contains(place.division, carrier_id)


def carriers(
    account: Account, permission: str, place: Place, carrier_id: int | None = None
) -> QuerySet[Organisation]:
    """Whom an account may give what leaves a place; whoever has it already stays."""
    return carriers_for(scope(account, permission), place.division, assigned=carrier_id)


@dataclass(frozen=True, slots=True)
class ShipmentFilter:
    """The filters of the list, as they stand in the address."""

    state: str = ""
    leg: str = ""
    text: str = ""
    overdue: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "ShipmentFilter":
        return cls(
            state=asked.get("state", "") if asked.get("state") in Shipment.State else "",
            leg=asked.get("leg", "") if asked.get("leg") in Shipment.Leg else "",
            text=asked.get("q", "").strip()[:60],
            overdue=asked.get("overdue") == "1",
        )

    @property
    def any(self) -> bool:
        return bool(self.state or self.leg or self.text or self.overdue)

    def of_rows(self, rows: QuerySet[Shipment]) -> QuerySet[Shipment]:
        rows = rows.filter(state=self.state) if self.state else rows
        rows = rows.filter(leg=self.leg) if self.leg else rows
        if self.text:
            wanted = self.text.upper()
            rows = rows.filter(Q(public_id=wanted) | Q(tracking_number=self.text))
        return rows.filter(board.overdue()) if self.overdue else rows


def shipment_contents(shipment: Shipment) -> list[Content]:
    """Units on board by item."""
    parcels = Q(parcelline__parcel__shipment=shipment)
    last_mile = shipment.leg == Shipment.Leg.LAST_MILE
    of, field = (parcels, "parcelline__units") if last_mile else (_lines(shipment), _LINE_UNITS)
    rows = Item.objects.filter(of).annotate(on_board=Sum(field)).order_by("pk")
    return [Content(item, item.on_board) for item in rows]


def units_of(shipments: list[Shipment]) -> dict[int, int]:
    """Shipment id -> units on board, for a page of the list."""
    ids = [one.pk for one in shipments]
    found = dict(
        ShipmentLine.objects.filter(shipment__in=ids)
        .values_list("shipment")
        .annotate(total=Sum("units"))
    )
    parcels = Parcel.objects.filter(shipment__in=ids).values_list("shipment")
    found.update(parcels.annotate(total=Sum("lines__units")))
    return found


def depots_in(scope: Scope) -> QuerySet[Place]:
    """The county depots of a scope."""
    # Counties are few and places many: the level makes the database begin with the counties.
    rows = Place.objects.filter(
        kind=Place.Kind.DEPOT,
        state=Place.State.ACTIVE,
        division__level=Division.Level.COUNTY,
    )
    return rows.filter(scope.q("division")).select_related("division")


def depot_by_county(scope: Scope, code: str) -> Place | None:
    return depots_in(scope).filter(division__code=code).first()


def packed_counts(depots: list[Place]) -> dict[int, dict[str, int]]:
    """Depot id -> parcels by state."""
    found: dict[int, dict[str, int]] = {depot.pk: {} for depot in depots}
    rows = Parcel.objects.filter(depot__in=found).values_list("depot", "state")
    for depot, state, count in rows.annotate(count=Count("pk")):
        found[depot][state] = count
    return found


def progress_of(divisions: list[Division]) -> dict[int, list[DivisionProgress]]:
    found: dict[int, list[DivisionProgress]] = {division.pk: [] for division in divisions}
    rows = DivisionProgress.objects.filter(division__in=found).select_related("item", "campaign")
    for row in rows.order_by("campaign", "item"):
        found[row.division_id].append(row)
    return found


def parcel_in(account: Account, public_id: str, permission: str = "parcels.view") -> Parcel | None:
    """A parcel of the account's area, or on board of what its organisation carries."""
    parcel = (
        Parcel.objects.filter(public_id=public_id)
        .select_related("place__division", "depot__division", "shipment", "campaign", "run")
        .first()
    )
    if parcel is None:
        return None
    carrier = parcel.shipment.carrier_id if parcel.shipment else None
    return parcel if may(account, permission, parcel.depot, carrier) else None


def parcel_contents(parcel: Parcel) -> list[Content]:
    return contents_of(parcel)


def discrepancies_in(scope: Scope) -> QuerySet[Discrepancy]:
    """Differences found in a scope, those that are due first."""
    rows = Discrepancy.objects.filter(scope.q("place__division"))
    return rows.select_related("place__division", "item", "owner", "receipt")


def shortages_like(discrepancy: Discrepancy, scope: Scope) -> QuerySet[Discrepancy]:
    """Open shortages that could be what is over here: the same item and number of units."""
    rows = discrepancies_in(scope).filter(
        kind=Discrepancy.Kind.SHORT,
        item=discrepancy.item_id,
        units=discrepancy.units,
        state__in=(Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED),
    )
    return rows.order_by("due_on", "pk")[:50]


def decisions_in(scope: Scope) -> QuerySet[Receipt]:
    """What was said of parcels and not believed yet: claims, and parcels that had been lost."""
    rows = Receipt.objects.filter(scope.q("place__division"), confirmed=False)
    rows = rows.filter(parcel__state__in=(Parcel.State.CLAIMED, Parcel.State.LOST))
    return rows.exclude(method=Receipt.Method.OFFICE).select_related("parcel", "place__division")


def task_in(scope: Scope, pk: int) -> Task | None:
    return Task.objects.filter(scope.q("division"), pk=pk).select_related("division").first()


_LINE_UNITS = "shipmentline__units"


def _lines(shipment: Shipment) -> Q:
    return Q(shipmentline__shipment=shipment)


def _ends_in(scope: Scope) -> Q:
    if not scope.intervals:
        return Q(pk__in=[])
    if _whole(scope):
        # Not Q(): an empty condition falls out of an "or", and only the other half would count.
        return ~Q(pk__in=[])
    hops = Place.objects.filter(scope.q("division")).filter(
        kind__in=(Place.Kind.PRODUCER, Place.Kind.HUB, Place.Kind.DEPOT)
    )
    ids = list(hops.values_list("pk", flat=True)[: MOST_HOPS + 1])
    if len(ids) <= MOST_HOPS:
        return Q(from_place__in=ids) | Q(to_place__in=ids)
    return scope.q("from_place__division") | scope.q("to_place__division")


def _whole(scope: Scope) -> bool:
    root = Division.objects.filter(level=Division.Level.NATION).first()
    return root is not None and scope.contains(root)


def _carried(held: Reach) -> Q:
    condition = Q(pk__in=[])
    for organisation, there in held.by_organisation.items():
        condition |= Q(carrier=organisation) & there.q("from_place__division")
    return condition
