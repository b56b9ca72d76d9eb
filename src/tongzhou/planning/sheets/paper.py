"""Rounds as PDF: one route sheet for each driver and day, set by typst in the shipped font."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from .drawing import Drawing, drawing_of
from .rounds import Call, Round, clock_text, kilometres
from .words import Words, words_of

if TYPE_CHECKING:
    import typst

FOLDER = files("tongzhou.planning.sheets").joinpath("typst")
FONTS = files("tongzhou").joinpath("fonts")
MAX_STOPS = 3_000  # in one document; about 450 pages
MAP_MM = {"width": 186.0, "least": 50.0, "most": 88.0}

Link = Callable[[Round], str]


class TooManySheets(ValueError):
    """More stops than one document may hold; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a printed copy needs to be trusted: when and by what it was made, whom to call.

    `first` is the date of day 1, None where it is not set. `demonstration` says that the places
    are made up.
    """

    as_of: str
    version: str
    phone: str = ""
    first: date | None = None
    demonstration: bool = False


def pdf(
    rounds: Sequence[Round], imprint: Imprint, *, language: str = "en", link: Link | None = None
) -> bytes:
    """The sheets of all rounds, one after the other; pages are numbered within each sheet.

    `link` gives the address of a round on a phone: then each stop's QR code opens its line there,
    otherwise it holds the stop's id. Raises TooManySheets.
    """
    stops = sum(len(round_.stops) for round_ in rounds)
    if stops > MAX_STOPS:
        raise TooManySheets(
            f"{stops:,} stops are too many for one document; {MAX_STOPS:,} are the most."
            " Make the sheets county by county."
        )
    return bytes(_set(_data(rounds, imprint, words_of(language), link), "pdf"))


def _data(
    rounds: Sequence[Round], imprint: Imprint, words: Words, link: Link | None
) -> dict[str, Any]:
    return {
        "texts": {**asdict(words), "as_of": words.as_of.format(at=imprint.as_of)},
        "version": imprint.version,
        "phone": imprint.phone,
        "demonstration": imprint.demonstration,
        "sheets": [_sheet(one, words, imprint.first, link) for one in rounds],
    }


def _sheet(round_: Round, words: Words, first: date | None, link: Link | None) -> dict[str, Any]:
    address = link(round_) if link else ""
    drawing = drawing_of(round_, **MAP_MM)
    rows = [_row(round_, call, words, address) for call in round_.calls()]
    return {
        "county": round_.county,
        "depot": words.depot.format(name=round_.depot.name or round_.depot.id),
        "driver": round_.driver,
        "day": words.day_name(round_.day, first),
        "stops": f"{len(rows):,}",
        "units": f"{round_.units:,}",
        "km": kilometres(round_.distance_m),
        "leaves": clock_text(round_.trips[0].start_s) or "—",
        "back": clock_text(round_.trips[-1].finish_s) or "—",
        "map": {**asdict(drawing), "scale": _length(drawing.scale_m, words)} if drawing else None,
        "notes": _notes(round_, words, drawing),
        "qr": qr_code(address) if address else "",
        "trips": [
            {**_trip(round_, number, words), "rows": [row for row in rows if row["trip"] == number]}
            for number in range(1, len(round_.trips) + 1)
        ],
    }


def _length(metres: int, words: Words) -> str:
    if metres < 1_000:
        return words.length_m.format(n=metres)
    return words.length_km.format(n=metres // 1_000)


def _notes(round_: Round, words: Words, drawing: Drawing | None) -> str:
    notes = [words.straight] if drawing else []
    if drawing and any(mark.estimated for mark in drawing.marks):
        notes.append(words.guessed)
    missing = drawing.unplaced if drawing else len(round_.stops)
    if missing:
        notes.append(words.unplaced.format(n=missing))
    return words.join.join(notes)


def _trip(round_: Round, number: int, words: Words) -> dict[str, Any]:
    trip = round_.trips[number - 1]
    times = [(words.leaves, trip.start_s), (words.back, trip.finish_s)]
    loads = ", ".join(f"{item} {units:,}" for item, units in round_.load(trip).items())
    return {
        "name": words.trip.format(n=number) if len(round_.trips) > 1 else "",
        "load": f"{words.load} {loads or f'{trip.units:,}'}",
        "times": " · ".join(f"{name} {clock_text(at)}" for name, at in times if at is not None),
    }


def _row(round_: Round, call: Call, words: Words, address: str) -> dict[str, Any]:
    visit, stop = call.visit, call.visit.stop
    items = round_.items_of(stop)
    return {
        "trip": call.trip,
        "order": call.order,
        "arrival": clock_text(visit.arrive_s) or "—",
        "leg": f"+{words.length_km.format(n=kilometres(visit.leg_m))}",
        "name": stop.name or stop.id,
        "id": stop.id,
        "units": f"{visit.units:,}",
        "items": [f"{item} {units:,}" for item, units in items.items()],
        "estimated": stop.estimated,
        "qr": qr_code(f"{address}#s{call.order}" if address else stop.id),
    }


def qr_code(text: str) -> str:
    """A QR code as SVG text without its quiet zone, which the paper leaves around it; level M
    survives a scratch."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=0
    )
    return out.getvalue().decode()


def _set(data: dict[str, Any], format: Literal["pdf", "png"]) -> Any:
    import typst

    return typst.compile(
        str(FOLDER.joinpath("sheet.typ")),
        root=str(FOLDER),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format=format,
    )


@cache
def _fonts() -> "typst.Fonts":
    """The shipped font alone, read once: a sheet looks the same on every machine."""
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
