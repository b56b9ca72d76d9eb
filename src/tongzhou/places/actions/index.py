"""The name index of divisions, kept by hand on SQLite; PostgreSQL keeps its own from the names."""

from collections.abc import Iterable

from django.db import connection

from ..queries.search import LEVEL_BITS
from ..rules import names
from . import bulk

Named = tuple[int, int, str]  # level, first, name


def fill(rows: Iterable[Named]) -> None:
    """Add divisions that are not in the index."""
    if connection.vendor == "sqlite":
        bulk.many(
            "INSERT INTO places_division_terms (rowid, terms) VALUES (?, ?)",
            (pair for pair in map(_entry, rows) if pair[1]),
        )


def remove(rows: Iterable[Named]) -> None:
    """Take divisions out; level, number and name must be those with which they were filled."""
    if connection.vendor == "sqlite":
        bulk.many(
            "INSERT INTO places_division_terms (places_division_terms, rowid, terms)"
            " VALUES ('delete', ?, ?)",
            (pair for pair in map(_entry, rows) if pair[1]),
        )


def clear() -> None:
    """Empty the index."""
    _command("delete-all")


def compact() -> None:
    """One segment instead of many, after a mass load: smaller and faster to read."""
    _command("optimize")


def _command(name: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO places_division_terms (places_division_terms) VALUES (%s)", [name]
            )


def _entry(row: Named) -> tuple[int, str]:
    level, first, name = row
    return (level << LEVEL_BITS) + first, " ".join(names.terms(name))
