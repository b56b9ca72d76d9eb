"""A shipment's events in the words of EPCIS 2.0: packed, shipped, received."""

from typing import Any

from tongzhou.interchange import epcis
from tongzhou.kit import clock
from tongzhou.places.models import Place

from ..models import Shipment
from .desk import shipment_contents


def document_of(shipment: Shipment, base_url: str) -> dict[str, Any]:
    """An EPCISDocument of what has happened to a shipment so far; ids are public addresses.

    `base_url` ends with a slash.
    """
    events: list[epcis.Event] = []
    if shipment.dispatched_at and shipment.to_place:
        to = _place(base_url, shipment.to_place)
        step = _step(shipment, base_url, "shipped", shipment.from_place, shipment.dispatched_at)
        events.append(epcis.shipped(step, to=to))
    if shipment.received_at and shipment.to_place:
        sender = _place(base_url, shipment.from_place)
        step = _step(shipment, base_url, "received", shipment.to_place, shipment.received_at)
        events.append(epcis.received(step, sent_from=sender))
    return epcis.document(events, created=clock.now())


def _step(shipment: Shipment, base_url: str, what: str, place: Place, at: Any) -> epcis.Step:
    own = f"{base_url}desk/shipments/{shipment.public_id}/"
    cartons = [f"{own}#{code}" for code in shipment.cartons.values_list("public_id", flat=True)]
    return epcis.Step(
        event_id=f"{own}#{what}",
        at=at,
        place=_place(base_url, place),
        things=cartons,
        quantities=[
            epcis.Quantity(f"{base_url}trace/items/{content.item.code}", content.units)
            for content in shipment_contents(shipment)
        ],
        shipment=own,
    )


def _place(base_url: str, place: Place) -> str:
    return f"{base_url}trace/places/{place.code}/"
