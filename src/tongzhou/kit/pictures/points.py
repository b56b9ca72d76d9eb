"""The map on a plain ground: counts as sized circles at their points, no boundaries."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 720
BIGGEST_PX = 22.0
POINTS_AT_MOST = 3_500


@dataclass(frozen=True, slots=True)
class Point:
    """A count at a place. `series` 1 is the normal colour, 2 marks trouble (also as a ring)."""

    lat: float
    lon: float
    size: float
    title: str
    url: str = ""
    series: int = 1


def points(name: str, items: Iterable[Point]) -> SafeString:
    """The map as SVG, area of a circle in proportion to its count; at most POINTS_AT_MOST points.

    Equirectangular projection with the cosine of the middle latitude: for a glance, not a ruler.
    """
    shown = sorted(items, key=lambda p: -p.size)[:POINTS_AT_MOST]
    if not shown:
        return format_html(
            '<svg viewBox="0 0 {} 60" role="img" aria-label="{}"></svg>', WIDTH, name
        )
    frame = _frame(shown)
    biggest = max(p.size for p in shown) or 1
    return format_html(
        '<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        WIDTH,
        frame.height,
        name,
        format_html_join("", "{}", ((_circle(p, frame, biggest),) for p in shown)),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    west: float
    north: float
    scale: float
    squeeze: float
    height: int

    def xy(self, point: Point) -> tuple[float, float]:
        pad = BIGGEST_PX + 4
        x = pad + (point.lon - self.west) * self.squeeze * self.scale
        y = pad + (self.north - point.lat) * self.scale
        return round(x, 1), round(y, 1)


def _frame(shown: list[Point]) -> _Frame:
    south, north = min(p.lat for p in shown), max(p.lat for p in shown)
    west, east = min(p.lon for p in shown), max(p.lon for p in shown)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide = max((east - west) * squeeze, (north - south) * 0.8, 0.05)
    pad = 2 * (BIGGEST_PX + 4)
    scale = (WIDTH - pad) / wide
    return _Frame(west, north, scale, squeeze, math.ceil((north - south) * scale + pad))


def _circle(point: Point, frame: _Frame, biggest: float) -> SafeString:
    x, y = frame.xy(point)
    radius = round(max(1.5, BIGGEST_PX * math.sqrt(point.size / biggest)), 1)
    ring = SafeString(' stroke-width="3" fill-opacity=".25"') if point.series == 2 else ""
    body = format_html(
        '<circle cx="{}" cy="{}" r="{}" fill="var(--tz-series{})" fill-opacity=".6"'
        ' stroke="var(--tz-series{})"{}><title>{}</title></circle>',
        *(x, y, radius, point.series, point.series, ring, point.title),
    )
    if ring:
        body = SafeString(body.replace(' fill-opacity=".6"', "", 1))
    if point.url:
        return format_html('<a href="{}" aria-label="{}">{}</a>', point.url, point.title, body)
    return body
