"""Where each province stands in the tile grid of the nation's pictures."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class TilePlace:
    """A tile's row and column, and the one character written on it."""

    row: int
    column: int
    short: str


@cache
def tile_layout() -> dict[str, TilePlace]:
    """By division code (`xpcc` for XPCC); empty codes of other countries are simply not in it."""
    text = files("tongzhou.places").joinpath("data", "tiles.csv").read_text(encoding="utf-8")
    return {
        row["code"]: TilePlace(int(row["row"]), int(row["column"]), row["short"])
        for row in csv.DictReader(text.splitlines())
    }
