"""Everything that has to be true of the stored data, checked in one go."""

from collections.abc import Iterable

from django.db import connection

from tongzhou.kit.append_only import SQLITE
from tongzhou.kit.queries import verify_chains
from tongzhou.kit.rules import ChainHead
from tongzhou.supplies.queries import verify_ledger

GUARDS = tuple(
    name.format(table=table) for table in ("kit_event", "kit_eventchain") for name in SQLITE
)


def faults(published: Iterable[ChainHead] = ()) -> list[str]:
    """Faults of the file itself, of the ledger, of the event log; [] when all is sound."""
    return [*_file_faults(), *_guard_faults(), *verify_ledger(), *verify_chains(published)]


def _guard_faults() -> list[str]:
    """The triggers that keep the log as it was written; without them it could be changed unseen
    until somebody compares it with a published head."""
    source = "pg_trigger" if connection.vendor == "postgresql" else "sqlite_master"
    column = "tgname" if connection.vendor == "postgresql" else "name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {source}")
        there = {str(row[0]) for row in cursor.fetchall()}
    missing = [name for name in GUARDS if name not in there]
    return [f"guard_missing: the trigger {name} is not in the database" for name in missing]


def _file_faults() -> list[str]:
    """SQLite can tell a damaged file; PostgreSQL checks its pages as it reads them."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(10)")
        words = [str(row[0]) for row in cursor.fetchall()]
        cursor.execute("PRAGMA foreign_key_check")
        lost = cursor.fetchmany(10)
    damaged = [f"database file: {word}" for word in words if word != "ok"]
    return damaged + [
        f"{table} row {row}: its {parent} row is missing" for table, row, parent, _ in lost
    ]
