"""A message reaches its handler after commit, once, and a failing one is not lost."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction

from tongzhou.kit import clock, handlers
from tongzhou.kit.actions import record, retry_message
from tongzhou.kit.jobs import deliver_next, drain, outbox, work
from tongzhou.kit.models import Event, OutboxMessage, PersonKey
from tongzhou.kit.rules import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_registries")]


@pytest.fixture
def publish(person):
    def write():
        with transaction.atomic():
            return record("plan.published", person, by=SYSTEM, chain="county:1", after={"run": 7})

    return write


def heard(name="board", verb="plan.published"):
    events = []
    handlers.on(verb, name)(events.append)
    return events


def test_the_handler_gets_the_event_once(publish):
    events = heard()
    event = publish()
    assert events == []
    assert drain() == 1
    assert drain() == 0
    assert events == [event]
    assert events[0].after == {"run": 7}


def test_every_recipient_gets_it(publish):
    board, letters = heard("board"), heard("letters")
    publish()
    assert drain() == 2
    assert len(board) == len(letters) == 1


def test_what_a_failing_handler_changed_is_undone_and_it_is_called_again(publish, noon):
    calls = []

    @handlers.on("plan.published", "board")
    def fails_once(event):
        PersonKey.objects.create(subject="made by the handler")
        calls.append(event)
        if len(calls) == 1:
            raise ValueError("the printer is off\nDETAIL: 13812341234")

    publish()
    assert isinstance(deliver_next(), ValueError)
    assert not PersonKey.objects.filter(subject="made by the handler").exists()
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts) == ("waiting", 1)
    assert message.error == "ValueError: the printer is off"
    assert deliver_next() is False
    with clock.fixed_at(noon + timedelta(seconds=2)):
        assert deliver_next() is True
    assert PersonKey.objects.filter(subject="made by the handler").count() == 1
    assert OutboxMessage.objects.get().error == ""


def test_a_dead_letter_stays_to_be_seen_and_can_be_sent_again(publish):
    @handlers.on("plan.published", "board")
    def fails(event):
        raise ValueError("always")

    publish()
    for _ in range(outbox.ATTEMPTS):
        deliver_next(whenever=True)
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts) == ("failed", outbox.ATTEMPTS)
    assert deliver_next(whenever=True) is False
    events = heard()
    assert retry_message(message, by=SYSTEM)
    assert drain() == 1
    assert len(events) == 1
    assert not retry_message(message, by=SYSTEM)
    assert Event.objects.filter(verb="message.retried").count() == 1


def test_one_failing_recipient_does_not_hold_up_the_others(publish):
    @handlers.on("plan.published", "a-first")
    def fails(event):
        raise ValueError("always")

    events = heard("b-second")
    publish()
    assert work() >= 1
    assert len(events) == 1


def test_a_recipient_that_is_gone_is_named(publish):
    heard("of-an-app-that-was-removed")
    publish()
    handlers._by_verb.clear()
    assert isinstance(deliver_next(), LookupError)
    assert "of-an-app-that-was-removed" in OutboxMessage.objects.get().error


def test_drain_raises_what_a_handler_raises(publish):
    @handlers.on("plan.published", "board")
    def fails(event):
        raise ValueError("always")

    publish()
    with pytest.raises(ValueError, match="always"):
        drain()


def test_an_action_inside_a_handler_writes_its_own_event_and_is_followed_up(publish, person):
    @handlers.on("plan.published", "delivery")
    def ship(event):
        record("shipments.made", person, by=SYSTEM, chain=event.chain)

    events = heard("board", "shipments.made")
    publish()
    assert drain() == 2
    assert [event.verb for event in events] == ["shipments.made"]


def test_an_event_that_was_rolled_back_sets_nothing_going(person):
    events = heard()
    with suppress(ZeroDivisionError), transaction.atomic():
        record("plan.published", person, by=SYSTEM, chain="county:1")
        raise ZeroDivisionError
    assert (drain(), events) == (0, [])
