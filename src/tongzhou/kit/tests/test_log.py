"""One event per action: numbered, chained, sealed, and followed by its messages."""

import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tongzhou.kit import clock, handlers
from tongzhou.kit.actions import Told, body_of, record, record_each, values_of
from tongzhou.kit.models import Event, EventChain, OutboxMessage, PersonKey
from tongzhou.kit.queries import chain_heads, history, verify_chains
from tongzhou.kit.rules import GENESIS, SYSTEM, Actor, digest_of

COUNTY = "county:620102"


def write(person, verb="account.changed", chain=COUNTY, **values):
    with transaction.atomic():
        return record(verb, person, by=Actor("account", "1", "desk"), chain=chain, after=values)


def test_an_event_says_who_did_what_to_which_row(person, noon):
    event = write(person, language="en")
    event.refresh_from_db()
    assert (event.actor, event.device, event.verb) == ("account:1", "desk", "account.changed")
    assert (event.subject_kind, event.subject_id) == ("people.account", str(person.pk))
    assert event.at == noon
    assert event.after == {"language": "en"}


def test_events_of_a_chain_are_numbered_and_linked(person):
    first, second = write(person, a=1), write(person, a=2)
    assert [first.seq, second.seq] == [1, 2]
    assert first.digest == digest_of(GENESIS, body_of(first))
    assert second.digest == digest_of(first.digest, body_of(second))
    chain = EventChain.objects.get(pk=COUNTY)
    assert (chain.length, chain.last_digest) == (2, second.digest)


def test_each_chain_counts_for_itself(person):
    write(person), write(person, chain="county:620103"), write(person)
    assert [(head.chain, head.length) for head in chain_heads()] == [
        (COUNTY, 2),
        ("county:620103", 1),
    ]


def test_many_events_of_one_action_are_chained_as_if_written_singly(person):
    write(person, a=0)
    told = [
        Told(person, chain, before={"a": n - 1}, after={"a": n})
        for n, chain in enumerate([COUNTY, "county:620103", COUNTY, "county:620101"], 1)
    ]
    with transaction.atomic():
        events = record_each("account.changed", told, by=SYSTEM)
    assert [(event.chain, event.seq) for event in events] == [
        (COUNTY, 2),
        ("county:620103", 1),
        (COUNTY, 3),
        ("county:620101", 1),
    ]
    assert events[2].digest == digest_of(events[0].digest, body_of(events[2]))
    stored = Event.objects.in_bulk([event.pk for event in events])
    assert [stored[event.pk].after["a"] for event in events] == [1, 2, 3, 4]
    assert verify_chains() == []


@pytest.mark.django_db
def test_chains_are_locked_in_the_order_of_their_names(person):
    """Whatever the order of the events, so that two actions never lock each other out."""
    told = [Told(person, chain) for chain in ("county:3", "county:1", "county:2", "county:1")]
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        record_each("account.changed", told, by=SYSTEM)
    steps = [one["sql"] for one in asked if "RETURNING length" in one["sql"]]
    locked = [re.search(r"county:\d", sql)[0] for sql in steps]
    assert list(dict.fromkeys(locked)) == ["county:1", "county:2", "county:3"]


@pytest.mark.django_db
def test_no_event_is_no_change():
    with transaction.atomic():
        assert record_each("account.changed", [], by=SYSTEM) == []


def test_each_of_many_events_gets_its_messages(person, blank_registries):
    handlers.on("account.changed", "letters")(lambda event: None)
    with transaction.atomic():
        events = record_each("account.changed", [Told(person, COUNTY)] * 2, by=SYSTEM)
    rows = OutboxMessage.objects.order_by("event").values_list("event", flat=True)
    assert list(rows) == [event.pk for event in events]


def test_a_key_is_made_only_where_there_is_something_to_seal(person):
    assert write(person, language="en", name="", phone=None).after["name"] is None
    assert not PersonKey.objects.exists()


def test_a_personal_value_is_never_in_the_log(person):
    event = write(person, **values_of(person, "email", "name", "phone", "language"))
    event.refresh_from_db()
    text = f"{event.before} {event.after}"
    assert not any(value in text for value in ("zhang", "张三", "1381234"))
    assert event.after["language"] == "zh-hans"
    assert PersonKey.objects.get().subject == f"people.account:{person.pk}"


def test_a_value_that_comes_back_can_be_recognised_while_the_key_is_there(person):
    assert write(person, name="李四").after == write(person, name="李四").after
    assert write(person, name="李四").after != write(person, name="王五").after


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record("x.done", PersonKey(pk=1), by=SYSTEM, chain=COUNTY)


def test_an_action_that_fails_leaves_no_event_and_no_number(person):
    with suppress(ZeroDivisionError), transaction.atomic():
        record("x.done", person, by=SYSTEM, chain=COUNTY)
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert write(person).seq == 1


def test_a_value_the_log_cannot_hold_is_refused_before_anything_is_written(person):
    with pytest.raises(ValueError, match="cannot hold"):
        write(person, share=float("nan"))
    assert not Event.objects.exists()


def test_two_events_never_share_a_number(person):
    event = write(person)
    event.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


def test_each_handler_of_the_verb_gets_one_message(person, blank_registries):
    handlers.on("account.changed", "letters")(lambda event: None)
    handlers.on("account.changed", "board")(lambda event: None)
    handlers.on("account.made", "other")(lambda event: None)
    event = write(person)
    rows = OutboxMessage.objects.filter(event=event).order_by("recipient")
    assert [row.recipient for row in rows] == ["board", "letters"]


def test_the_history_of_a_row_is_newest_first(person):
    first, second = write(person, a=1), write(person, a=2)
    assert list(history(person)) == [second, first]
    assert str(second) == f"account.changed people.account:{person.pk}"


def test_an_event_of_a_clock_in_another_zone_keeps_its_digest(person):
    with clock.fixed_at(datetime(2023, 1, 6, 22, 0, tzinfo=timezone(timedelta(hours=8)))):
        assert write(person).at.hour == 14
    assert verify_chains() == []


def test_awkward_values_come_back_with_the_same_digest(person):
    write(person, text="“药” ½\u2028", big=2**62, small=1.5e-7, nested={"z": [1.25, None, True]})
    assert verify_chains() == []
