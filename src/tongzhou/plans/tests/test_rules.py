"""Cutting a run's numbers to sources, counties and parts."""

import zlib

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongzhou.plans import rules
from tongzhou.plans.rules import Span, lines_from_sources, owners_of, parts_of


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


class TestOwners:
    """A place belongs to the smallest span around it."""

    def test_the_smaller_span_wins_inside_a_larger_one(self):
        spans = [Span(0, 100, 1), Span(40, 60, 2)]
        assert owners_of(ints(10, 40, 50, 60, 61), spans).tolist() == [1, 2, 2, 2, 1]

    def test_the_order_of_the_spans_does_not_matter(self):
        spans = [Span(40, 60, 2), Span(0, 100, 1)]
        assert owners_of(ints(10, 50), spans).tolist() == [1, 2]

    def test_a_place_outside_every_span_has_no_owner(self):
        assert owners_of(ints(5, 200), [Span(10, 100, 7)]).tolist() == [0, 0]

    def test_a_code_prefix_means_nothing(self):
        """Spans of 1 and 10 lie side by side: neither reaches into the other."""
        assert owners_of(ints(15, 25), [Span(10, 19, 1), Span(20, 29, 10)]).tolist() == [1, 10]


class TestLines:
    """Places are served in tree order from the sources in their order."""

    def test_a_place_on_the_border_gets_a_line_from_each_source(self):
        lines = lines_from_sources(ints(2, 2, 2), [3, 3])
        assert lines.place.tolist() == [0, 1, 1, 2]
        assert lines.source.tolist() == [0, 0, 1, 1]
        assert lines.units.tolist() == [2, 1, 1, 2]

    def test_places_without_units_get_no_line(self):
        lines = lines_from_sources(ints(0, 2, 0, 2, 0), [10])
        assert lines.place.tolist() == [1, 3]

    def test_nothing_to_give_makes_no_lines(self):
        assert len(lines_from_sources(ints(0, 0), [5]).place) == 0
        assert len(lines_from_sources(ints(), []).place) == 0

    def test_too_little_supply_is_refused(self):
        with pytest.raises(ValueError, match="gives 4 units"):
            lines_from_sources(ints(2, 2), [3])

    @given(
        st.lists(st.integers(0, 6), max_size=30),
        st.lists(st.integers(1, 20), min_size=1, max_size=6),
    )
    def test_every_unit_is_served_once_and_no_source_overdrawn(self, units, sources):
        assume(sum(units) <= sum(sources))
        lines = lines_from_sources(np.array(units, dtype=np.int64), sources)
        by_place = np.bincount(lines.place, lines.units, minlength=len(units))
        by_source = np.bincount(lines.source, lines.units, minlength=len(sources))
        assert by_place.astype(int).tolist() == units
        assert all(by_source <= np.array(sources))
        assert (lines.units > 0).all()

    @given(
        st.lists(st.sampled_from([0, 2]), max_size=30),
        st.lists(st.integers(1, 10).map(lambda n: 2 * n), min_size=1, max_size=6),
    )
    def test_even_sources_never_split_a_drop_of_two(self, units, sources):
        assume(sum(units) <= sum(sources))
        lines = lines_from_sources(np.array(units, dtype=np.int64), sources)
        assert (lines.units == 2).all()


class TestParts:
    """A part holds lines of one county only, and a thousand at the most."""

    def test_a_large_county_is_cut_into_numbered_parts(self):
        assert parts_of(ints(1, 1, 1, 2, 2, 3), at_most=2) == [(0, 2), (2, 3), (3, 5), (5, 6)]

    def test_no_lines_make_no_parts(self):
        assert parts_of(ints()) == []

    @given(st.lists(st.integers(1, 4), max_size=60), st.integers(1, 7))
    def test_parts_cover_all_lines_once(self, groups, at_most):
        ordered = np.array(sorted(groups), dtype=np.int64)
        parts = parts_of(ordered, at_most)
        assert [at for start, end in parts for at in range(start, end)] == list(range(len(groups)))
        for start, end in parts:
            assert end - start <= at_most
            assert len(set(ordered[start:end].tolist())) == 1


class TestMedians:
    """A missing figure takes the middle of its county."""

    def test_the_county_median_stands_in(self):
        values = np.array([1.0, 3.0, np.nan, 10.0])
        assert rules.medians_by(ints(1, 1, 1, 2), values).tolist() == [2, 2, 2, 10]

    def test_a_county_that_knows_nothing_takes_the_middle_of_all(self):
        values = np.array([1.0, 3.0, np.nan])
        assert rules.medians_by(ints(1, 1, 2), values)[2] == 2

    def test_nothing_known_at_all_stays_unknown(self):
        assert np.isnan(rules.medians_by(ints(1), np.array([np.nan]))).all()


class TestPacking:
    """Arrays come back as they went in, and a hostile block does not fill the memory."""

    def test_round_trip(self):
        block = rules.packed({"a": ints(1, 2), "b": np.array([[1.5]], dtype=np.float32)})
        back = rules.unpacked(block)
        assert back["a"].tolist() == [1, 2]
        assert back["b"].dtype == np.float32

    def test_a_bomb_is_refused(self, monkeypatch):
        monkeypatch.setattr(rules, "ARRAYS_BYTES_AT_MOST", 1_000)
        with pytest.raises(ValueError, match="256 MiB"):
            rules.unpacked(zlib.compress(b"0" * 5_000))
        with pytest.raises(ValueError, match="256 MiB"):
            rules.unpacked_table(zlib.compress(bytes(24_000)))

    def test_what_could_not_be_read_again_is_not_packed(self, monkeypatch):
        monkeypatch.setattr(rules, "ARRAYS_BYTES_AT_MOST", 2_000)
        assert rules.packed({"a": np.zeros(100, dtype=np.int64)})
        with pytest.raises(ValueError, match="more than 256 MiB"):
            rules.packed({"a": np.zeros(300, dtype=np.int64)})

    def test_five_items_of_a_nation_in_twelve_waves_have_room(self):
        a_place = 7 * 4 + 1 + 8 + 12 * 4
        assert 5 * 600_000 * a_place < rules.ARRAYS_BYTES_AT_MOST

    def test_a_part_comes_back_column_by_column(self):
        table = np.array([[7, 2**40], [1, 2], [2, 4]])
        assert rules.unpacked_table(rules.packed_table(table)).tolist() == table.tolist()

    def test_a_slice_of_columns_is_packed_by_itself(self):
        table = np.arange(12).reshape(3, 4)
        assert rules.unpacked_table(rules.packed_table(table[:, 1:3])).tolist() == [
            [1, 2],
            [5, 6],
            [9, 10],
        ]


class TestJoining:
    """Small parts are posted together, as far as one transaction takes."""

    def test_neighbours_share_a_group_up_to_the_limit(self):
        assert list(rules.joined([(1, 4), (2, 6), (3, 1), (4, 9)], 10)) == [[1, 2], [3, 4]]

    def test_a_part_above_the_limit_stands_alone(self):
        assert list(rules.joined([(1, 3), (2, 99), (3, 3)], 10)) == [[1], [2], [3]]

    def test_nothing_makes_no_group(self):
        assert list(rules.joined([], 10)) == []
