"""The few words in which the databases differ, over whichever connection a posting is given."""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import psycopg
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Rows = Sequence[tuple[Any, ...]]
Whole = Callable[[], AbstractContextManager[Any]]

UNNEST = "SELECT * FROM unnest({})"
# The inner LIMIT makes it one seek of the primary key for each line, whatever the planner believes
# of a table it has not analysed yet; as a plain join it walked the table.
HELD = """
SELECT k.account, k.item, k.lot, k.fund, b.units
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS k (account, item, lot, fund)
CROSS JOIN LATERAL (
    SELECT units FROM supplies_balance
    WHERE account_id = k.account AND item_id = k.item AND lot_id = k.lot AND fund_id = k.fund
    LIMIT 1
) AS b
"""
UNNEST_VALUE = "(SELECT unnest({}) AS value)"
TAKE = """
UPDATE supplies_balance b SET units = b.units + d.units
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS d (units, account, item, lot, fund)
WHERE b.account_id = d.account AND b.item_id = d.item AND b.lot_id = d.lot AND b.fund_id = d.fund
"""


class Dialect(Protocol):
    """One connection, spoken to in one way. In SQL, `{rows}` stands for the rows to write and
    `{ids}` for the list to look among, with the column `value`."""

    # A transaction, or a savepoint inside the one that is open: whole or not at all.
    whole: Whole
    # What the driver raises when a constraint or trigger of the database refuses.
    refusal: type[Exception]
    vendor: str

    def read(self, sql: str, ids: Iterable[Any], kind: str = "bigint", /) -> list[tuple[Any, ...]]:
        """Rows of a question about a list of ids or names."""

    def ask(self, sql: str, /) -> Iterator[tuple[Any, ...]]:
        """Rows of a question without parameters, as they come."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all questions inside see one moment, without keeping anybody from writing."""

    def write(self, sql: str, kinds: str, rows: Rows, /) -> None:
        """Write many rows at once; `kinds` names the columns' types, separated by blanks."""

    def held(self, keys: Rows) -> list[tuple[Any, ...]]:
        """Balances of (account, item, lot, fund) that exist, with their units as a fifth column."""

    def take(self, rows: Rows) -> None:
        """Add signed units to balances that exist: rows of (units, account, item, lot, fund)."""

    def lock(self, accounts: Sequence[int]) -> None:
        """Let no other posting touch these accounts until the transaction ends."""

    def moment(self, at: datetime) -> datetime | str:
        """A time as this database stores it."""


def speak(connection: Any = None) -> Dialect:
    """The dialect of a Django connection (by default its own), of sqlite3, apsw or psycopg."""
    connection = transaction.get_connection() if connection is None else connection
    if isinstance(connection, BaseDatabaseWrapper):
        connection.ensure_connection()
        whole = partial(transaction.atomic, using=connection.alias)
        if connection.vendor == "postgresql":
            return Postgres(connection.connection, whole)
        return Sqlite(connection.connection, whole)
    if hasattr(connection, "pgconn"):
        return Postgres(connection, connection.transaction)
    return Sqlite(connection, partial(_whole_sqlite, connection))


class Sqlite:
    """The one writer of the file is the lock."""

    vendor = "sqlite"

    def __init__(self, raw: Any, whole: Whole) -> None:
        self._raw = raw
        self.whole = whole
        # apsw calls it ConstraintError, sqlite3 IntegrityError; apsw need not be installed to know.
        driver = sys.modules[type(raw).__module__.partition(".")[0]]
        self.refusal = getattr(driver, "ConstraintError", sqlite3.IntegrityError)

    def read(self, sql: str, ids: Iterable[Any], _kind: str = "bigint", /) -> list[tuple[Any, ...]]:
        among = "(SELECT value FROM json_each(?1))"
        return list(self._raw.cursor().execute(sql.format(ids=among), (json.dumps(list(ids)),)))

    def ask(self, sql: str, /) -> Iterator[tuple[Any, ...]]:
        yield from self._raw.cursor().execute(sql)

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext() if self._raw.in_transaction else _between(self._raw, "BEGIN DEFERRED")

    def write(self, sql: str, kinds: str, rows: Rows, /) -> None:
        marks = ", ".join("?" * len(kinds.split()))
        self._raw.cursor().executemany(sql.format(rows=f"VALUES ({marks})"), rows)

    def held(self, keys: Rows) -> list[tuple[Any, ...]]:
        return self.read(
            "SELECT account_id, item_id, lot_id, fund_id, units FROM supplies_balance"
            " WHERE account_id IN {ids}",
            {key[0] for key in keys},
        )

    def take(self, rows: Rows) -> None:
        self._raw.cursor().executemany(
            "UPDATE supplies_balance SET units = units + ?"
            " WHERE account_id = ? AND item_id = ? AND lot_id = ? AND fund_id = ?",
            rows,
        )

    def lock(self, accounts: Sequence[int]) -> None:
        """Nothing to do: whoever writes, writes alone."""

    def moment(self, at: datetime) -> str:
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


class Postgres:
    """Rows travel as one array for each column, so that a statement is sent and checked once."""

    vendor = "postgresql"
    refusal: type[Exception] = psycopg.IntegrityError

    def __init__(self, raw: Any, whole: Whole) -> None:
        self._raw = raw
        self.whole = whole

    def read(self, sql: str, ids: Iterable[Any], kind: str = "bigint", /) -> list[tuple[Any, ...]]:
        array = f"%(ids)s::{kind}[]"
        # A join with unnest() is planned as a walk through the whole table, an array as a seek.
        sql = sql.replace("IN {ids}", f"= ANY({array})")
        among = UNNEST_VALUE.format(array)
        cursor = self._raw.cursor().execute(sql.format(ids=among), {"ids": list(ids)})
        return list(cursor.fetchall())

    def ask(self, sql: str, /) -> Iterator[tuple[Any, ...]]:
        yield from self._raw.cursor().execute(sql)

    def snapshot(self) -> AbstractContextManager[None]:
        # One moment for all questions; a writer is neither kept waiting nor seen half-way.
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        idle = self._raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        return _between(self._raw, begin) if self._raw.autocommit and idle else nullcontext()

    def write(self, sql: str, kinds: str, rows: Rows, /) -> None:
        if rows:
            arrays = ", ".join(f"%s::{kind}[]" for kind in kinds.split())
            self._raw.cursor().execute(sql.format(rows=UNNEST.format(arrays)), _columns(rows))

    def held(self, keys: Rows) -> list[tuple[Any, ...]]:
        if not keys:
            return []
        return list(self._raw.cursor().execute(HELD, _columns(keys)).fetchall())

    def take(self, rows: Rows) -> None:
        if rows:
            self._raw.cursor().execute(TAKE, _columns(rows))

    def lock(self, accounts: Sequence[int]) -> None:
        # Always in the order of their ids, so that two postings never wait for each other.
        self._raw.cursor().execute(
            "SELECT 1 FROM supplies_account WHERE id = ANY(%s::bigint[])"
            " ORDER BY id FOR NO KEY UPDATE",
            (list(accounts),),
        )

    def moment(self, at: datetime) -> datetime:
        return at


def _columns(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


@contextmanager
def _whole_sqlite(raw: sqlite3.Connection) -> Iterator[None]:
    """apsw's connections have the same three properties used here."""
    # Outside of a transaction a savepoint would begin a deferred one, whose first write can fail
    # with "busy" after its reads have been trusted.
    inside = raw.in_transaction
    raw.cursor().execute("SAVEPOINT post" if inside else "BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        raw.cursor().execute("ROLLBACK TO post" if inside else "ROLLBACK")
        if inside:
            raw.cursor().execute("RELEASE post")
        raise
    raw.cursor().execute("RELEASE post" if inside else "COMMIT")


@contextmanager
def _between(raw: Any, begin: str) -> Iterator[None]:
    raw.cursor().execute(begin)
    try:
        yield
    finally:
        raw.cursor().execute("ROLLBACK")
