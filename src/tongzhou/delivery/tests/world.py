"""A small campaign: two docks, one hub, two counties, six clinics, one published run."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db import connection

from tongzhou.campaigns.models import Campaign, CampaignItem, Recipient, WeightPolicy
from tongzhou.delivery.actions.arrivals import Arrival, receive_shipments
from tongzhou.delivery.actions.hops import Dispatch, dispatch_shipments
from tongzhou.delivery.actions.parcels import dispatch_parcels, pack_county
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.models import Parcel, Shipment
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division, Place
from tongzhou.plans.models import AllocationLine, PublishPart, Run, RunDivision, RunSupply
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Bucket, Fund, Item, Lot

NOW = datetime(2023, 1, 8, 6, tzinfo=UTC)
TODAY = date(2023, 1, 8)
OFFICER = Actor("account", "7", "desk")
DOCTOR = Actor("slip", "P", "phone")


@dataclass
class World:
    """The rows of the small campaign, and short ways to move it along."""

    nation: Division
    province: Division
    prefecture: Division
    counties: list[Division]
    towns: list[Division]
    hub: Place
    docks: list[Place]
    depots: list[Place]
    clinics: list[list[Place]]
    item: Item
    lot: Lot
    funds: list[Fund]
    campaign: Campaign
    recipient: Recipient
    run: Run
    count: int = field(default=0)

    def command(self) -> str:
        """A command id that was not used yet."""
        self.count += 1
        return f"test-{self.count}"

    def shipment(self, leg: str, index: int = 0) -> Shipment:
        return Shipment.objects.filter(leg=leg).order_by("pk")[index]

    def send(self, *shipments: Shipment) -> None:
        orders = [Dispatch(one.pk, self.command()) for one in shipments]
        dispatch_shipments(orders, by=OFFICER)

    def receive(self, *shipments: Shipment) -> None:
        receive_shipments([Arrival(one.pk, self.command()) for one in shipments], by=OFFICER)

    def to_hub(self) -> "World":
        """Shipments made, sent from both docks and received at the hub."""
        plan_shipments(self.run, by=OFFICER)
        trunk = list(Shipment.objects.filter(leg="dock_hub").order_by("pk"))
        self.send(*trunk)
        self.receive(*trunk)
        return self

    def to_depots(self) -> "World":
        self.to_hub()
        onward = list(Shipment.objects.filter(leg="hub_depot").order_by("pk"))
        self.send(*onward)
        self.receive(*onward)
        return self

    def packed(self) -> "World":
        """Everything in parcels at both depots."""
        self.to_depots()
        for depot in self.depots:
            pack_county(self.run, depot, command_id=self.command(), by=OFFICER)
        return self

    def on_the_way(self) -> "World":
        """Every parcel with a driver."""
        self.packed()
        for depot in self.depots:
            ids = list(Parcel.objects.filter(depot=depot).values_list("pk", flat=True))
            dispatch_parcels(depot, ids, Dispatch(0, self.command(), driver="D"), by=OFFICER)
        return self

    def parcel(self, county: int = 0, index: int = 0) -> Parcel:
        return Parcel.objects.filter(depot=self.depots[county]).order_by("sequence")[index]

    def balance(self, place: Place, bucket: Bucket) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE(SUM(units), 0) FROM supplies_balance WHERE account_id = %s",
                [place.pk * 8 + bucket],
            )
            return int(cursor.fetchone()[0])


def make_world() -> World:
    """Three clinics a county in two towns, two units each; dock 0 serves county 0 and one clinic
    of county 1, dock 1 the rest."""
    nation, province, prefecture, counties, towns, villages = _tree()
    place = Place.objects.create
    hub = place(code="HUB62", name="甘肃中转库", kind="hub", division=province)
    docks = [
        place(code=f"DOCK{n}", name=f"码头{n}", kind="producer", division=nation) for n in (1, 2)
    ]
    depots = [
        place(code=f"{c.code}-D", name=f"{c.name}收货点", kind="depot", division=c)
        for c in counties
    ]
    clinics = [
        [
            place(code=f"{v.code}-1", name=f"{v.name}卫生室", kind="clinic", division=v)
            for v in of_county
        ]
        for of_county in villages
    ]
    item = Item.objects.create(code="oximeter", name="血氧仪", name_en="oximeter", base_unit="台")
    lot = Lot.objects.create(item=item, number="L1")
    funds = [
        Fund.objects.create(
            public_id=f"D-0000-000{n}-X", name=f"捐赠{n}", kind="cash", given_on=TODAY
        )
        for n in (1, 2)
    ]
    campaign = _campaign(nation, item)
    recipient = Recipient.objects.create(
        campaign=campaign, name="甘肃省", name_en="Gansu", division=province, hub=hub
    )
    run = Run.objects.create(
        campaign=campaign,
        number=1,
        state="published",
        seed="s",
        by="system:test",
        created_at=NOW,
        published_at=NOW,
    )
    world = World(
        nation,
        province,
        prefecture,
        counties,
        towns,
        hub,
        docks,
        depots,
        clinics,
        item,
        lot,
        funds,
        campaign,
        recipient,
        run,
    )
    _publish(world)
    return world


def _tree() -> tuple[
    Division, Division, Division, list[Division], list[Division], list[list[Division]]
]:
    make = Division.objects.create
    nation = make(code="CN", name="全国", level=0, first=0, last=999)
    province = make(code="62", name="甘肃省", level=1, parent=nation, first=100, last=899)
    prefecture = make(code="620100", name="兰州市", level=2, parent=province, first=110, last=899)
    counties, towns, villages = [], [], []
    for c in (0, 1):
        base = 200 + 300 * c
        county = make(
            code=f"62010{c + 2}",
            name=f"{'甲乙'[c]}县",
            level=3,
            parent=prefecture,
            first=base,
            last=base + 299,
        )
        counties.append(county)
        of_county = []
        for t, size in ((0, 2), (1, 1)):
            first = base + 100 * t + 1
            town = make(
                code=f"{county.code}{t + 1:03}",
                name=f"{county.name[0]}{t + 1}镇",
                level=4,
                parent=county,
                first=first,
                last=first + 50,
            )
            towns.append(town)
            of_county += [
                make(
                    code=f"{town.code}{v + 1:03}",
                    name=f"{town.name[0]}{t + 1}{v + 1}村",
                    level=5,
                    parent=town,
                    first=first + v + 1,
                    last=first + v + 1,
                )
                for v in range(size)
            ]
        villages.append(of_county)
    return nation, province, prefecture, counties, towns, villages


def _campaign(nation: Division, item: Item) -> Campaign:
    policy = WeightPolicy.objects.create(name="p", version=1, formula={}, valid_from=TODAY)
    campaign = Campaign.objects.create(
        public_id="K-0000-0001-X",
        name="血氧仪行动",
        name_en="Oximeters",
        division=nation,
        state="open",
        opened_on=date(2023, 1, 5),
        deadline=date(2023, 1, 16),
        policy=policy,
        seed="s",
    )
    CampaignItem.objects.create(
        campaign=campaign,
        item=item,
        place_kind="clinic",
        target_units=2,
        drop_units=2,
        carton_units=4,
    )
    return campaign


def _publish(world: World) -> None:
    """Stock at the docks, two units reserved for each clinic, as publishing a run leaves it."""
    supplies = [
        RunSupply.objects.create(
            run=world.run,
            wave=1,
            dock=dock,
            item=world.item,
            lot=world.lot,
            fund=fund,
            units=units,
            day=TODAY,
        )
        for dock, fund, units in zip(world.docks, world.funds, (8, 4), strict=True)
    ]
    sources = [[0, 0, 0], [0, 1, 1]]
    for county, clinics, of_county in zip(world.counties, world.clinics, sources, strict=True):
        part = PublishPart.objects.create(
            run=world.run,
            county=county,
            recipient=world.recipient,
            part=1,
            lines=len(clinics),
            units=2 * len(clinics),
            data=b"",
            posted_at=NOW,
        )
        for clinic, source in zip(clinics, of_county, strict=True):
            AllocationLine.objects.create(
                run=world.run, place=clinic, supply=supplies[source], part=part, units=2
            )
            reserve(world, world.docks[source], world.funds[source], clinic, 2)
    for division, places in (
        (world.nation, 6),
        (world.province, 6),
        (world.prefecture, 6),
        (world.counties[0], 3),
        (world.counties[1], 3),
    ):
        RunDivision.objects.create(
            run=world.run,
            division=division,
            item=world.item,
            places=places + 1,
            need_units=2 * places + 2,
            units=2 * places,
            places_served=places,
        )


def reserve(world: World, dock: Place, fund: Fund, clinic: Place, units: int) -> None:
    key = (world.item.pk, world.lot.pk, fund.pk)
    legs = [
        Leg(dock.pk, Bucket.PRODUCER, *key, -units),
        Leg(clinic.pk, Bucket.RESERVED, *key, units),
    ]
    command = Command(
        command_id=world.command(), kind="reserve", occurred_at=NOW, by=OFFICER, legs=legs
    )
    (result,) = post([command])
    assert result.status == "done", result
