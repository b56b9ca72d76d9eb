"""The coverage curve: a share of 0 to 100 % by day; plan dashed, fact solid, labels at the ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# In hundredths of the picture's height: two lines of small text on the lowest picture, a phone's.
APART = 12.0
HALF = 50
DAYS_NAMED = 6
# In hundredths of the width: a word of eight letters on a phone.
MARKS_APART = 34.0


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
    """The chart as one element with `role=img` and a name.

    Only the lines are SVG, stretched to the room there is; the words beside them are text of the
    page, so that they keep their size on a narrow screen.
    """
    span = max(1, len(data.days) - 1)
    return format_html(
        '<div class="curve" role="img" aria-label="{}">'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{}{}{}</svg>'
        "{}{}{}{}</div>",
        data.name,
        _grid(),
        format_html_join("", _MARK, ((_x(mark.day, span),) for mark in data.marks)),
        format_html_join("", _LINE, (_stroke(line, span) for line in data.lines if line.values)),
        format_html_join("", '<span class="y" style="top:{}%">{}</span>', _shares()),
        format_html_join("", _DAY, _day_labels(data.days, span)),
        format_html_join(
            "",
            '<span class="mark{}" style="left:{}%">{}</span>',
            _mark_labels(data.marks, span),
        ),
        format_html_join("", _END, _ends(data.lines, span)),
    )


_MARK = '<path d="M{} 0V100" stroke="var(--tz-control)" stroke-dasharray="2 4"/>'
_LINE = (
    '<path d="{}" fill="none" stroke="var(--tz-series{})" stroke-width="2.5"'
    ' stroke-dasharray="{}"/>'
)
_DAY = '<span class="x{}" style="left:{}%">{}</span>'
_END = '<span class="end" style="left:{}%;top:{}%">{}</span>'


def _x(day: float, span: int) -> float:
    return round(100 * day / span, 1)


def _y(share: float) -> float:
    return round(100 * (1 - share), 1)


def _grid() -> SafeString:
    return format_html_join(
        "",
        '<path d="M0 {}H100" stroke="var(--tz-line)"/>',
        ((top,) for top, _ in _shares()),
    )


def _shares() -> list[tuple[float, str]]:
    return [(_y(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]


def _day_labels(days: Sequence[str], span: int) -> list[tuple[str, float, str]]:
    """At most six days; a narrow screen leaves every second of them out."""
    step = max(1, -(-len(days) // DAYS_NAMED))
    return [
        (" odd" if nth % 2 else "", _x(i, span), days[i])
        for nth, i in enumerate(range(0, len(days), step))
    ]


def _mark_labels(marks: Sequence[Mark], span: int) -> list[tuple[str, float, str]]:
    """A label that would touch the one before it stands one line higher."""
    placed: list[tuple[str, float, str]] = []
    for mark in sorted(marks, key=lambda mark: mark.day):
        left = _x(mark.day, span)
        near = bool(placed) and not placed[-1][0] and left - placed[-1][1] < MARKS_APART
        placed.append((" high" if near else "", left, mark.label))
    return placed


def _stroke(line: Line, span: int) -> tuple[str, int, str]:
    return _steps(line.values, span), line.series, "7 5" if line.dashed else "none"


def _ends(lines: Sequence[Line], span: int) -> list[tuple[float, float, str]]:
    """Where each line's name stands: at its end, and far enough from the names before it."""
    placed: list[tuple[float, float, str]] = []
    for line in lines:
        if not line.values:
            continue
        day, share = line.values[-1]
        top = _y(share)
        step = APART if top < HALF else -APART
        while any(abs(top - other) < APART for _, other, _ in placed):
            top = round(top + step, 1)
        placed.append((_x(day, span), top, line.label))
    return placed


def _steps(values: Sequence[tuple[float, float]], span: int) -> str:
    """Steps, because a share stays until the next receipt."""
    day, share = values[0]
    path = [f"M{_x(day, span)} {_y(share)}"]
    for day, share in values[1:]:
        path.append(f"H{_x(day, span)}V{_y(share)}")
    return "".join(path)
