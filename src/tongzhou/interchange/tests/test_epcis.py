"""EPCIS 2.0: the field names and words of the standard, for packed, shipped and received."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tongzhou.interchange import epcis
from tongzhou.interchange.epcis import Quantity, Step

CHINA = timezone(timedelta(hours=8))
SITE = "https://tongzhou.example/trace"
LANZHOU, COUNTY = f"{SITE}/places/hub-62/", f"{SITE}/places/depot-620102/"
STEP = Step(
    event_id="urn:uuid:8f93dd62-f7d5-4033-887a-e81e7596a988",
    at=datetime(2023, 1, 8, 2, 30, tzinfo=CHINA),
    place=LANZHOU,
    things=[f"{SITE}/cartons/C-1/", f"{SITE}/cartons/C-2/"],
    quantities=[Quantity(f"{SITE}/items/oximeter/", 200)],
    shipment=f"{SITE}/shipments/S-1/",
)


def test_shipped_is_an_observation_on_its_way_to_a_place():
    assert epcis.shipped(STEP, to=COUNTY) == {
        "type": "ObjectEvent",
        "eventID": STEP.event_id,
        "eventTime": "2023-01-07T18:30:00.000Z",
        "eventTimeZoneOffset": "+08:00",
        "epcList": list(STEP.things),
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": LANZHOU},
        "bizTransactionList": [{"type": "desadv", "bizTransaction": STEP.shipment}],
        "quantityList": [{"epcClass": f"{SITE}/items/oximeter/", "quantity": 200}],
        "sourceList": [{"type": "location", "source": LANZHOU}],
        "destinationList": [{"type": "location", "destination": COUNTY}],
    }


def test_received_stays_where_it_was_read():
    event = epcis.received(STEP, sent_from=COUNTY)
    assert (event["bizStep"], event["disposition"]) == ("receiving", "in_progress")
    assert event["bizLocation"] == event["readPoint"] == {"id": LANZHOU}
    assert event["sourceList"] == [{"type": "location", "source": COUNTY}]
    assert event["destinationList"] == [{"type": "location", "destination": LANZHOU}]


def test_packed_adds_children_to_a_parent():
    event = epcis.packed(STEP, into=STEP.shipment)
    assert event["type"] == "AggregationEvent"
    assert (event["action"], event["bizStep"]) == ("ADD", "packing")
    assert event["parentID"] == STEP.shipment
    assert event["childEPCs"] == list(STEP.things)
    assert event["childQuantityList"] == [{"epcClass": f"{SITE}/items/oximeter/", "quantity": 200}]
    assert not {"epcList", "quantityList"} & event.keys()


def test_what_is_not_known_is_left_out():
    bare = Step(event_id="urn:x:1", at=STEP.at, place=LANZHOU, things=["urn:x:2"])
    event = epcis.shipped(bare, to=COUNTY)
    assert not {"quantityList", "bizTransactionList", "bizLocation"} & event.keys()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [(UTC, "+00:00"), (timezone(timedelta(hours=-3, minutes=-30)), "-03:30"), (CHINA, "+08:00")],
)
def test_the_zone_of_an_event_is_kept(zone, shown):
    step = Step("urn:x:1", datetime(2023, 1, 8, tzinfo=zone), LANZHOU)
    assert epcis.shipped(step, to=COUNTY)["eventTimeZoneOffset"] == shown


def test_a_time_without_zone_is_an_error():
    step = Step("urn:x:1", datetime.fromisoformat("2023-01-08T02:30"), LANZHOU)
    with pytest.raises(ValueError, match="needs a zone"):
        epcis.shipped(step, to=COUNTY)


def test_a_document_has_the_context_and_version_of_the_standard():
    created = datetime(2023, 1, 9, tzinfo=UTC)
    events = [epcis.shipped(STEP, to=COUNTY), epcis.packed(STEP, into=STEP.shipment)]
    document = epcis.document(events, created=created)
    assert document["@context"] == [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
    ]
    assert (document["type"], document["schemaVersion"]) == ("EPCISDocument", "2.0")
    assert document["creationDate"] == "2023-01-09T00:00:00.000Z"
    assert document["epcisBody"] == {"eventList": events}
    streamed = json.loads(b"".join(epcis.chunks(iter(events), created=created)))
    assert streamed == document


def test_a_document_without_events_is_still_one():
    created = datetime(2023, 1, 9, tzinfo=UTC)
    streamed = json.loads(b"".join(epcis.chunks([], created=created)))
    assert streamed == epcis.document([], created=created)
