"""The database itself keeps the log as it was written."""

import pytest
from django.db import DatabaseError, connection, transaction

from tongzhou.kit.actions import record
from tongzhou.kit.append_only import guards
from tongzhou.kit.models import EventChain
from tongzhou.kit.rules import SYSTEM

from .unguarded import unguarded

EDITS = [
    "UPDATE kit_event SET verb = 'x'",
    "DELETE FROM kit_event",
    "DELETE FROM kit_eventchain",
    "UPDATE kit_eventchain SET length = length - 1",
    "UPDATE kit_eventchain SET name = 'elsewhere'",
]


@pytest.fixture
def event(person):
    with transaction.atomic():
        return record("account.made", person, by=SYSTEM, chain="county:620102")


@pytest.mark.parametrize("edit", EDITS)
def test_the_log_refuses(event, edit):
    with pytest.raises(DatabaseError, match="appended, never changed"), transaction.atomic():
        connection.cursor().execute(edit)


@pytest.mark.parametrize("edit", EDITS[:2])
def test_the_guard_is_what_refuses_it(event, edit):
    with unguarded(connection), transaction.atomic():
        connection.cursor().execute(edit)


def test_a_chain_may_grow(event):
    assert EventChain.objects.filter(pk=event.chain).update(length=2) == 1


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_every_guard_names_its_table_and_says_what_to_do(vendor):
    statements = guards(vendor, "kit_event")
    assert len(statements) == (2 if vendor == "sqlite" else 4)
    assert all("kit_event" in text for text in statements)
    assert any("correct them by a new row" in text for text in statements)


def test_on_postgresql_the_log_cannot_be_emptied_either(event):
    if connection.vendor != "postgresql":
        assert not any("TRUNCATE" in text for text in guards("sqlite", "kit_event"))
        return
    with pytest.raises(DatabaseError, match="appended, never changed"), transaction.atomic():
        connection.cursor().execute("TRUNCATE kit_event CASCADE")
