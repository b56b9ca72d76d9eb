"""A small world for the tests of this app: a dock, a hub, clinics, one item, one fund."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.places.models import Division, Place
from tongzhou.supplies import actions
from tongzhou.supplies.actions import Command, Leg, LineDraft, Result, post
from tongzhou.supplies.models import Balance, Bucket, Fund, Item, Lot, ProcurementOrder

AT = datetime(2023, 1, 7, 2, 0, tzinfo=UTC)
DAY = date(2023, 1, 7)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class World:
    nation: Division
    gansu: Division
    county: Division
    dock: Place
    hub: Place
    clinics: list[Place]
    producer: Organisation
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
        """Units from the producer stand on hand at the dock, without an order."""
        ends = (self.dock, Bucket.PRODUCER), (self.dock, Bucket.ON_HAND)
        return post([self.move(units, *ends, kind="batch", **other)])[0]

    def held(self, place: Place, bucket: int = Bucket.ON_HAND) -> int:
        rows = Balance.objects.filter(account=place.pk * 8 + bucket)
        return sum(rows.values_list("units", flat=True))

    def pay_in(self, fen: int, fund: Fund | None = None) -> Fund:
        """Money of a fund that has been confirmed and has arrived."""
        fund = fund or self.fund
        name = f"money-{next(_numbers)}"
        actions.receive_money(fund, fen, received_on=DAY, command_id=name, by=SYSTEM)
        fund.refresh_from_db()
        return fund

    def draft(self, *lines: LineDraft, units: int = 100, price: int = 50_00) -> ProcurementOrder:
        """A draft of an order, by default of one line paid from the fund."""
        lines = lines or (LineDraft(self.fund, self.item, units, price, DAY),)
        return actions.create_order(producer=self.producer, lines=lines, by=SYSTEM)

    def placed(self, units: int = 100, price: int = 50_00) -> ProcurementOrder:
        """An order that is placed and whose money has arrived."""
        self.pay_in(units * price)
        return actions.place_order(self.draft(units=units, price=price), by=SYSTEM)


def make_world(clinics: int = 3) -> World:
    make = Division.objects.create
    nation = make(code="0", name="中国", level=0, first=1, last=10**9)
    gansu = make(code="62", name="甘肃省", level=1, parent=nation, first=1000, last=9999)
    county = make(code="620102", name="城关区", level=3, parent=gansu, first=2000, last=2999)
    item = Item.objects.create(code="oximeter", name="血氧仪", base_unit="台")
    dock = make_place("dock", nation, Place.Kind.PRODUCER)
    producer = Organisation.objects.create(
        code="maker", name="甲厂", kind=Organisation.Kind.PRODUCER, dock=dock
    )
    return World(
        nation=nation,
        gansu=gansu,
        county=county,
        dock=dock,
        hub=make_place("hub", gansu, Place.Kind.HUB),
        clinics=[make_place(f"clinic-{n}", county) for n in range(clinics)],
        producer=producer,
        item=item,
        lot=Lot.objects.create(item=item, number="A1"),
        fund=make_fund("F-1"),
    )


def make_place(code: str, division: Division, kind: str = Place.Kind.CLINIC) -> Place:
    return Place.objects.create(code=code, name=code, kind=kind, division=division)


def make_fund(public_id: str, **other: Any) -> Fund:
    values = {"name": public_id, "kind": Fund.Kind.CASH, "given_on": date(2023, 1, 5)}
    values |= {"pledged_fen": 125_000_000_00, "state": Fund.State.CONFIRMED}
    return Fund.objects.create(public_id=public_id, **values | other)


def make_account(
    role: str, division: Division, organisation: Organisation | None = None
) -> Account:
    """Somebody who holds one role at one division."""
    number = next(_numbers)
    account = Account.objects.create(email=f"a{number}@example.org", name="王小明")
    RoleGrant.objects.create(
        account=account,
        role=role,
        division=division,
        organisation=organisation,
        granted_by="system:test",
        granted_at=AT,
    )
    return account
