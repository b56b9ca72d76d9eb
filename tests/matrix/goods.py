"""Goods of the national campaign on their way: what the rows of delivery and portal are made of."""

from dataclasses import replace
from datetime import date

from django.conf import settings

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.models import Parcel, ParcelLine, Photo, Receipt, Shipment, ShipmentLine
from tongzhou.delivery.rules import receive_token, slip_hash
from tongzhou.interchange.trace_ids import TraceKind, new_trace_id
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Place
from tongzhou.plans.models import Run
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Bucket, Fund, Lot

from .rows import campaigns, places
from .world import NOW, Making

DAY = date(2023, 1, 8)
PAST = date(2023, 1, 2)


def campaign(making: Making) -> Campaign:
    return campaigns.nations(making)


def run_of(making: Making) -> Run:
    found, _ = Run.objects.get_or_create(
        campaign=campaign(making),
        number=99,
        defaults={"state": "published", "seed": "s", "by": "system:matrix", "created_at": NOW},
    )
    return found


def lot() -> Lot:
    found, _ = Lot.objects.get_or_create(item=campaigns.item(), number="L1")
    return found


def fund() -> Fund:
    found, _ = Fund.objects.get_or_create(
        public_id="F-matrix", defaults={"name": "捐赠", "kind": "cash", "given_on": DAY}
    )
    return found


def depot(making: Making) -> Place:
    """The one depot of a division."""
    found, _ = Place.objects.get_or_create(
        code=f"depot-{making.division.code}",
        defaults={"name": f"站{making.relation}", "kind": "depot", "division": making.division},
    )
    return found


def shipped(making: Making, leg: str = "hub_depot", state: str = "planned") -> Shipment:
    """From a hub to a depot (or to clinics), both in the division, with a driver on board."""
    sender = places.stored(making, "hub")
    made = Shipment.objects.create(
        public_id=new_trace_id(TraceKind.SHIPMENT),
        campaign=campaign(making),
        leg=leg,
        from_place=sender,
        to_place=None if leg == "last_mile" else depot(making),
        carrier=making.organisation,
        tracking_number=f"T-{making.token}",
        driver=making.token,
        driver_phone=f"138{making.token}",
        state=state,
        planned_on=PAST,
        due_on=PAST,
        dispatched_at=None if state == "planned" else NOW,
    )
    ShipmentLine.objects.create(
        shipment=made,
        county=making.division,
        item=campaigns.item(),
        lot=lot(),
        fund=fund(),
        units=2,
    )
    return made


def packed(making: Making, state: str = "packed") -> Parcel:
    """A parcel for a clinic of the division, carried by the organisation."""
    shipment = shipped(making, "last_mile", "dispatched")
    public_id = new_trace_id(TraceKind.PARCEL)
    made = Parcel.objects.create(
        public_id=public_id,
        token_hash=slip_hash(settings.SECRET_KEY, public_id, 1),
        campaign=campaign(making),
        run=run_of(making),
        place=places.stored(replace(making, token=f"{making.token}c")),
        depot=depot(making),
        shipment=shipment,
        state=state,
        packed_at=NOW,
        dispatched_at=NOW,
        received_at=NOW if state == "received" else None,
    )
    ParcelLine.objects.create(parcel=made, item=campaigns.item(), lot=lot(), fund=fund(), units=2)
    _on_the_way(made)
    return made


def _on_the_way(parcel: Parcel) -> None:
    """Its units in the ledger, in transit to the clinic, so that a receipt can take them in."""
    key = (campaigns.item().pk, lot().pk, fund().pk)
    legs = [
        Leg(parcel.depot_id, Bucket.PRODUCER, *key, -2),
        Leg(parcel.place_id, Bucket.IN_TRANSIT, *key, 2),
    ]
    (result,) = post([Command(f"way-{parcel.public_id}", "dispatch", NOW, SYSTEM, legs)])
    assert result.status == "done", result


def token_of(public_id: str) -> str:
    return receive_token(settings.SECRET_KEY, public_id, 1)


def received(making: Making) -> Receipt:
    """A receipt with a name, a witness and a photograph."""
    parcel = packed(making, "received")
    photo = Photo.objects.create(
        sha256=making.token.encode().hex().ljust(64, "0")[:64],
        data=making.token.encode(),
        stored_at=NOW,
    )
    return Receipt.objects.create(
        command_id=f"matrix-{making.token}",
        parcel=parcel,
        place=parcel.place,
        method="office",
        signed_by=f"签{making.token}",
        witness=f"见证{making.token}",
        photo=photo,
        by="account:0",
        at=NOW,
    )
