"""What `verify` looks at beyond the ledger and the chains."""

import pytest
from django.db import connection

from tongzhou.kit.tests.unguarded import unguarded
from tongzhou.web import checking

pytestmark = pytest.mark.django_db


def test_a_fresh_database_is_sound():
    assert checking.faults() == []


def test_a_missing_guard_of_the_log_is_named():
    place = " ON kit_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER kit_event_no_update{place}")
    assert checking.faults() == [
        "guard_missing: the trigger kit_event_no_update is not in the database"
    ]


def test_a_row_without_its_parent_is_named():
    """SQLite would take it from a program that turns the check of foreign keys off."""
    if connection.vendor != "sqlite":
        assert checking._file_faults() == []
        return
    with unguarded(connection), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kit_outboxmessage (event_id, recipient, state, attempts, next_at, error)"
            " VALUES (999, 'x', 'waiting', 0, '2023-01-08', '')"
        )
        assert "its kit_event row is missing" in checking.faults()[0]
        cursor.execute("DELETE FROM kit_outboxmessage")
