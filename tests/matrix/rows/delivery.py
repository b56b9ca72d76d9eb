"""Shipments, parcels, receipts, discrepancies, tasks and the board. Carriers see their own."""

from dataclasses import replace

from tongzhou.delivery.models import Discrepancy, Task

from ..goods import PAST, campaign, depot, packed, received, run_of, shipped, token_of
from ..table import (
    Row,
    api_form,
    api_listing,
    api_page,
    by_secret,
    form,
    listing,
    open_to_all,
    outbox,
    page,
    part_of,
)
from ..world import NOW, Built, Making
from . import campaigns

COMMAND = {"command": "matrix-command-1"}
# Counties have depots; a village has none, and what lies in it belongs to its county's.
COUNTIES = ("own", "sibling", "trap", "foreign", "none")


def shipment(making: Making) -> Built:
    made = shipped(making)
    data = {
        **COMMAND,
        "event": "departing",
        "at": "2023-01-08T10:00",
        "shipment": made.public_id,
        "signed_by": "王",
        "note": "遗失",
        "arrived": "all",
    }
    return Built(
        kwargs={"public_id": made.public_id},
        marks=(made.public_id,),
        secrets=(making.token, made.public_id),
        data=data,
    )


def shipment_on_its_way(making: Making) -> Built:
    made = shipped(making, state="dispatched")
    return Built(
        kwargs={"public_id": made.public_id},
        secrets=(making.token, made.public_id),
        data={**COMMAND, "signed_by": "王", "note": "遗失", "arrived": "all"},
    )


def shipment_to_leave(making: Making) -> Built:
    """The body names a shipment: what is not there to change stays where it is."""
    made = shipped(making)
    return Built(secrets=(making.token,), data={**COMMAND, "shipment": made.public_id})


def round_trip(making: Making) -> Built:
    parcel = packed(making)
    assert parcel.shipment is not None
    return Built(
        kwargs={"public_id": parcel.shipment.public_id},
        marks=(parcel.public_id,),
        secrets=(making.token, parcel.public_id),
    )


def depots(making: Making) -> Built:
    depot(making)
    link = f"/desk/parcels/{making.division.code}/"
    return Built(marks=(link,), secrets=(link,))


def county(making: Making) -> Built:
    """A county's page, with one of its parcels and what was said of another."""
    made = packed(making)
    data = {**COMMAND, "parcel": made.public_id}
    return Built(
        kwargs={"code": making.division.code},
        marks=(made.public_id,),
        secrets=(making.token, made.public_id),
        data=data,
    )


def county_to_pack(making: Making) -> Built:
    made = county(making)
    return replace(made, kwargs={**made.kwargs, "run_id": run_of(making).pk}, marks=())


def parcel(making: Making) -> Built:
    made = packed(making)
    data = {
        **COMMAND,
        "arrived": "all",
        "signed_by": "王医生",
        "witness": "李护士",
        "note": "遗失",
    }
    return Built(
        kwargs={"public_id": made.public_id},
        marks=(made.public_id,),
        secrets=(making.token, made.public_id),
        data=data,
    )


def receipt(making: Making) -> Built:
    made = received(making)
    assert made.parcel is not None
    return Built(
        kwargs={"public_id": made.parcel.public_id},
        marks=(f"签{making.token}",),
        secrets=(f"签{making.token}", f"见证{making.token}"),
    )


def told(making: Making) -> Built:
    """Receipts for programs name nobody, in reach or out of it."""
    made = received(making)
    assert made.parcel is not None
    return Built(marks=(made.parcel.public_id,), secrets=(made.parcel.public_id,))


def witnessed(making: Making) -> Built:
    """A driver's or an office's telephone sends a receipt with a witness."""
    made = packed(making)
    body = {"parcel": made.public_id, "arrived": "all", "witness": "李护士", "signed_by": "王"}
    command = {"id": f"c-{making.token}", "kind": "receipt.witnessed", "body": body}
    return Built(
        secrets=(making.token + "c",),
        data={"json": {"device": "phone", "commands": [command]}},
    )


def tracked(making: Making) -> Built:
    made = shipped(making, state="dispatched")
    event = {"shipment": made.public_id, "event": "arriving", "at": "2023-01-08T10:00:00+08:00"}
    return Built(data={"json": {"events": [event]}})


def photo(making: Making) -> Built:
    made = received(making)
    assert made.parcel is not None
    return Built(
        kwargs={"public_id": made.parcel.public_id, "receipt_id": made.pk},
        marks=(making.token,),
        secrets=(making.token,),
    )


def difference(making: Making) -> Built:
    told = received(making)
    made = Discrepancy.objects.create(
        receipt=told,
        place=told.place,
        item=campaigns.item(),
        kind="short",
        units=1,
        due_on=PAST,
        note=f"少了{making.token}",
        opened_at=NOW,
    )
    return Built(
        kwargs={"pk": made.pk},
        marks=(told.place.name,),
        secrets=(making.token, f"/desk/discrepancies/{made.pk}/"),
        data={**COMMAND, "outcome": "explained", "note": "清点"},
    )


def task(making: Making) -> Built:
    made = Task.objects.create(
        campaign=campaign(making),
        division=making.division,
        shipment=shipped(making, state="dispatched"),
        step="arrive",
        due_on=PAST,
        opened_at=NOW,
        note=making.token,
    )
    return Built(
        kwargs={"pk": made.pk},
        marks=(making.division.name,),
        secrets=(f"/desk/tasks/{made.pk}/done/", f"C{making.token}"),
        data={"note": "已办"},
    )


def due(making: Making) -> Built:
    """A county whose goods are on their way, so that the board speaks of it."""
    shipped(making, state="dispatched")
    return Built(
        kwargs={"code": making.division.code},
        marks=(f"/desk/board/{making.division.code}/",),
        secrets=(f"/desk/board/{making.division.code}/",),
    )


def due_clinic(making: Making) -> Built:
    made = packed(making)
    return Built(
        kwargs={"code": making.division.code},
        marks=(made.place.name,),
        secrets=(making.token,),
    )


def slip(making: Making) -> Built:
    made = packed(making)
    return Built(
        kwargs={"token": token_of(made.public_id)},
        data={**COMMAND, "arrived": "all", "signed_by": "王医生"},
    )


def label(making: Making) -> Built:
    """Public: the place is named, whoever drove or signed is not."""
    made = received(making)
    assert made.parcel is not None
    return Built(
        kwargs={"public_id": made.parcel.public_id},
        secrets=(f"138{making.token}", f"签{making.token}", f"见证{making.token}"),
        data={**COMMAND, "signed_by": "王医生"},
    )


def script(making: Making) -> Built:
    return Built(kwargs={"name": "receive"})


OURS = {"by_organisation": True}
PAPER = {"marks": False, "same": False, "why": "a PDF carries the moment it was made"}
HERE = {"relations": COUNTIES}
FORM = {"posts": True, "marks": False}
ROWS: list[Row] = [
    listing("shipments", "shipments.view", shipment, **OURS),
    form("shipments-leave", "shipments.dispatch", shipment_to_leave, gets=False),
    form("tracking", "shipments.report", posts=False),
    page("shipment", "shipments.view", shipment, **OURS),
    page("shipment-packed", "shipments.dispatch", shipment, gets=False, posts=True),
    page("shipment-leave", "shipments.dispatch", shipment, **FORM),
    page("shipment-postpone", "shipments.dispatch", shipment, **FORM),
    page("shipment-receive", "shipments.receive", shipment_on_its_way, **FORM),
    page("shipment-lost", "shipments.receive", shipment_on_its_way, **FORM),
    page("shipment-report", "shipments.report", shipment, **FORM, **OURS),
    page("waybill", "shipments.view", shipment, **PAPER, **OURS),
    listing("parcels", "parcels.view", depots, **HERE),
    page("county-parcels", "parcels.view", county, **HERE),
    page("parcels-pack", "parcels.pack", county_to_pack, gets=False, posts=True, **HERE),
    page("parcels-leave", "parcels.pack", county, gets=False, posts=True, **HERE),
    page("labels", "parcels.pack", county, **PAPER, **HERE),
    page("slips", "parcels.pack", county, **PAPER, **HERE),
    page("parcel", "parcels.view", parcel, **OURS),
    # Who signed is shown to those who may enter receipts, not to everybody who sees the parcel.
    part_of("parcel", "parcels.view", "parcels.enter_receipt", receipt, part="names", **OURS),
    page("parcel-receipt", "parcels.enter_receipt", parcel, writes=True, **FORM, **OURS),
    page("parcel-lost", "parcels.pack", parcel, **FORM),
    page("parcel-new-slip", "parcels.pack", parcel, gets=False, posts=True),
    page("parcel-slip", "parcels.pack", parcel, **PAPER),
    page("photo", "parcels.enter_receipt", photo, **OURS),
    listing("discrepancies", "discrepancies.view", difference),
    page("discrepancy", "discrepancies.view", difference),
    listing("board", "board.view", due, **HERE),
    page("board-county", "board.view", due_clinic, **HERE),
    listing("tasks", "board.view", task),
    page("task-close", "tasks.edit", task, gets=False, posts=True, writes=True),
    page("slice", "parcels.enter_receipt", county, **HERE),
    page("drive-county", "parcels.enter_receipt", county, **HERE),
    page("drive", "parcels.enter_receipt", round_trip, **OURS),
    by_secret("receive", slip, methods=("GET", "POST")),
    open_to_all("claim", label, methods=("GET", "POST"), marks=False),
    open_to_all("parcel-script", script),
    open_to_all("drive-script", script),
    outbox("commands", "parcels.enter_receipt", witnessed, writes=True, **OURS),
    api_listing("shipments", "shipments.view", shipment, **OURS),
    api_page("shipments/<public_id>", "shipments.view", shipment, **OURS),
    api_page("shipments/<public_id>/epcis", "shipments.view", shipment, marks=False, **OURS),
    api_listing("parcels", "parcels.view", parcel, **OURS),
    api_page("parcels/<public_id>", "parcels.view", parcel, **OURS),
    api_listing("receipts", "parcels.view", told, **OURS),
    api_form("tracking", "shipments.report", tracked, writes=True, **OURS),
]
