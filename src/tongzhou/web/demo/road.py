"""Trucks and counters: each batch goes to the hubs, to the counties, and to a province's
drivers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.actions.arrivals import Arrival, receive_shipments
from tongzhou.delivery.actions.hops import Dispatch, dispatch_shipments, postpone_shipment
from tongzhou.delivery.actions.parcels import dispatch_parcels, pack_county
from tongzhou.delivery.models import Parcel, Shipment
from tongzhou.kit import clock, jobs
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.plans.models import Run
from tongzhou.web.demo import story

# A shipment from a dock is one posting a county, so few of them fill one call of the ledger.
AT_ONCE = {Shipment.Leg.DOCK_HUB: 4, Shipment.Leg.HUB_DEPOT: 400}
FAR_KM = 900.0
KM_PER_DEGREE = 111.2


def run_of(campaign: Campaign, batch: story.Batch) -> Run:
    return campaign.runs.get(number=batch.number)


def carry(campaign: Campaign, batch: story.Batch) -> None:
    """Docks to hubs in one to three days by distance, hubs to counties the day after.

    What would arrive later than the evening of the story stays on the road.
    """
    run = run_of(campaign, batch)
    legs = run.shipments.filter(leg=Shipment.Leg.DOCK_HUB).select_related("from_place", "to_place")
    leaves = batch.ready + timedelta(hours=4)
    _dispatch(list(legs), leaves)
    by_hub: dict[int, list[Shipment]] = defaultdict(list)
    for shipment in legs:
        assert shipment.to_place_id is not None  # the database asks for it on this leg
        by_hub[shipment.to_place_id].append(shipment)
    for hub_id, shipments in by_hub.items():
        arrives = leaves + timedelta(hours=max(_hours(shipment) for shipment in shipments))
        if arrives > story.NOW:
            continue
        _receive(shipments, arrives)
        _to_counties(run, hub_id, arrives + timedelta(hours=6))


def _to_counties(run: Run, hub_id: int, leaves: datetime) -> None:
    if leaves > story.NOW:
        return
    legs = list(
        run.shipments.filter(leg=Shipment.Leg.HUB_DEPOT, from_place=hub_id).select_related(
            "to_place__division"
        )
    )
    late = [leg for leg in legs if _is_late(leg)]
    legs = [leg for leg in legs if not _is_late(leg)]
    with clock.fixed_at(leaves):
        for leg in late:
            postpone_shipment(leg, story.ROAD_OPENS, "山路积雪，道路封闭", by=SYSTEM)
    _dispatch(legs, leaves)
    arrives = leaves + timedelta(hours=20)
    if arrives <= story.NOW:
        _receive(legs, arrives)


def _is_late(leg: Shipment) -> bool:
    return leg.to_place is not None and leg.to_place.division.code == story.LATE_COUNTY


def _hours(shipment: Shipment) -> int:
    """Road hours from dock to hub: 28 for neighbours, 52 beyond 900 km, 68 beyond twice that."""
    one, other = shipment.from_place, shipment.to_place
    if other is None or None in (one.lat, one.lon, other.lat, other.lon):
        return 52
    north = (one.lat or 0) - (other.lat or 0)
    east = ((one.lon or 0) - (other.lon or 0)) * 0.8
    km = KM_PER_DEGREE * float(north**2 + east**2) ** 0.5
    return 28 if km < FAR_KM else 52 if km < 2 * FAR_KM else 68


def _dispatch(shipments: Sequence[Shipment], at: datetime) -> None:
    carrier = Organisation.objects.get(code="carrier-1")
    with clock.fixed_at(at):
        for some in _slices(shipments):
            dispatch_shipments(
                [
                    Dispatch(
                        shipment.pk,
                        f"demo:dispatch:{shipment.pk}",
                        carrier=carrier,
                        tracking_number=f"DEMO{shipment.pk:08d}",
                    )
                    for shipment in some
                ],
                by=SYSTEM,
            )


def _receive(shipments: Sequence[Shipment], at: datetime) -> None:
    with clock.fixed_at(at):
        for some in _slices(shipments):
            receive_shipments(
                [
                    Arrival(shipment.pk, f"demo:receive:{shipment.pk}", signed_by="演示收货")
                    for shipment in some
                ],
                by=SYSTEM,
            )


def _slices(shipments: Sequence[Shipment]) -> Iterator[Sequence[Shipment]]:
    """Shipments of one leg, as many at once as one posting takes."""
    if shipments:
        size = AT_ONCE[Shipment.Leg(shipments[0].leg)]
        for start in range(0, len(shipments), size):
            yield shipments[start : start + size]


def hand_to_drivers(campaign: Campaign, province: str) -> None:
    """Counties of one province pack what they have and give it to drivers; the clinics then sign
    one after the other while the demonstration is already being served."""
    area = Division.objects.get(code=province)
    depots = Place.objects.filter(
        kind=Place.Kind.DEPOT, division__first__gte=area.first, division__first__lte=area.last
    ).select_related("division")
    for depot in depots.order_by("division__first"):
        for run in _arrived(campaign, depot):
            _pack_and_send(run, depot)
    # Before the moment at which the demonstration's clock starts, so that it is due at once.
    with clock.fixed_at(story.NOW - timedelta(hours=1)):
        jobs.enqueue("demo.sign", f"demo:sign:{province}", {"province": province}, by=SYSTEM)


def _arrived(campaign: Campaign, depot: Place) -> list[Run]:
    """Runs of which something has been received at this depot, in order."""
    return list(
        campaign.runs.filter(shipments__to_place=depot, shipments__received_at__isnull=False)
        .distinct()
        .order_by("number")
    )


def _pack_and_send(run: Run, depot: Place) -> None:
    received = run.shipments.filter(to_place=depot, received_at__isnull=False)
    at = max(s.received_at for s in received if s.received_at) + timedelta(hours=3)
    if at > story.NOW:
        return
    with clock.fixed_at(at):
        pack_county(run, depot, command_id=f"demo:pack:{run.pk}:{depot.pk}", by=SYSTEM)
    parcels = Parcel.objects.filter(run=run, depot=depot, state=Parcel.State.PACKED)
    ids = list(parcels.values_list("pk", flat=True))
    leaves = at + timedelta(hours=12)
    if not ids or leaves > story.NOW:
        return
    order = Dispatch(0, f"demo:drive:{run.pk}:{depot.pk}", driver="演示司机")
    with clock.fixed_at(leaves):
        dispatch_parcels(depot, ids, order, by=SYSTEM)
