"""The divisions that ship with the product, and how to read them. See docs/data.md."""

from pathlib import Path

import polars as pl

DIVISIONS = Path(__file__).with_name("divisions.parquet")
XPCC = Path(__file__).with_name("xpcc.csv")
CLINIC_RATIOS = Path(__file__).with_name("clinic_ratios.csv")
LEVELS = range(1, 6)


def read_divisions(path: Path = DIVISIONS) -> pl.DataFrame:
    """The 665,276 divisions of China in tree order (pre-order: a parent before its children).

    Columns: code (public id), name, level (1 province .. 5 village), parent (row number, null for
    a province), n_desc (rows below it, so that the subtree of row r is r .. r + n_desc), kind
    (village, community, other or ""), pinyin (lanzhoushi), initials (lzs), lat and lon (WGS-84
    degrees), placed (true: put near its parent, not a real location).
    """
    table = pl.read_parquet(path)
    syllables = pl.col("syllables")
    return _with_points(table).select(
        "code",
        "name",
        "level",
        "parent",
        "n_desc",
        "kind",
        syllables.str.replace_all(" ", "", literal=True).alias("pinyin"),
        syllables.str.replace_all(r"(\w)\w* ?", "$1").alias("initials"),
        (pl.col("lat") / 1e5).round(5),
        (pl.col("lon") / 1e5).round(5),
        "placed",
    )


def _with_points(table: pl.DataFrame) -> pl.DataFrame:
    """Add lat and lon in 1e-5 degrees: each row's offset plus the point of its parent.

    The file keeps offsets because those of placed rows repeat, which makes it 2 MB smaller.
    """
    lat, lon = table["lat_from_parent"], table["lon_from_parent"]
    parent = table["parent"].fill_null(0)
    for level in LEVELS:
        moved = table["level"] == level
        if level > 1:
            lat = lat.zip_with(~moved, lat + lat.gather(parent))
            lon = lon.zip_with(~moved, lon + lon.gather(parent))
    return table.with_columns(lat.alias("lat"), lon.alias("lon"))
