"""What happened to goods, as EPCIS 2.0 events in JSON-LD (GS1 EPCIS 2.0, CBV 2.0).

Three steps are written: packed (AggregationEvent), shipped and received (ObjectEvent). Every id
is a URI: the public trace address of a parcel or carton, of a place, of an item. Names of persons
have no place in an event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
Event = dict[str, object]


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many units of an item, whose URI is `item`."""

    item: str
    units: int


@dataclass(frozen=True, slots=True)
class Step:
    """What all events have: an id, the moment (with its zone), the things and the place.

    `event_id` is a URI that stays the same on every export. `things` are URIs of parcels or
    cartons, `quantities` those goods that have no id of their own. `place` is where it happened;
    `shipment` the URI of the despatch advice it belongs to.
    """

    event_id: str
    at: datetime
    place: str
    things: Sequence[str] = ()
    quantities: Sequence[Quantity] = ()
    shipment: str | None = None


def shipped(step: Step, *, to: str) -> Event:
    """The things left `step.place` for the place `to`."""
    return {
        **_object_event(step, "shipping", "in_transit"),
        "sourceList": [{"type": "location", "source": step.place}],
        "destinationList": [{"type": "location", "destination": to}],
    }


def received(step: Step, *, sent_from: str) -> Event:
    """The things reached `step.place` from the place `sent_from` and stay there."""
    return {
        **_object_event(step, "receiving", "in_progress"),
        "bizLocation": {"id": step.place},
        "sourceList": [{"type": "location", "source": sent_from}],
        "destinationList": [{"type": "location", "destination": step.place}],
    }


def packed(step: Step, *, into: str) -> Event:
    """The things were put into the carton or shipment `into`."""
    event: Event = {
        "type": "AggregationEvent",
        **_when(step),
        "parentID": into,
        "childEPCs": list(step.things),
        "action": "ADD",
        **_why_and_where(step, "packing", "in_progress"),
    }
    if step.quantities:
        event["childQuantityList"] = _quantities(step)
    return event


def document(events: Sequence[Event], *, created: datetime) -> Event:
    """An EPCISDocument that holds the events."""
    return {**_head(created), "epcisBody": {"eventList": list(events)}}


def chunks(events: Iterable[Event], *, created: datetime) -> Iterator[bytes]:
    """The bytes of `document(events)`, one event at a time."""
    head = json.dumps(_head(created), ensure_ascii=False)
    yield (head.removesuffix("}") + ', "epcisBody": {"eventList": [').encode()
    separator = ""
    for event in events:
        yield (separator + json.dumps(event, ensure_ascii=False)).encode()
        separator = ", "
    yield b"]}}"


def _head(created: datetime) -> Event:
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _utc(created),
    }


def _object_event(step: Step, business_step: str, disposition: str) -> Event:
    event: Event = {
        "type": "ObjectEvent",
        **_when(step),
        "epcList": list(step.things),
        "action": "OBSERVE",
        **_why_and_where(step, business_step, disposition),
    }
    if step.quantities:
        event["quantityList"] = _quantities(step)
    return event


def _when(step: Step) -> Event:
    return {
        "eventID": step.event_id,
        "eventTime": _utc(step.at),
        "eventTimeZoneOffset": _offset(step.at),
    }


def _why_and_where(step: Step, business_step: str, disposition: str) -> Event:
    event: Event = {
        "bizStep": business_step,
        "disposition": disposition,
        # Read point is where it was seen; business location, where it stays until the next event.
        "readPoint": {"id": step.place},
    }
    if step.shipment is not None:
        # A despatch advice is what the CBV calls the list that goes with a shipment.
        event["bizTransactionList"] = [{"type": "desadv", "bizTransaction": step.shipment}]
    return event


def _quantities(step: Step) -> list[Event]:
    return [{"epcClass": one.item, "quantity": one.units} for one in step.quantities]


def _utc(moment: datetime) -> str:
    _zone(moment)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _offset(moment: datetime) -> str:
    minutes = int(_zone(moment).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:02}:{rest:02}"


def _zone(moment: datetime) -> timedelta:
    zone = moment.utcoffset()
    if zone is None:
        raise ValueError("The time of an event needs a zone.")
    return zone
