"""Pictures: words keep off each other, and a tile's link can be called by what is seen on it."""

import math
import re

import pytest

from tongzhou.kit.pictures import Curve, Line, Mark, Path, Tile, curve, paths, tiles
from tongzhou.kit.pictures.curve import APART
from tongzhou.kit.pictures.paths import POINTS_AT_MOST

START = (36.0, 103.0)
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


def ways(*items: Path) -> str:
    return paths("Routes", START, "Depot", items)


def way(number: int, **values: object) -> Path:
    """Out to the east and back, a little farther north for each number."""
    north = 36.0 + 0.05 * number
    points = [START, (north, 103.1), (north, 103.2), START]
    return Path(points, str(number), f"Trip {number}", number - 1, **values)  # type: ignore[arg-type]


def places(markup: str) -> list[tuple[float, float, str]]:
    found = re.findall(r'class="s\d" style="left:([\d.]+)%;top:([\d.]+)%"[^>]*>([^<]+)', markup)
    return [(float(left), float(top), name) for left, top, name in found]


def test_every_way_has_a_line_its_dots_and_its_number() -> None:
    markup = ways(way(1), way(2))
    assert markup.count("<path") == 2
    assert markup.count("<circle") == 4
    assert [name for _, _, name in places(markup)] == ["1", "2"]
    assert 'title="Trip 1"' in markup
    assert ">Depot<" in markup


def test_no_two_of_twelve_ways_look_the_same_without_their_number() -> None:
    markup = ways(*(way(n) for n in range(1, 13)))
    looks = re.findall(r'stroke="(var[^"]+)" stroke-dasharray="([^"]+)"/>', markup)
    assert len(set(looks)) == 12


def test_numbers_of_ways_to_one_place_keep_apart() -> None:
    spots = [at[:2] for at in places(ways(*(way(1) for _ in range(9))))]
    assert len(spots) == 9
    assert min(math.dist(a, b) for i, a in enumerate(spots) for b in spots[:i]) >= 4.9


def test_a_muted_way_is_pale_and_carries_no_number() -> None:
    markup = ways(way(1), way(2, muted=True))
    assert [name for _, _, name in places(markup)] == ["1"]
    assert markup.index("var(--tz-line)") < markup.index("var(--tz-series1)")


def test_every_point_lies_in_the_picture_whatever_its_shape() -> None:
    for north, east in ((0.0, 0.0), (0.0, 2.0), (2.0, 0.0), (1.5, 0.01), (0.3, 0.4)):
        corner = (36.0 + north, 103.0 + east)
        markup = paths("Routes", START, "Depot", [Path([START, corner, START], "1", "one")])
        height = float(re.search(r'viewBox="0 0 100 ([\d.]+)"', markup).group(1))  # type: ignore[union-attr]
        assert 45 <= height <= 140
        for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", markup):
            assert 0 <= float(x) <= 100
            assert 0 <= float(y) <= height


def test_too_many_points_are_not_drawn() -> None:
    large = Path([START] * POINTS_AT_MOST, "1", "one")
    assert ways(large, large).count("<path") == 1
