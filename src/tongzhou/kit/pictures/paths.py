"""Ways on a plain ground: lines from a start over points, each with its number beside it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SERIES = 4
DASHES = ("none", "9 5", "2 5")
POINTS_AT_MOST = 3_500
APART = 5.0  # hundredths of the width that two numbers keep between them
RINGS = 4
TALLEST, FLATTEST = 1.4, 0.45

LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Path:
    """A way over points (latitude, longitude). `style` chooses colour and dash, so that neighbours
    differ without colour too; `muted` ways are drawn pale and carry no number."""

    points: Sequence[LatLon]
    label: str
    title: str
    style: int = 0
    muted: bool = False


def paths(name: str, start: LatLon, start_label: str, items: Iterable[Path]) -> SafeString:
    """The ways as one element with `role=img`-like name; straight from point to point.

    Lines and dots are SVG; the numbers are text of the page, so that they keep their size on a
    narrow screen. Equirectangular projection with the cosine of the middle latitude.
    """
    items = _at_most(items)
    frame = _Frame.around([start, *(at for item in items for at in item.points)])
    ordered = sorted(items, key=lambda item: not item.muted)
    return format_html(
        '<div class="paths" role="group" aria-label="{}" style="aspect-ratio:{}">'
        '<svg viewBox="0 0 100 {}" aria-hidden="true">{}{}{}</svg>{}</div>',
        name,
        round(100 / frame.height, 3),
        frame.height,
        format_html_join("", "{}", ((_line(item, frame),) for item in ordered)),
        format_html_join("", "{}", ((_dots(item, frame),) for item in ordered)),
        _square(frame.xy(start)),
        _labels(frame, start, start_label, items),
    )


def _at_most(items: Iterable[Path]) -> list[Path]:
    kept, points = [], 0
    for item in items:
        points += len(item.points)
        if points > POINTS_AT_MOST:
            break
        kept.append(item)
    return kept


@dataclass(frozen=True, slots=True)
class _Frame:
    west: float
    north: float
    scale: float
    squeeze: float
    height: float

    @classmethod
    def around(cls, points: Sequence[LatLon]) -> "_Frame":
        south, north = min(p[0] for p in points), max(p[0] for p in points)
        west, east = min(p[1] for p in points), max(p[1] for p in points)
        squeeze = math.cos(math.radians((south + north) / 2))
        wide, tall = max((east - west) * squeeze, 0.002), max(north - south, 0.002)
        # A picture much taller than wide would not fit a screen: then its width is not filled.
        scale = min(92 / wide, 100 * (TALLEST - 0.08) / tall)
        height = min(max(tall * scale + 8, 100 * FLATTEST), 100 * TALLEST)
        middle = (west + east) / 2
        half = 50 / (scale * squeeze)
        top = (south + north) / 2 + height / (2 * scale)
        return cls(middle - half, top, scale, squeeze, round(height, 1))

    def xy(self, point: LatLon) -> tuple[float, float]:
        x = (point[1] - self.west) * self.squeeze * self.scale
        return round(x, 2), round((self.north - point[0]) * self.scale, 2)


def _ink(item: Path) -> tuple[str, str]:
    """Colour and dash of a way."""
    if item.muted:
        return "var(--tz-line)", "none"
    return (
        f"var(--tz-series{item.style % SERIES + 1})",
        DASHES[item.style // SERIES % len(DASHES)],
    )


def _line(item: Path, frame: _Frame) -> SafeString:
    colour, dash = _ink(item)
    way = "L".join(f"{x} {y}" for x, y in map(frame.xy, item.points))
    return format_html(
        '<path d="M{}" fill="none" stroke="{}" stroke-dasharray="{}"/>', way, colour, dash
    )


def _dots(item: Path, frame: _Frame) -> SafeString:
    inner = item.points[1:-1] if len(item.points) > 2 else item.points[1:]
    colour = _ink(item)[0]
    return format_html_join(
        "",
        '<circle cx="{}" cy="{}" r=".55" fill="{}"/>',
        ((*frame.xy(point), colour) for point in inner),
    )


def _square(at: tuple[float, float]) -> SafeString:
    x, y = at
    return format_html(
        '<rect x="{}" y="{}" width="2.4" height="2.4" fill="var(--tz-text)"'
        ' stroke="var(--tz-bg)" stroke-width=".4"/>',
        round(x - 1.2, 2),
        round(y - 1.2, 2),
    )


def _labels(frame: _Frame, start: LatLon, start_label: str, items: Sequence[Path]) -> SafeString:
    """Each number stands at the point farthest from the start at which no other stands yet, or
    where it can beside the farthest."""
    begin = frame.xy(start)
    taken = [begin]
    spans = [_span("start", begin, frame, start_label, start_label)]
    for item in (one for one in items if not one.muted):
        spots = sorted(map(frame.xy, item.points), key=lambda at: -math.dist(at, begin))
        at = next((at for at in [*spots, *_around(spots[0])] if _is_free(at, taken)), spots[0])
        taken.append(at)
        spans.append(_span(f"s{item.style % SERIES + 1}", at, frame, item.label, item.title))
    return format_html_join("", "{}", ((span,) for span in spans))


def _is_free(at: tuple[float, float], taken: Sequence[tuple[float, float]]) -> bool:
    return all(math.dist(at, other) >= APART for other in taken)


def _around(at: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Rings of places around a point, as far as the picture goes."""
    for ring in range(1, RINGS + 1):
        for eighth in range(8):
            angle = eighth * math.pi / 4
            x = at[0] + ring * APART * 1.05 * math.cos(angle)
            y = at[1] + ring * APART * 1.05 * math.sin(angle)
            if 2 <= x <= 98 and y >= 2:
                yield round(x, 2), round(y, 2)


def _span(kind: str, at: tuple[float, float], frame: _Frame, label: str, title: str) -> SafeString:
    return format_html(
        '<span class="{}" style="left:{}%;top:{}%" title="{}">{}</span>',
        *(kind, at[0], round(100 * at[1] / frame.height, 2), title, label),
    )
