"""Numbers, scopes and names, decided without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.places.rules import Scope, Spacing, initials_of, names, numbered, pinyin_of
from tongzhou.places.rules.scope import merged


@st.composite
def preorders(draw: st.DrawFn) -> list[int]:
    """Depths in pre-order of a tree of up to 40 divisions."""
    depths = [0]
    for _ in range(draw(st.integers(0, 39))):
        depths.append(draw(st.integers(1, min(depths[-1] + 1, 5))))
    return depths


@given(preorders(), st.sampled_from([Spacing.roomy(), Spacing.tight(1), Spacing.tight(3)]))
def test_an_interval_holds_exactly_the_descendants(depths: list[int], spacing: Spacing) -> None:
    first, last, top = numbered(depths, start=7, spacing=spacing)
    path: list[int] = []
    for at, depth in enumerate(depths):
        path = [*path[:depth], at]
        assert [k for k in range(at + 1) if first[k] <= first[at] <= last[k]] == path
    assert len(set(first.tolist())) == len(depths)
    assert (first[0], top) == (7 + spacing.step, last[0])


def test_depths_that_jump_are_no_preorder() -> None:
    with pytest.raises(ValueError, match="pre-order"):
        numbered([0, 2], start=0, spacing=Spacing.roomy())


def test_a_town_has_room_for_more_villages() -> None:
    first, last, _ = numbered([0, 1, 2, 3, 4, 5], start=0, spacing=Spacing.roomy())
    assert last[4] - first[5] == 32
    assert first[5] == last[5]


class Span:
    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last


def test_a_scope_holds_what_lies_in_one_of_its_intervals() -> None:
    scope = Scope.of(Span(10, 20), Span(40, 50), Span(12, 15))
    assert scope.intervals == ((10, 20), (40, 50))
    assert scope.contains(Span(20, 25))
    assert not scope.contains(Span(21, 22))
    assert not Scope(()).contains(Span(1, 1))


def test_two_scopes_have_in_common_what_lies_in_both() -> None:
    scope = Scope.of(Span(10, 20)).within(Scope.of(Span(1, 12), Span(15, 16), Span(30, 40)))
    assert scope.intervals == ((10, 12), (15, 16))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9))))
def test_merged_intervals_hold_the_same_numbers(pairs: list[tuple[int, int]]) -> None:
    intervals = [(first, first + 2 * length) for first, length in pairs]
    kept = merged(intervals)
    for number in range(80):
        held = any(a <= number <= b for a, b in intervals)
        # Crossing intervals do not occur in a tree; what is kept never holds more.
        assert any(a <= number <= b for a, b in kept) <= held
    assert list(kept) == sorted(kept)


def test_an_empty_scope_is_a_condition_that_nothing_meets() -> None:
    assert Scope(()).sql("d.first") == ("(1 = 0)", [])
    assert Scope(((1, 2), (5, 6))).sql("first")[1] == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("兰州市", "lanzhoushi", "lzs"),
        ("长寿区", "changshouqu", "csq"),
        ("蚌埠市", "bengbushi", "bbs"),
        ("重庆市", "chongqingshi", "cqs"),
        ("东风村委会", "dongfengcun", "dfc"),
        ("东风村民委员会", "dongfengcun", "dfc"),
        ("委会", "weihui", "wh"),
        ("Nairobi West", "nairobiwest", "nw"),
        ("Besançon", "besancon", "b"),
        ("", "", ""),
    ],
)
def test_a_name_is_typed_on_a_bare_keyboard(name: str, pinyin: str, initials: str) -> None:
    assert (pinyin_of(name), initials_of(name)) == (pinyin, initials)


def test_the_terms_of_a_name_answer_is_starts_and_contains() -> None:
    terms = set(names.terms("东风村委会"))
    assert set(names.being("东风村委会")) <= terms
    assert set(names.starting("东风")) <= terms
    assert set(names.containing("风村")) <= terms
    assert not set(names.starting("风村")) <= terms
    assert not set(names.being("东风村")) <= terms


def test_marks_in_a_name_cannot_break_the_grammar_of_the_index() -> None:
    assert names.terms('东"风') == ["东风", "x东风", "n2"]
    assert names.plain("东风*（第一）") == "东风第一"


def test_a_name_of_letters_alone_needs_no_marks_taken_out() -> None:
    assert not any(mark.isalnum() for mark in names.MARKS)
    assert names.plain("ＡＢ东风") == "ab东风"


def test_common_endings_are_left_out_only_where_something_else_is_left() -> None:
    assert names.telling(["东风", "村委", "委会"]) == ["东风"]
    assert names.telling(["村委", "委会"]) == ["村委", "委会"]


def test_a_clinic_is_looked_up_by_its_village() -> None:
    assert names.without_clinic_words("东风村第二卫生室") == "东风村"
    assert names.without_clinic_words("卫生室") == "卫生室"
