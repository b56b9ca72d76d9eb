"""Rows by the hundred thousand: executemany on SQLite, COPY on PostgreSQL, inside the caller's
transaction. Models are passed by: their `save` and `bulk_create` are eight times slower."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import polars as pl
from django.db import connection, models
from polars import selectors

CHUNK_ROWS = 50_000


def insert(table: str, frames: Iterable[pl.DataFrame]) -> int:
    """Write frames whose columns are named as the table's; returns the number of rows."""
    return sum(insert_frame(table, frame) for frame in frames)


def insert_frame(table: str, frame: pl.DataFrame) -> int:
    write = _executemany if connection.vendor == "sqlite" else _copy
    for chunk in frame.iter_slices(CHUNK_ROWS):
        write(table, chunk)
    return frame.height


def _executemany(table: str, frame: pl.DataFrame) -> None:
    marks = ", ".join("?" for _ in frame.columns)
    texts = frame.with_columns(selectors.date().cast(pl.String))
    many(f"INSERT INTO {table} ({_listed(frame)}) VALUES ({marks})", texts.rows())


def many(sql: str, rows: Iterable[Sequence[object]]) -> None:
    """SQLite only: one statement for many rows on the raw connection, with SQLite's marks (`?`);
    Django's cursor would rewrite the parameters of each row."""
    connection.ensure_connection()
    connection.connection.executemany(sql, rows)


def _copy(table: str, frame: pl.DataFrame) -> None:
    text = frame.write_csv(include_header=False, quote_style="non_numeric", null_value="\\N")
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_listed(frame)}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy,
    ):
        copy.write(text)


def _listed(frame: pl.DataFrame) -> str:
    return ", ".join(f'"{name}"' for name in frame.columns)


def next_id(model: type[models.Model]) -> int:
    """The first id above all that are used."""
    return (model._base_manager.aggregate(top=models.Max("pk"))["top"] or 0) + 1


def keep_sequence(model: type[models.Model]) -> None:
    """After rows that brought their ids: let PostgreSQL go on behind them, as SQLite does."""
    if connection.vendor == "postgresql":
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT coalesce(max(id), 1) FROM {table}))"
            )


@contextmanager
def without_indexes(names: Iterable[str]) -> Iterator[None]:
    """Drop indexes while a whole nation is loaded and build them afterwards: faster, and denser."""
    made = [(name, _definition(name)) for name in names]
    with connection.cursor() as cursor:
        for name, _ in made:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        if connection.vendor == "postgresql":
            # Checks that wait for the commit would keep the table from being indexed.
            connection.check_constraints()
        for _, definition in made:
            cursor.execute(definition)


def _definition(name: str) -> str:
    sql = (
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s"
        if connection.vendor == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE indexname = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [name])
        return str(cursor.fetchone()[0])


def analyze(*tables: str) -> None:
    """Fresh statistics, without which PostgreSQL guesses badly after a mass load."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
