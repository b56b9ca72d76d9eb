"""A small world for the tests of this app: a dock, a hub, clinics, one item, one fund."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Division, Place
from tongzhou.supplies.actions import Command, Leg, Result, post
from tongzhou.supplies.models import Balance, Bucket, Fund, Item, Lot

AT = datetime(2023, 1, 7, 2, 0, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class World:
    nation: Division
    dock: Place
    hub: Place
    clinics: list[Place]
    item: Item
    lot: Lot
    fund: Fund

    def leg(self, place: Place, bucket: int, units: int, **other: int) -> Leg:
        ids = {"item_id": self.item.pk, "lot_id": self.lot.pk, "fund_id": self.fund.pk} | other
        return Leg(place.pk, bucket, units=units, **ids)

    def command(self, *legs: Any, kind: str = "test", id: str = "", **other: Any) -> Command:
        name = id or f"test-{next(_numbers)}"
        return Command(name, kind, other.pop("occurred_at", AT), SYSTEM, list(legs), **other)

    def move(
        self, units: int, source: tuple[Place, int], target: tuple[Place, int], **other: Any
    ) -> Command:
        return self.command(self.leg(*source, -units), self.leg(*target, units), **other)

    def ready(self, units: int, **other: Any) -> Result:
        """Units from the producer stand on hand at the dock."""
        ends = (self.dock, Bucket.PRODUCER), (self.dock, Bucket.ON_HAND)
        return post([self.move(units, *ends, kind="batch", **other)])[0]

    def held(self, place: Place, bucket: int = Bucket.ON_HAND) -> int:
        rows = Balance.objects.filter(account=place.pk * 8 + bucket)
        return sum(rows.values_list("units", flat=True))


def make_world(clinics: int = 3) -> World:
    nation = Division.objects.create(code="0", name="中国", level=0, first=1, last=10**9)
    item = Item.objects.create(code="oximeter", name="血氧仪", base_unit="台")
    return World(
        nation=nation,
        dock=make_place("dock", nation, Place.Kind.PRODUCER),
        hub=make_place("hub", nation, Place.Kind.HUB),
        clinics=[make_place(f"clinic-{n}", nation) for n in range(clinics)],
        item=item,
        lot=Lot.objects.create(item=item, number="A1"),
        fund=make_fund("F-1"),
    )


def make_place(code: str, division: Division, kind: str = Place.Kind.CLINIC) -> Place:
    return Place.objects.create(code=code, name=code, kind=kind, division=division)


def make_fund(public_id: str, **other: Any) -> Fund:
    values = {"name": public_id, "kind": Fund.Kind.CASH, "given_on": date(2023, 1, 5)}
    return Fund.objects.create(public_id=public_id, **values | other)
