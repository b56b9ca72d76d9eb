"""The compiled ranking is the plain one: every drop where a sort by the definition puts it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import int64
from numba.core import caching

from tongzhou.planning import Allocations, Item, Problem, ProblemError, Supply, Wave, check, solve
from tongzhou.planning import ledger as ledger_module
from tongzhou.planning.compiling import compiled
from tongzhou.planning.digests import LANES, LONGEST, heads_of
from tongzhou.planning.ledger import FEW, STAGES, STEP, Ledger, build, by_group, reused
from tongzhou.planning.plan.cells import dense, sparse
from tongzhou.planning.ties import WORTH_COMPILED, Ties
from tongzhou.planning.waves import OPEN, cut

from .oracles import digest

Listed = tuple[tuple[int, float, float, bytes], int, int]
ALIKE = (1.0, 2.0, 3.0, 0.5, 1 / 3)
FAR = (0.0, 1e-12, 1e12, 7.25, np.nextafter(7.25, 8), np.nextafter(7.25, 0), 1.0)


def by_definition(problem: Problem, seed: Any, supply: int) -> list[Listed]:
    """Claim, needs row and number of every drop of item 0, in order, one drop after the other."""
    needs, found = problem.needs, []
    for row in np.flatnonzero(needs.item == 0).tolist():
        weight, drop, floor = (a[row].item() for a in (needs.weight, needs.drop, needs.floor))
        tie = digest(seed, problem.node_ids[needs.node[row]])
        for number in range(max(0, min(int(needs.room[row]), supply)) // drop):
            held = int(needs.stock[row]) + number * drop
            middle = (2 * held + drop) / (2 * weight) if weight else np.inf
            if held < floor and held == 0:
                claim = (0, middle, 0.0)
            elif held < floor:
                fill = -(held + drop) / weight if weight else held
                claim = (1, held / weight if weight else np.inf, fill)
            else:
                claim = (2, middle, 0.0) if weight else (3, held + drop / 2, 0.0)
            found.append(((*claim, tie), row, number))
    return sorted(found)


def problem_of(draw: np.random.Generator, n: int, **columns: Any) -> Problem:
    stated = {
        "weight": draw.choice(ALIKE, n),
        "cap": draw.integers(0, 12, n),
        "floor": draw.integers(0, 7, n),
        "stock": draw.integers(0, 3, n) * (draw.random(n) < 0.3),
        "drop": 1,
        **columns,
    }
    # Every other row is of another item, so that rows of the item are not all rows.
    both = {name: np.repeat(np.broadcast_to(values, n), 2) for name, values in stated.items()}
    return Problem.from_arrays(
        [f"n{i}" for i in range(n)],
        node=np.repeat(np.arange(n), 2),
        item=np.tile([0, 1], n),
        **both,
        items=[Item("a"), Item("b")],
        supply=[Supply("a", 0, 10**6)],
    )


def ledger_of(problem: Problem, seed: Any = 1, supply: int = 10**6) -> Ledger:
    rows = len(problem.needs)
    settled, closed = np.zeros(rows, np.int64), np.zeros(rows, bool)
    return build(problem, 0, Ties(seed, problem.node_ids), settled, closed, supply)


def assert_as_defined(problem: Problem, seed: Any = 1, supply: int = 10**6) -> None:
    ledger, listed = ledger_of(problem, seed, supply), by_definition(problem, seed, supply)
    assert ledger.rows[ledger.row_of].tolist() == [row for _, row, _ in listed]
    assert ledger.key.tolist() == [claim[1] for claim, _, _ in listed]
    starts = ledger.offset[ledger.row_of]
    assert (ledger.order - starts).tolist() == [number for *_, number in listed]
    assert ledger.rank[ledger.order].tolist() == list(range(len(listed)))
    stages = [STAGES[claim[0]] for claim, _, _ in listed]
    assert [ledger.stage(rank) for rank in range(len(listed))] == stages


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), far=st.booleans(), sizes=st.booleans())
def test_drops_stand_where_the_definition_puts_them(seed: int, n: int, far: bool, sizes: bool):
    draw = np.random.default_rng(seed)
    columns: dict[str, Any] = {"drop": draw.integers(1, 4, n)} if sizes else {}
    if far:
        columns["weight"] = draw.choice(FAR, n)
    assert_as_defined(problem_of(draw, n, **columns), seed, int(draw.integers(0, 40)))


KINDS: dict[str, dict[str, Any]] = {
    "all alike": {"weight": 1.0, "cap": 6, "floor": 4, "stock": 0},
    "all of weight 0": {"weight": 0.0},
    "all of weight 0 below their floors": {"weight": 0.0, "floor": 12, "cap": 12},
    "no room": {"cap": 0},
    "no floor": {"floor": 0},
    "floors above caps": {"floor": 50},
    "the lightest and the heaviest": {"weight": [1e-12, 1e12] * 10},
    "claims that differ in their last bit": {
        "weight": [3.1, float(np.nextafter(3.1, 4)), 1e-12, 1e12] * 5,
        "cap": 4,
    },
    "large numbers": {"cap": 10**10, "stock": 10**10 - 7, "floor": 10**10},
}


@pytest.mark.parametrize("kind", KINDS)
def test_hard_kinds_of_needs_stand_where_the_definition_puts_them(kind: str):
    assert_as_defined(problem_of(np.random.default_rng(5), 20, **KINDS[kind]), "s", 9)


@pytest.mark.parametrize("bits", [4, 10, 20])
def test_claims_that_look_alike_when_shortened_are_told_apart(
    bits: int, monkeypatch: pytest.MonkeyPatch
):
    """A nation leaves a claim some 40 bits of 63; with so few, nearly all claims meet."""
    scale = ledger_module._scale
    monkeypatch.setattr(ledger_module, "_scale", lambda *about: scale(*about[:2], bits))
    for seed, weight in enumerate((ALIKE, FAR, (3.1, np.nextafter(3.1, 4)))):
        draw = np.random.default_rng(seed)
        drop = draw.integers(1, 4, 40)
        assert_as_defined(problem_of(draw, 40, weight=draw.choice(weight, 40), drop=drop), seed)


def test_equal_claims_of_many_nodes_are_in_the_order_of_their_digests():
    n = 2 * WORTH_COMPILED
    problem = problem_of(np.random.default_rng(0), n, weight=2.0, cap=1, floor=1, stock=0)
    ledger = ledger_of(problem, "published")
    names = [problem.node_ids[node] for node in problem.needs.node[ledger.rows[ledger.row_of]]]
    assert names == sorted(problem.node_ids, key=lambda name: digest("published", name))


@pytest.mark.parametrize("length", [0, 1, LONGEST - 4, LONGEST - 3, LONGEST, 80])
def test_compiled_digests_are_those_of_hashlib(length: int):
    names = ["村" * (i % 3) + "x" * max(0, length - 3 * (i % 3)) + "" for i in range(LANES + 3)]
    found = heads_of(b"s7:", [f"{name}" for name in names])
    whole = [hashlib.sha256(b"s7:" + name.encode()).digest() for name in names]
    assert found.tolist() == [int.from_bytes(one[:8], "big") for one in whole]


def test_two_digests_that_begin_alike_are_ordered_by_the_rest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Ties, "_heads", lambda self, nodes: np.zeros(len(nodes), np.uint64))
    ids = [f"n{i}" for i in range(9)]
    places = Ties(3, ids).places(np.arange(9))
    order = sorted(range(9), key=lambda i: digest(3, ids[i]))
    assert [ids[i] for i in np.argsort(places)] == [ids[i] for i in order]


def test_where_nothing_can_be_kept_a_pass_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
):
    """A service without a home, on an installation it cannot write to."""
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    @compiled(int64(int64))
    def twice(x: int) -> int:
        return 2 * x

    assert twice(21) == 42


def test_a_pass_that_cannot_be_compiled_says_so():
    with pytest.raises(Exception, match="cannot"):
        compiled(int64(int64))(lambda x: x.nothing)


# ----------------------------------------------------------------------------- looking into it


def long_list(**columns: Any) -> Ledger:
    """Several marks long, with a row that has more drops than are looked for one by one."""
    cap = np.full(40, 3 * STEP // 20)
    cap[7] = 5 * FEW
    draw = np.random.default_rng(2)
    return ledger_of(problem_of(draw, 40, cap=cap, floor=draw.choice([0, 2, 30], 40), **columns))


@pytest.mark.parametrize("weight", [None, 1.0, 0.0], ids=["several", "one", "none"])
def test_the_ranks_of_a_row_are_found_without_the_column_of_ranks(weight: float | None):
    ledger = long_list() if weight is None else long_list(weight=weight)
    assert len(ledger) > 3 * STEP
    for row in range(len(ledger.rows)):
        mine = slice(ledger.offset[row], ledger.offset[row + 1])
        assert ledger.ranks_of(row).tolist() == ledger.rank[mine].tolist()
        assert ledger.position(int(ledger.rows[row])) == row


def test_a_key_is_the_same_alone_and_in_the_column():
    ledger = long_list()
    for rank in range(0, len(ledger), 37):
        assert ledger.key_at(rank) == ledger.key[rank]


def test_groups_hold_their_drops_in_the_order_of_the_list():
    ledger = long_list()
    group = np.random.default_rng(1).integers(-1, 4, 80)
    ranks, starts = by_group(ledger, group, 5)
    of_rank = group[ledger.rows[ledger.row_of]]
    for number in range(5):
        mine = ranks[starts[number] : starts[number + 1]]
        assert mine.tolist() == np.flatnonzero(of_rank == number).tolist()
    assert len(ranks) == (of_rank >= 0).sum()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=st.booleans())
def test_a_cut_gives_drop_after_drop_until_one_does_not_fit(seed: int, sizes: bool):
    draw = np.random.default_rng(seed)
    ledger = ledger_of(problem_of(draw, 12, drop=draw.integers(1, 4, 12) if sizes else 2))
    wave_of = np.full(len(ledger), OPEN, dtype=np.int16)
    for wave in range(3):
        reach = draw.random(len(ledger.rows)) < 0.6
        left = available = int(draw.integers(0, 30))
        expected, following = [], None
        for rank, row in enumerate(ledger.row_of.tolist()):
            if wave_of[rank] == OPEN and reach[row]:
                if ledger.drop[row] > left:
                    following = rank
                    break
                left -= int(ledger.drop[row])
                expected.append(rank)
        ranks, next_rank = cut(ledger, wave_of, wave, reach, available)
        assert (ranks.tolist(), next_rank) == (expected, following)
        assert np.flatnonzero(wave_of == wave).tolist() == expected
        assert ledger.units(ranks) == available - left


def test_waiting_units_are_counted_up_to_any_rank():
    problem = problem_of(np.random.default_rng(3), 200, cap=9, stock=0)
    plan = solve(replace(problem, supply=(Supply("a", 0, 700),)))
    standing = plan.standing(0)
    open_units = np.where(standing.wave_of == OPEN, 1, 0)
    for rank in range(0, len(standing.ledger) + 1, 19):
        assert standing.waiting(rank) == open_units[:rank].sum()
    assert standing.last == {0: 699}


# ------------------------------------------------------------------------------- used again


def same(one: Ledger, other: Ledger) -> bool:
    names = ("rows", "base", "offset", "row_of", "stage_ends", "key", "order")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=st.booleans())
def test_a_list_used_again_is_the_one_that_would_be_built(seed: int, sizes: bool):
    draw = np.random.default_rng(seed)
    drop = draw.integers(1, 4, 30) if sizes else 2
    problem = problem_of(draw, 30, drop=drop)
    ledger = ledger_of(problem)
    needs, ties = problem.needs, Ties(1, problem.node_ids)
    # Some rows were given whole drops meanwhile, and one was settled by a person.
    given_ = np.zeros(len(needs), np.int64)
    room = np.diff(ledger.offset)
    given_[ledger.rows] = draw.integers(0, room + 1) * ledger.drop
    closed = np.arange(len(needs)) == 2 * draw.integers(0, 30)
    for supply in (int(draw.integers(0, 40)), 10**6):
        again = reused(ledger, problem, 0, given_, closed, supply)
        assert again is not None
        assert same(again, build(problem, 0, ties, given_, closed, supply))


CHANGES: dict[str, Callable[[Problem], Problem]] = {
    "a weight": lambda p: replace(p, needs=replace(p.needs, weight=p.needs.weight * 2)),
    "a floor": lambda p: replace(p, needs=replace(p.needs, floor=p.needs.floor + 1)),
    "a cap that is higher": lambda p: replace(p, needs=replace(p.needs, cap=p.needs.cap + 9)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_list_is_built_anew_after_a_change_of(change: str):
    problem = problem_of(np.random.default_rng(4), 30)
    nothing, open_ = np.zeros(60, np.int64), np.zeros(60, bool)
    assert reused(ledger_of(problem), CHANGES[change](problem), 0, nothing, open_, 99) is None


def test_a_list_is_built_anew_where_supply_had_cut_it_or_part_of_a_drop_was_given():
    problem = problem_of(np.random.default_rng(4), 30, drop=2, stock=0)
    nothing, open_ = np.zeros(60, np.int64), np.zeros(60, bool)
    assert reused(ledger_of(problem, supply=4), problem, 0, nothing, open_, 10) is None
    row = int(ledger_of(problem).rows[np.argmax(np.diff(ledger_of(problem).offset) > 1)])
    assert (
        reused(ledger_of(problem), problem, 0, nothing + (np.arange(60) == row), open_, 99) is None
    )


def test_other_needs_with_the_same_claims_use_the_list_again():
    problem = problem_of(np.random.default_rng(4), 30)
    nothing, open_ = np.zeros(60, np.int64), np.zeros(60, bool)
    lower = replace(problem, needs=replace(problem.needs, cap=problem.needs.cap // 2))
    again = reused(ledger_of(problem), lower, 0, nothing, open_, 99)
    assert again is not None
    assert same(again, ledger_of(lower, supply=99))


# ----------------------------------------------------------------------------- large and many


def test_units_beyond_four_bytes_are_kept_whole():
    problem = Problem.from_arrays(
        ["a", "b"],
        node=[0, 1],
        weight=[3.0, 1.0],
        cap=10**10,
        drop=10**9,
        items=[Item("i")],
        supply=[Supply("i", 0, 10**10), Supply("i", 1, 10**9)],
        waves=[Wave(0), Wave(1)],
    )
    plan = solve(problem)
    assert plan.units.sum(axis=1).tolist() == [8 * 10**9, 3 * 10**9]
    assert plan.units.max() > 2**31
    assert check(problem, plan) == []
    later = solve(problem, freeze=plan.publish([0]))
    assert (later.units[:, 0] == plan.units[:, 0]).all()
    assert check(problem, later, freeze=plan.publish([0])) == []


@pytest.mark.parametrize("turn", ["as they are", "rows turned", "lines turned", "a line twice"])
def test_lines_become_the_table_they_were_made_of(turn: str):
    draw = np.random.default_rng(6)
    problem = problem_of(draw, 30)
    units = draw.integers(0, 3, (60, 1))
    if turn == "rows turned":
        order = draw.permutation(60)
        columns = {name: column[order] for name, column in vars(problem.needs).items()}
        problem = replace(problem, needs=replace(problem.needs, **columns))
    lines = sparse(problem, units)
    if turn == "lines turned":
        order = draw.permutation(len(lines))
        lines = Allocations(*(column[order] for column in lines.columns()))
    if turn == "a line twice":
        lines = Allocations(*(np.append(column[:1], column) for column in lines.columns()))
        row = problem.rows_of(lines.node[:1], lines.item[:1])
        units[row[0], lines.wave[0]] *= 2
    assert (dense(problem, lines) == units).all()


@pytest.mark.parametrize(
    ("column", "value"), [("node", 99), ("node", -1), ("node", 2**32), ("wave", 1), ("wave", -1)]
)
def test_a_line_without_a_place_is_refused(column: str, value: int):
    problem = problem_of(np.random.default_rng(6), 30)
    lines = sparse(problem, np.ones((60, 1), dtype=np.int64))
    wrong = getattr(lines, column).astype(np.int64)
    wrong[7] = value
    with pytest.raises(ValueError, match="does not fit the problem"):
        dense(problem, replace(lines, **{column: wrong}))


def test_more_drops_than_a_small_number_holds_are_refused():
    problem = problem_of(np.random.default_rng(0), 3, cap=10**10)
    with pytest.raises(ProblemError, match="30,000,000,000 drops to rank"):
        ledger_of(problem, supply=10**15)
