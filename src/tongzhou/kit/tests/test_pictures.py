"""Pictures: words keep off each other, and a tile's link can be called by what is seen on it."""

import re

import pytest

from tongzhou.kit.pictures import Curve, Line, Mark, Tile, curve, tiles
from tongzhou.kit.pictures.curve import APART

DAYS = [f"1-{day}" for day in range(5, 17)]


def drawn(*lines: Line) -> str:
    return curve(Curve("Coverage", DAYS, lines, [Mark(11, "Deadline")]))


def ends(markup: str) -> list[tuple[float, float, str]]:
    found = re.findall(r'class="end" style="left:([\d.]+)%;top:([\d.]+)%">([^<]+)', markup)
    return [(float(left), float(top), name) for left, top, name in found]


def test_a_line_goes_in_steps_and_its_name_stands_at_its_end() -> None:
    markup = drawn(Line("Allocated", [(0, 0.0), (5.5, 0.5)], dashed=True))
    assert 'd="M0.0 100.0H50.0V50.0"' in markup
    assert 'stroke-dasharray="7 5"' in markup
    assert ends(markup) == [(50.0, 50.0, "Allocated")]


def test_names_of_lines_that_end_together_keep_apart() -> None:
    for share in (0.0, 0.02, 0.5, 0.99, 1.0):
        tops = [top for _, top, _ in ends(drawn(*(Line(n, [(0, share)]) for n in "abc")))]
        assert len(tops) == 3
        gaps = [abs(a - b) for i, a in enumerate(tops) for b in tops[:i]]
        assert min(gaps) >= APART - 0.2


def test_a_line_without_values_is_left_out() -> None:
    markup = drawn(Line("Nothing", []), Line("Some", [(0, 0.1)]))
    assert [name for _, _, name in ends(markup)] == ["Some"]


def test_at_most_six_days_are_named_and_half_of_them_may_go() -> None:
    named = re.findall(r'class="x( odd)?"', drawn(Line("a", [(0, 0.1)])))
    assert named == ["", " odd"] * 3


def test_a_tile_is_called_by_what_it_shows() -> None:
    tile = Tile(0, 0, "甘", 0.4, "40%", "Gansu: 40% of the need", url="/p/62/")
    assert 'aria-label="甘 40% · Gansu: 40% of the need"' in tiles("Map", [tile])


@pytest.mark.parametrize(("share", "fill"), [(None, "url(#unknown)"), (0.1, "var(--tz-step1)")])
def test_what_is_not_known_is_hatched_not_pale(share: float | None, fill: str) -> None:
    assert f'fill="{fill}"' in tiles("Map", [Tile(0, 0, "甘", share, "—", "Gansu")])
