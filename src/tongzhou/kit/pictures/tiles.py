"""The tile grid: one tile an area, its rate as one of five steps with the number printed in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SIDE, GAP = 62, 4
ON_STEP = {1: "12", 2: "12", 3: "3", 4: "45", 5: "45"}


@dataclass(frozen=True, slots=True)
class Tile:
    """An area at a row and column; `share` is 0 to 1, or None where it is not known (hatched)."""

    row: int
    column: int
    label: str
    share: float | None
    value: str
    title: str
    url: str = ""


def tiles(name: str, cells: Iterable[Tile]) -> SafeString:
    """The grid as SVG; tiles with an address are links. Five steps, the last from 80 %."""
    cells = list(cells)
    columns = max((c.column for c in cells), default=0) + 1
    rows = max((c.row for c in cells), default=0) + 1
    return format_html(
        '<svg class="tiles" viewBox="0 0 {} {}" role="group" aria-label="{}">'
        '<defs><pattern id="unknown" width="8" height="8" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path d="M0 0V8" stroke="var(--tz-control)"'
        ' stroke-width="3"/></pattern></defs>{}</svg>',
        columns * SIDE,
        rows * SIDE,
        name,
        format_html_join("", "{}", ((_tile(cell),) for cell in cells)),
    )


def step_of(share: float) -> int:
    """Which of the five steps (1 low to 5 high) a share of 0 to 1 falls in."""
    return min(5, int(share * 5) + 1)


def _tile(cell: Tile) -> SafeString:
    x, y, size = cell.column * SIDE, cell.row * SIDE, SIDE - GAP
    if cell.share is None:
        fill, ink = "url(#unknown)", "var(--tz-text)"
    else:
        step = step_of(cell.share)
        fill, ink = f"var(--tz-step{step})", f"var(--tz-on-step{ON_STEP[step]})"
    body = format_html(
        '<title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="{}"'
        ' stroke="var(--tz-line)"/>'
        '<text x="{}" y="{}" font-size="17" text-anchor="middle" fill="{}">{}</text>'
        '<text x="{}" y="{}" font-size="14" text-anchor="middle" fill="{}">{}</text>',
        *(cell.title, x, y, size, size, fill),
        *(x + size / 2, y + 25, ink, cell.label),
        *(x + size / 2, y + 48, ink, cell.value),
    )
    # What is printed comes first in the name, so that a link can be called by what is seen.
    name = f"{cell.label} {cell.value} · {cell.title}"
    if cell.url:
        return format_html('<a href="{}" aria-label="{}">{}</a>', cell.url, name, body)
    return format_html('<g role="img" aria-label="{}">{}</g>', name, body)
