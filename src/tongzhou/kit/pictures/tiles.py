"""The tile grid: one tile an area, its rate as one of five steps with the number printed in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SIDE, GAP = 62, 4
# In a row of small grids a tile has room for its one character alone, still 14 px where eight
# columns stand on 264 px.
SMALL_SIDE, SMALL_GAP = 33, 3
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
    # A second statement about some of the areas, drawn as a frame.
    marked: bool = False


def tiles(name: str, cells: Iterable[Tile], *, small: bool = False) -> SafeString:
    """The grid as SVG; tiles with an address are links. Five steps, the last from 80 %. `small`
    leaves the number to the tile's title and to the table that stands with the picture."""
    cells = list(cells)
    side = SMALL_SIDE if small else SIDE
    draw = _small_tile if small else _tile
    columns = max((c.column for c in cells), default=0) + 1
    rows = max((c.row for c in cells), default=0) + 1
    return format_html(
        '<svg class="tiles{}" viewBox="0 0 {} {}" role="group" aria-label="{}">'
        '<defs><pattern id="unknown" width="8" height="8" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path d="M0 0V8" stroke="var(--tz-control)"'
        ' stroke-width="3"/></pattern></defs>{}</svg>',
        " small" if small else "",
        columns * side,
        rows * side,
        name,
        format_html_join("", "{}", ((draw(cell),) for cell in cells)),
    )


def step_of(share: float) -> int:
    """Which of the five steps (1 low to 5 high) a share of 0 to 1 falls in."""
    return min(5, int(share * 5) + 1)


def _tile(cell: Tile) -> SafeString:
    x, y, size = cell.column * SIDE, cell.row * SIDE, SIDE - GAP
    fill, ink = _colours(cell)
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


def _small_tile(cell: Tile) -> SafeString:
    x, y, size = cell.column * SMALL_SIDE, cell.row * SMALL_SIDE, SMALL_SIDE - SMALL_GAP
    fill, ink = _colours(cell)
    return format_html(
        '<g role="img" aria-label="{}"><title>{}</title>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}" stroke="{}"'
        ' stroke-width="{}"/>'
        '<text x="{}" y="{}" font-size="14" text-anchor="middle" fill="{}">{}</text></g>',
        *(f"{cell.label} {cell.value} · {cell.title}", cell.title),
        *(x + 1.5, y + 1.5, size - 1, size - 1, fill),
        *(("var(--tz-series2)", 3) if cell.marked else ("var(--tz-line)", 1)),
        *(x + 1 + size / 2, y + 21, ink, cell.label),
    )


def _colours(cell: Tile) -> tuple[str, str]:
    """Fill and ink of a tile; what is not known is hatched."""
    if cell.share is None:
        return "url(#unknown)", "var(--tz-text)"
    step = step_of(cell.share)
    return f"var(--tz-step{step})", f"var(--tz-on-step{ON_STEP[step]})"
