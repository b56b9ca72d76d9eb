"""The map of a round: depot, stops and the order between them, in millimetres on paper.

Straight lines on plain ground, north up: no tiles and no boundaries are shipped. Degrees become
metres by an equirectangular projection around the middle of the round, which is true to 0.1 % over
a county of 100 km.
"""

from dataclasses import dataclass
from math import cos, floor, log10, radians

import numpy as np
from numpy.typing import NDArray

from ..routing.instance import Stop
from .rounds import Round, point_of

Points = NDArray[np.float64]

METRES_A_DEGREE = 111_195.0  # of a great circle of the mean radius, IUGG 1980
EDGE_MM = 8.0
LABEL_MM = 5.2
CROWDED, CROWDED_LABEL_MM = 25, 4.2
PUSHES = 80
LEAST_SPAN_M = 200.0  # a round of one stop, or of stops at one point, still gets a scale


@dataclass(frozen=True, slots=True)
class Mark:
    """A stop on the map: its point, and where its number stands so that none hides another."""

    order: int
    x: float
    y: float
    label_x: float
    label_y: float
    estimated: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Millimetres from the upper left corner. `lines` holds one path a trip; `scale_m` metres are
    `scale_mm` on the paper. `unplaced` counts the stops that have no point."""

    width: float
    height: float
    lines: list[list[tuple[float, float]]]
    marks: list[Mark]
    depot: tuple[float, float] | None
    label_mm: float
    scale_mm: float
    scale_m: int
    unplaced: int


def drawing_of(round_: Round, *, width: float, least: float, most: float) -> Drawing | None:
    """The map of a round, `width` mm wide and as high as it needs between `least` and `most`; None
    where no stop has a point."""
    placed = [call for call in round_.calls() if point_of(call.visit.stop)]
    if not placed:
        return None
    known = [call.visit.stop for call in placed] + [*filter(point_of, [round_.depot])]
    east_south = _metres(known)
    span = np.maximum(np.ptp(east_south, axis=0), LEAST_SPAN_M)
    wanted = (width - 2 * EDGE_MM) / span[0] * span[1] + 2 * EDGE_MM
    height = float(min(max(wanted, least), most))
    mm_a_metre = float(min((width - 2 * EDGE_MM) / span[0], (height - 2 * EDGE_MM) / span[1]))
    middle = (east_south.max(axis=0) + east_south.min(axis=0)) / 2
    on_paper = (east_south - middle) * mm_a_metre + np.array([width, height]) / 2
    at = {stop.id: (_mm(x), _mm(y)) for stop, (x, y) in zip(known, on_paper, strict=True)}
    label_mm = LABEL_MM if len(placed) <= CROWDED else CROWDED_LABEL_MM
    labels = apart(on_paper, len(placed), label_mm, np.array([width, height]))
    scale_m = round_length((width / 4) / mm_a_metre)
    return Drawing(
        width=width,
        height=_mm(height),
        lines=_lines(round_, at),
        marks=[
            Mark(order, *at[visit.stop.id], _mm(x), _mm(y), visit.stop.estimated)
            for (_trip, order, visit), (x, y) in zip(placed, labels, strict=True)
        ],
        depot=at.get(round_.depot.id),
        label_mm=label_mm,
        scale_mm=_mm(scale_m * mm_a_metre),
        scale_m=scale_m,
        unplaced=len(round_.stops) - len(placed),
    )


def round_length(metres: float) -> int:
    """The largest of 1, 2 and 5 times a power of ten that is no longer than `metres`, at least
    10 m."""
    power = 10.0 ** floor(log10(max(metres, 10.0)))
    return int(next(step * power for step in (5, 2, 1) if step * power <= max(metres, 10.0)))


def apart(points: Points, labels: int, size: float, paper: Points) -> Points:
    """float64[labels, 2]: places for round labels of `size` mm near the first `labels` points, so
    that they neither cover each other nor the other points. Pushed apart pair by pair; where there
    is no room for all, some still touch."""
    at = points[:labels].copy()
    # Equal points have no direction to be pushed in: a golden-angle spiral gives each its own.
    turn = np.arange(labels) * 2.399963
    at += 0.01 * np.column_stack([np.cos(turn), np.sin(turn)])
    fixed = points[labels:]
    for _ in range(PUSHES):
        push = _push(at, at, size * 1.04) / 2 + _push(at, fixed, size * 0.95)
        if not push.any():
            break
        at = np.clip(at + push, size / 2, paper - size / 2)
    return at


def _push(at: Points, others: Points, least: float) -> Points:
    """How far each label has to go away from all `others` that are nearer than `least`."""
    if not len(others):
        return np.zeros_like(at)
    away = at[:, None] - others[None]
    distance = np.hypot(away[..., 0], away[..., 1])
    missing = np.where(distance > 0, np.maximum(0.0, least - distance), 0.0)
    away = away * (missing / np.where(distance > 0, distance, 1.0))[..., None]
    # The mean, not the sum: among many neighbours a label would be thrown far off.
    return np.asarray(away.sum(axis=1) / np.maximum(1, (missing > 0).sum(axis=1))[:, None])


def _metres(stops: list[Stop]) -> Points:
    """float64[n, 2]: metres to the east and to the south of the middle of the stops."""
    degrees = np.array([point_of(stop) for stop in stops], dtype=np.float64)
    middle = (degrees.max(axis=0) + degrees.min(axis=0)) / 2
    shrink = np.array([cos(radians(float(middle[1]))), -1.0])
    return np.asarray((degrees - middle) * shrink * METRES_A_DEGREE)


def _lines(round_: Round, at: dict[str, tuple[float, float]]) -> list[list[tuple[float, float]]]:
    paths = [[at[s.id] for s in round_.path(trip) if s.id in at] for trip in round_.trips]
    return [path for path in paths if len(path) > 1]


def _mm(value: float) -> float:
    return round(float(value), 2)
