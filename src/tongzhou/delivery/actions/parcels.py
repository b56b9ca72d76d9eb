"""Break a county's cartons into one parcel for each clinic, and send the parcels out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tongzhou.interchange.trace_ids import TraceKind
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.plans.models import Run
from tongzhou.supplies.actions import Command
from tongzhou.supplies.models import Bucket

from ..models import Carton, Parcel, Shipment
from ..queries import board
from ..queries.parcels import parcel_lines, ranks_of, served, unpacked
from ..queries.shipments import at_depot, fresh_ids
from ..queries.tree import TOWN, lineages
from ..rules import Packed, Planned, Refused, dates, pack, slip_hash
from . import progress
from .hops import Dispatch
from .ledger import command, merged, moved, post_all, posted

BATCH = 500
MOST_PARCELS = 5_000


@dataclass(frozen=True, slots=True)
class Packing:
    """What packing made, and how many places wait because too little has arrived."""

    parcels: int
    units: int
    waiting: int


@transaction.atomic
def pack_county(run: Run, depot: Place, *, command_id: str, by: Actor) -> Packing:
    """Pack what has arrived at a county's depot: reserved there -> reserved at each clinic.

    Places are served in the order of the plan, whole drops only; those for whom too little has
    arrived wait for the next packing. Raises Refused when there is nothing to pack.
    """
    Place.objects.select_for_update().get(pk=depot.pk)
    # The ledger is asked, because a packing has no row of its own that would keep the command.
    if posted(f"{command_id}/0"):
        return Packing(0, 0, 0)
    county = depot.division
    there = at_depot(run.pk, depot.pk, county.pk)
    packed, waiting = pack(_in_order(run, unpacked(run, county), there), there)
    if not packed:
        raise Refused(
            "pack.nothing",
            _("Nothing that can be packed has arrived here for this plan. %(n)d places wait.")
            % {"n": len(waiting)},
        )
    if len(packed) > MOST_PARCELS:
        raise Refused(
            "pack.many", _("At most %(n)d parcels are packed at once.") % {"n": MOST_PARCELS}
        )
    sums = _packed_sums(run, packed)
    parcels = _stored(run, depot, packed)
    # The ledger before the sums, as in every other step, so that no two of them wait in a circle.
    _reserve(depot, packed, command_id, by)
    progress.keep_exactly(run.campaign_id, sums)
    units = sum(line[3] for one in packed for line in one.lines)
    _break_cartons(run, depot, sum(there.values()) <= units)
    record(
        "parcels.packed",
        depot,
        by=by,
        chain=chain_of(county),
        after={
            "command": command_id,
            "run": run.pk,
            "parcels": len(parcels),
            "units": units,
            "waiting": len(waiting),
        },
    )
    return Packing(len(parcels), units, len(waiting))


@transaction.atomic
def dispatch_parcels(
    depot: Place, parcel_ids: Sequence[int], order: Dispatch, *, by: Actor
) -> Shipment:
    """Give packed parcels to a driver or carrier: a last-mile shipment that has left.

    `order.shipment_id` is not used: the shipment is made here. Raises Refused when a parcel is of
    another depot or not waiting there.
    """
    if before := Shipment.objects.filter(dispatch_command=order.command_id).first():
        return before
    parcels = list(
        Parcel.objects.select_for_update(of=("self",))
        .filter(pk__in=parcel_ids)
        .select_related("place")
        .order_by("pk")
    )
    _check_parcels(depot, parcels, parcel_ids)
    shipment = _last_mile(depot, parcels, order)
    _set_out(parcels, order.command_id, by)
    Parcel.objects.filter(pk__in=[p.pk for p in parcels]).update(
        state=Parcel.State.DISPATCHED, shipment=shipment, dispatched_at=shipment.dispatched_at
    )
    record(
        "parcels.dispatched",
        shipment,
        by=by,
        chain=chain_of(depot.division),
        after={
            "command": order.command_id,
            "parcels": len(parcels),
            "carrier": shipment.carrier_id,
            "driver": shipment.driver,
            "driver_phone": shipment.driver_phone,
        },
    )
    return shipment


@transaction.atomic
def renew_slip(parcel: Parcel, *, by: Actor) -> Parcel:
    """Make a parcel's slip worthless and a new one printable, after it was lost or copied."""
    row = Parcel.objects.select_for_update(of=("self",)).get(pk=parcel.pk)
    if row.state == Parcel.State.RECEIVED:
        raise Refused("parcel.received", _("This parcel has been received; its slip is used up."))
    row.token_version += 1
    row.token_hash = slip_hash(settings.SECRET_KEY, row.public_id, row.token_version)
    row.save(update_fields=["token_version", "token_hash"])
    record(
        "parcel.slip_renewed",
        row,
        by=by,
        chain=chain_of(row.depot.division),
        before={"version": row.token_version - 1},
        after={"version": row.token_version},
    )
    return row


def _in_order(
    run: Run, planned: list[Planned], there: Mapping[tuple[int, int, int], int]
) -> list[Planned]:
    """Best rank first, where it matters: the run's ranks are read only when units are short."""
    wanted = sum(line[3] for one in planned for line in one.lines)
    if wanted <= sum(units for units in there.values() if units > 0):
        return planned
    ranks = ranks_of(run, [one.place_id for one in planned])
    return sorted(planned, key=lambda one: (ranks.get(one.place_id, len(ranks)), one.place_id))


def _stored(run: Run, depot: Place, packed: Sequence[Packed]) -> list[Parcel]:
    """Parcel rows in division-code order, each with its label number, and their lines."""
    codes = _codes(one.place_id for one in packed)
    ordered = sorted(packed, key=lambda one: codes[one.place_id])
    last = Parcel.objects.filter(depot=depot, run=run).aggregate(n=Max("sequence"))["n"] or 0
    now = clock.now()
    ids = fresh_ids(TraceKind.PARCEL, len(ordered))
    parcels = Parcel.objects.bulk_create(
        [
            Parcel(
                public_id=public_id,
                token_hash=slip_hash(settings.SECRET_KEY, public_id, 1),
                campaign_id=run.campaign_id,
                run=run,
                place_id=one.place_id,
                depot=depot,
                sequence=last + number,
                packed_at=now,
            )
            for number, (one, public_id) in enumerate(zip(ordered, ids, strict=True), 1)
        ],
        batch_size=BATCH,
    )
    rows = [
        (parcel.pk, *line)
        for parcel, one in zip(parcels, ordered, strict=True)
        for line in one.lines
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_LINE, rows)
    return parcels


def _codes(places: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = Place.objects.filter(pk__in=list(places)).values_list("pk", "division__code", "code")
    return {pk: (division, code) for pk, division, code in rows}


def _reserve(depot: Place, packed: Sequence[Packed], command_id: str, by: Actor) -> None:
    source = (depot.pk, Bucket.RESERVED)
    commands: list[Command] = []
    for start in range(0, len(packed), BATCH):
        legs = [
            leg
            for one in packed[start : start + BATCH]
            for leg in moved(source, (one.place_id, Bucket.RESERVED), one.lines)
        ]
        number = start // BATCH
        commands.append(command(f"{command_id}/{number}", "pack", merged(legs), by=by))
    post_all(commands)


def _packed_sums(run: Run, packed: Sequence[Packed]) -> progress.Deltas:
    """A town's sums begin with its packed parcels: they have then come as far as the depot.
    Asked before they are stored, while it can be seen who had none."""
    places = [one.place_id for one in packed]
    division_of = dict(Place.objects.filter(pk__in=places).values_list("pk", "division_id"))
    above = lineages(division_of.values())
    before = served(run.campaign_id, places)
    deltas = progress.Deltas()
    for one in packed:
        town = next((s for s in above[division_of[one.place_id]] if s.level == TOWN), None)
        if town is None:
            continue
        for item, units in _by_item(one).items():
            new = (one.place_id, item) not in before
            deltas.add(town.division_id, item, **progress.packed(units, places=int(new)))
    return deltas


def _by_item(packed: Packed) -> Counter[int]:
    units: Counter[int] = Counter()
    for item, _lot, _fund, more in packed.lines:
        units[item] += more
    return units


def _break_cartons(run: Run, depot: Place, all_used: bool) -> None:
    if all_used:
        Carton.objects.filter(
            shipment__run=run, shipment__to_place=depot, state=Carton.State.CLOSED
        ).update(state=Carton.State.BROKEN)


def _check_parcels(depot: Place, parcels: Sequence[Parcel], wanted: Sequence[int]) -> None:
    if not parcels or len(parcels) != len(set(wanted)):
        raise Refused("parcel.missing", _("Choose parcels that exist and wait at this depot."))
    for parcel in parcels:
        if parcel.depot_id != depot.pk or parcel.state != Parcel.State.PACKED:
            raise Refused(
                "parcel.state",
                _("Parcel %(id)s does not wait at this depot.") % {"id": parcel.public_id},
            )


def _last_mile(depot: Place, parcels: Sequence[Parcel], order: Dispatch) -> Shipment:
    now, today = clock.now(), clock.today()
    lead = board.lead_days(parcels[0].campaign_id)
    runs = {parcel.run_id for parcel in parcels}
    shipment: Shipment = Shipment.objects.create(
        public_id=fresh_ids(TraceKind.SHIPMENT, 1)[0],
        campaign_id=parcels[0].campaign_id,
        run_id=runs.pop() if len(runs) == 1 else None,
        leg=Shipment.Leg.LAST_MILE,
        from_place=depot,
        carrier=order.carrier,
        tracking_number=order.tracking_number,
        driver=order.driver,
        driver_phone=order.driver_phone,
        state=Shipment.State.DISPATCHED,
        planned_on=today,
        due_on=dates.arrival("last_mile", today, lead),
        dispatched_at=now,
        dispatch_command=order.command_id,
    )
    return shipment


def _set_out(parcels: Sequence[Parcel], command_id: str, by: Actor) -> None:
    lines = parcel_lines(parcel.pk for parcel in parcels)
    deltas = progress.Deltas()
    legs = []
    for parcel in parcels:
        quantities = [(x.item_id, x.lot_id, x.fund_id, x.units) for x in lines[parcel.pk]]
        place = parcel.place
        legs += moved((place.pk, Bucket.RESERVED), (place.pk, Bucket.IN_TRANSIT), quantities)
        for line in lines[parcel.pk]:
            deltas.add(place.division_id, line.item_id, last_mile_units=line.units)
    post_all([command(command_id, "dispatch", legs, by=by)])
    progress.keep(parcels[0].campaign_id, deltas)


_LINE = """
    INSERT INTO delivery_parcelline (parcel_id, item_id, lot_id, fund_id, units, received_units)
    VALUES (%s, %s, %s, %s, %s, 0)
"""
