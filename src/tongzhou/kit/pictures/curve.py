"""The coverage curve: a share of 0 to 100 % by day; plan dashed, fact solid, labels at the ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 150, 18, 34


@dataclass(frozen=True, slots=True)
class Line:
    """One series: a share (0 to 1) for each day it is known, as (day index, share) in day order."""

    label: str
    values: Sequence[tuple[float, float]]
    dashed: bool = False
    series: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that matters: today, the deadline."""

    day: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`days` are the labels of the horizontal axis, one for each day index from 0."""

    name: str
    days: Sequence[str]
    lines: Sequence[Line]
    marks: Sequence[Mark] = field(default_factory=tuple)


def curve(data: Curve) -> SafeString:
    """The chart as an SVG element with `role=img` and a name."""
    span = max(1, len(data.days) - 1)
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        data.name,
        _grid(),
        _day_labels(data.days, span),
        format_html_join("", "{}", ((_mark(mark, span),) for mark in data.marks)),
        format_html_join("", "{}", ((line,) for line in _lines(data.lines, span))),
    )


def _x(day: float, span: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * day / span, 1)


def _y(share: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def _grid() -> SafeString:
    rows = (
        (LEFT, _y(share), WIDTH - RIGHT, _y(share), LEFT - 8, _y(share) + 4, f"{share:.0%}")
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    return format_html_join(
        "",
        '<path d="M{} {}L{} {}" stroke="var(--tz-line)"/>'
        '<text x="{}" y="{}" font-size="13" fill="var(--tz-muted)" text-anchor="end">{}</text>',
        rows,
    )


def _day_labels(days: Sequence[str], span: int) -> SafeString:
    step = max(1, -(-len(days) // 8))
    rows = ((_x(i, span), HEIGHT - 12, days[i]) for i in range(0, len(days), step))
    return format_html_join(
        "",
        '<text x="{}" y="{}" font-size="13" fill="var(--tz-muted)" text-anchor="middle">{}</text>',
        rows,
    )


def _mark(mark: Mark, span: int) -> SafeString:
    x = _x(mark.day, span)
    return format_html(
        '<path d="M{} {}V{}" stroke="var(--tz-control)" stroke-dasharray="2 4"/>'
        '<text x="{}" y="{}" font-size="13" fill="var(--tz-muted)" text-anchor="middle">{}</text>',
        x,
        TOP,
        HEIGHT - BOTTOM,
        x,
        TOP - 5,
        mark.label,
    )


def _lines(lines: Sequence[Line], span: int) -> list[SafeString]:
    """Steps, because a share stays until the next receipt; end labels are kept 17 px apart."""
    drawn: list[SafeString] = []
    taken: list[float] = []
    for line in lines:
        if not line.values:
            continue
        day, share = line.values[-1]
        label_y = _y(share) + 4
        while any(abs(label_y - other) < 17 for other in taken):
            label_y += 17 if label_y < HEIGHT / 2 else -17
        taken.append(label_y)
        drawn.append(
            format_html(
                '<path d="{}" fill="none" stroke="var(--tz-series{})" stroke-width="2.5"{}/>'
                '<text x="{}" y="{}" font-size="13" fill="var(--tz-text)">{}</text>',
                _steps(line.values, span),
                line.series,
                SafeString(' stroke-dasharray="7 5"') if line.dashed else "",
                _x(day, span) + 6,
                round(label_y, 1),
                line.label,
            )
        )
    return drawn


def _steps(values: Sequence[tuple[float, float]], span: int) -> str:
    day, share = values[0]
    path = [f"M{_x(day, span)} {_y(share)}"]
    for day, share in values[1:]:
        path.append(f"H{_x(day, span)}V{_y(share)}")
    return "".join(path)
