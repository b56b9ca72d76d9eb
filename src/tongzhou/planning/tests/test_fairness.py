"""Nobody gains by where they stand in a list, by asking for more, or by hiding stock."""

import math

import numpy as np
import pytest

from tongzhou.planning import Item, Problem, Supply, Wave, check, solve
from tongzhou.planning.ties import Ties

PROVINCES, CLINICS = 31, 120


def equal_clinics() -> Problem:
    """Clinics of equal weight in 31 provinces, coded as the nation codes them; half is supplied."""
    hubs = [f"{11 + province}" for province in range(PROVINCES)]
    ids = [f"{hub}{clinic:010d}-1" for hub in hubs for clinic in range(CLINICS)]
    n = len(ids)
    return Problem.from_arrays(
        hubs + ids,
        [-1] * PROVINCES + [i // CLINICS for i in range(n)],
        node=np.arange(PROVINCES, PROVINCES + n),
        weight=1.0,
        cap=2,
        floor=2,
        drop=2,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, n)],
    )


def chi_square(served: np.ndarray) -> float:
    """Of served clinics by province against an even share, corrected for a finite nation."""
    counts = served.reshape(PROVINCES, CLINICS).sum(axis=1)
    share = served.mean()
    expected = CLINICS * share
    return float(((counts - expected) ** 2 / (expected * (1 - share))).sum())


# Wilson and Hilferty: the 99.99 % point of chi-square with 30 degrees of freedom.
LIMIT = 30 * (1 - 2 / (9 * 30) + 3.719 * math.sqrt(2 / (9 * 30))) ** 3


@pytest.mark.parametrize("seed", ["2023-01-05", 0, 1, 2])
def test_with_equal_weights_and_half_the_units_no_province_is_favoured(seed: int | str):
    problem = equal_clinics()
    plan = solve(problem, seed=seed)
    served = plan.units[:, 0] > 0
    assert served.sum() == len(served) // 2
    assert chi_square(served) < LIMIT
    assert check(problem, plan) == []


def test_the_order_of_codes_fails_the_same_test():
    n = PROVINCES * CLINICS
    assert chi_square(np.arange(n) < n // 2) > 50 * LIMIT


def test_the_order_of_codes_would_be_seen_in_the_solver(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Ties, "places", lambda self, nodes: np.argsort(np.argsort(nodes)))
    problem = equal_clinics()
    plan = solve(problem, seed="2023-01-05")
    assert chi_square(plan.units[:, 0] > 0) > 50 * LIMIT
    assert any("not in the order of seed" in fault for fault in check(problem, plan))


def test_another_seed_serves_others_and_the_same_seed_the_same():
    problem = equal_clinics()
    served = [solve(problem, seed=seed).units[:, 0] > 0 for seed in (1, 1, 2, "1")]
    assert (served[0] == served[1]).all()
    assert (served[0] == served[3]).all()  # 1 and "1" are one seed
    both = (served[0] & served[2]).mean()
    assert 0.2 < both < 0.3


def test_ties_do_not_depend_on_the_order_of_nodes():
    problem = equal_clinics()
    draw = np.random.default_rng(3).permutation(PROVINCES * CLINICS)
    hubs, ids = problem.node_ids[:PROVINCES], np.array(problem.node_ids[PROVINCES:])
    turned = Problem.from_arrays(
        [*hubs, *ids[draw]],
        [-1] * PROVINCES + (draw // CLINICS).tolist(),
        node=np.arange(PROVINCES, PROVINCES + len(draw)),
        weight=1.0,
        cap=2,
        floor=2,
        drop=2,
        items=problem.items,
        supply=problem.supply,
    )
    plain, other = solve(problem, seed=5), solve(turned, seed=5)
    assert (plain.units[draw, 0] == other.units[:, 0]).all()


def clinics(asked: np.ndarray, stock: np.ndarray | int = 0) -> Problem:
    """400 clinics that can use what their weight says; supply is 60 % of it."""
    weight = np.random.default_rng(8).integers(5, 40, 400).astype(float)
    cap = (weight * 2).astype(np.int64)
    units = int(cap.sum() * 0.6)
    return Problem.from_arrays(
        [f"c{i}" for i in range(400)],
        node=np.arange(400),
        weight=weight,
        cap=cap,
        request=asked,
        stock=stock,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, units // 2), Supply("oximeter", 3, units - units // 2)],
        waves=[Wave(0), Wave(3)],
    )


def test_asking_threefold_gains_nothing():
    need = clinics(np.full(400, -1)).needs.cap
    honest = solve(clinics(need)).units
    inflators = np.arange(400) % 10 == 0
    asked = np.where(inflators, need * 3, need)
    inflated = solve(clinics(asked)).units
    assert (inflated == honest).all()
    fill = inflated.sum(axis=1) / need
    assert fill[inflators].mean() == pytest.approx(fill[~inflators].mean(), abs=0.02)
    assert fill.mean() == pytest.approx(0.6, abs=0.02)


def test_sharing_by_request_would_reward_asking_threefold():
    need = clinics(np.full(400, -1)).needs.cap
    inflators = np.arange(400) % 10 == 0
    asked = np.where(inflators, need * 3, need)
    by_request = np.minimum(need, asked * (0.6 * need.sum() / asked.sum()))
    fill = by_request / need
    assert fill[inflators].mean() > 1.9 * fill[~inflators].mean()


def test_a_request_above_the_registry_cap_asks_for_stock_in_vain():
    """A clinic that adds its stock to its request, to hide it, still has it counted."""
    need = clinics(np.full(400, -1)).needs.cap
    stock = np.where(np.arange(400) < 40, 6, 0)
    open_ = solve(clinics(need, stock)).units
    hidden = solve(clinics(need + stock, stock)).units
    assert (hidden == open_).all()
    held = (stock + open_.sum(axis=1)) / need
    assert held[:40].mean() == pytest.approx(held[40:].mean(), abs=0.05)


def test_asking_for_less_is_believed():
    need = clinics(np.full(400, -1)).needs.cap
    modest = need.copy()
    modest[7] = 3
    assert solve(clinics(modest)).units[7].sum() == 3


COUNTIES, CLINICS_A_COUNTY = 150, 8


def counties(asked: np.ndarray) -> Problem:
    """150 counties of eight clinics with some stock; supply is half of what the registry allows."""
    chance = np.random.default_rng(21)
    n = COUNTIES * CLINICS_A_COUNTY
    weight = chance.integers(5, 40, n).astype(float)
    cap = (weight * 2).astype(np.int64)
    return Problem.from_arrays(
        [f"c{i}" for i in range(n)],
        node=np.arange(n),
        weight=weight,
        cap=cap,
        floor=2,
        request=asked,
        stock=verified(),
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, int(cap.sum() * 0.3)), Supply("oximeter", 3, cap.sum() // 5)],
        waves=[Wave(0), Wave(3)],
    )


def verified() -> np.ndarray:
    """Stock as another office counted it; what a county says of it is no part of a problem."""
    return np.random.default_rng(22).integers(0, 7, COUNTIES * CLINICS_A_COUNTY)


def gains(every: int) -> list[int]:
    """Units of use that a county gains by a false request: asking more, or for stock it hides."""
    chance = np.random.default_rng(23)
    cap = counties(np.full(COUNTIES * CLINICS_A_COUNTY, -1)).needs.cap
    # Three in ten clinics can use less than the registry allows, and say so.
    true = np.where(chance.random(len(cap)) < 0.3, cap // 2, cap)
    honest = verified() + solve(counties(true)).units.sum(axis=1)
    found = []
    for county in range(0, COUNTIES, every):
        mine = np.arange(len(cap)) // CLINICS_A_COUNTY == county
        for false in (true * 3 // 2, true * 2, true * 5, true + (verified() + 1) // 2):
            asked = np.where(mine, false, true)
            held = verified() + solve(counties(asked)).units.sum(axis=1)
            useful = np.minimum(held, true)[mine].sum() - np.minimum(honest, true)[mine].sum()
            found.append(int(useful))
    return found


def test_a_county_gains_nothing_by_a_false_request():
    assert max(gains(every=30)) <= 0


@pytest.mark.slow
def test_none_of_150_counties_gains_by_a_false_request():
    assert max(gains(every=1)) <= 0


@pytest.mark.slow
def test_600_000_equal_clinics_and_half_the_units():
    hubs = [f"{11 + province}" for province in range(PROVINCES)]
    province = np.random.default_rng(4).integers(0, PROVINCES, 600_000)
    province.sort()
    problem = Problem.from_arrays(
        hubs + [f"{hubs[p]}{i:010d}-1" for i, p in enumerate(province.tolist())],
        np.concatenate((np.full(PROVINCES, -1), province)),
        node=np.arange(PROVINCES, PROVINCES + len(province)),
        weight=1.0,
        cap=2,
        floor=2,
        drop=2,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, len(province))],
    )

    def statistic(served: np.ndarray) -> float:
        clinics, given = np.bincount(province), np.bincount(province[served], minlength=PROVINCES)
        share = served.mean()
        return float(((given - clinics * share) ** 2 / (clinics * share * (1 - share))).sum())

    for seed in range(3):
        assert statistic(solve(problem, seed=seed).units[:, 0] > 0) < LIMIT
    assert statistic(np.arange(len(province)) < len(province) // 2) > 1_000 * LIMIT
