"""Load a whole nation into an empty database."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from django.db import connection, transaction

from tongzhou.kit.actions import record
from tongzhou.kit.rules import SYSTEM, Actor

from .. import queries
from ..data import DIVISIONS, read_divisions
from ..models import Division
from ..rules import Spacing, names, numbered
from . import bulk, index

NATION_CODE = "cn"
NATION = {"code": NATION_CODE, "name": "中国", "pinyin": "zhongguo", "initials": "zg"}
BUILT_LATE = ("division_by_level", "division_by_pinyin", "division_by_initials")
BUILT_LATE_POSTGRESQL = ("places_terms_upper", "places_terms_village")
TEXTS = ("code", "name", "pinyin", "initials", "kind")


def load_divisions(path: Path | None = None, *, by: Actor = SYSTEM) -> int:
    """Load the built-in tree (or a Parquet file like it) under a nation row; returns its rows.

    The file is one that `data.read_divisions` understands, in pre-order. Does nothing when the
    nation is there already.
    """
    with transaction.atomic():
        if (there := Division.objects.filter(code=NATION_CODE).first()) is not None:
            return Division.objects.filter(queries.scope_of(there).q()).count()
        tree = _numbered(_with_nation(read_divisions(path or DIVISIONS)))
        _write(tree)
        nation = Division.objects.get(code=NATION_CODE)
        record(
            "divisions.loaded",
            nation,
            by=by,
            chain=queries.chain_of(nation),
            after={"rows": tree.height},
        )
    bulk.analyze("places_division")
    return tree.height


def _with_nation(tree: pl.DataFrame) -> pl.DataFrame:
    """The rows of the file below the nation; `above` is the parent's row, the nation's is 0."""
    rows = tree.with_row_index("at", offset=1).with_columns(
        pl.col("at", "level").cast(pl.Int64),
        (pl.col("parent").cast(pl.Int64).fill_null(-1) + 1).alias("above"),
    )
    first = pl.DataFrame([{**NATION, "at": 0, "level": 0, "kind": "", "placed": False}])
    rows = rows.with_columns(_shortened("pinyin", 0), _shortened("initials", 1))
    keep = ["at", "level", *TEXTS, "lat", "lon", "placed", "above"]
    return pl.concat([first, rows.select(keep)], how="diagonal_relaxed")


def _shortened(column: str, which: int) -> pl.Expr:
    """Pinyin or initials without the committee that most names of villages end with."""
    found = pl.col(column)
    for ending, readings in names.COMMITTEES.items():
        ends = pl.col("name").str.ends_with(ending) & (pl.col("name") != ending)
        found = pl.when(ends).then(found.str.strip_suffix(readings[which])).otherwise(found)
    return found.alias(column)


def _numbered(tree: pl.DataFrame) -> pl.DataFrame:
    """Ids and numbers for the whole tree, behind those that other trees use."""
    start_id = bulk.next_id(Division)
    start = queries.highest_number()
    first, last, _ = numbered(tree["level"].to_numpy(), start=start, spacing=Spacing.roomy())
    return tree.select(
        (pl.col("at") + start_id).alias("id"),
        *(pl.col(name).fill_null("") for name in TEXTS),
        pl.col("level"),
        (pl.col("above") + start_id).alias("parent_id"),
        pl.Series("first", first),
        pl.Series("last", last),
        "lat",
        "lon",
        pl.col("placed").fill_null(False),
    )


def _write(tree: pl.DataFrame) -> None:
    late = BUILT_LATE if connection.vendor == "sqlite" else BUILT_LATE + BUILT_LATE_POSTGRESQL
    empty = not Division.objects.exists()
    if not empty:
        bulk.insert_frame("places_division", tree)
    else:
        index.clear()
        with bulk.without_indexes(late):
            bulk.insert_frame("places_division", tree)
    bulk.keep_sequence(Division)
    # Level by level: row ids of the index then only grow, which is how it is built fastest.
    for part in _by_level(tree):
        index.fill(part.select("level", "first", "name").iter_rows())
    index.compact()


def _by_level(tree: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for level in Division.Level.values:
        yield tree.filter(pl.col("level") == level)
