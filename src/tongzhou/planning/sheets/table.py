"""Rounds as CSV: one row a visit, for a spreadsheet or another system."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from .geojson import DECIMALS, km
from .rounds import Call, Round, clock_text, point_of

COLUMNS = (
    *("county", "day", "vehicle", "trip", "order", "stop", "name", "units", "items"),
    *("arrival", "leg_km", "lon", "lat", "estimated"),
)
_BOM = b"\xef\xbb\xbf"
# A text that begins like this is run as a formula by spreadsheets; an apostrophe stops that.
_RISKY = re.compile(r"'*[=+\-@＝＋－＠]")


def table(rounds: Iterable[Round], *, bom: bool = False) -> Iterator[bytes]:
    """UTF-8 bytes of the file, a piece for each round. `bom`: Excel reads Chinese only with it."""
    yield (_BOM if bom else b"") + _lines([COLUMNS])
    for round_ in rounds:
        yield _lines(_row(round_, call) for call in round_.calls())


def _row(round_: Round, call: Call) -> tuple[object, ...]:
    trip, order, visit = call
    stop = visit.stop
    items = "; ".join(f"{item} {units}" for item, units in round_.items_of(stop).items())
    lon, lat = point_of(stop) or ("", "")
    return (
        *(_text(round_.county), round_.day, _text(round_.vehicle_id), trip, order),
        *(_text(stop.id), _text(stop.name), visit.units, _text(items)),
        *(clock_text(visit.arrive_s), km(visit.leg_m), _degrees(lon), _degrees(lat)),
        "yes" if stop.estimated else "no",
    )


def _degrees(value: float | str) -> float | str:
    return value if isinstance(value, str) else round(value, DECIMALS)


def _text(value: str) -> str:
    """As the tables of the house: no white space at the ends, nothing that runs as a formula."""
    value = value.strip()
    return f"'{value}" if _RISKY.match(value) else value


def _lines(rows: Iterable[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    # Codes stay texts for readers that look at quotes.
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
