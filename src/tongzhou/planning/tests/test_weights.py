"""Weights come from registry figures by a versioned formula; what is missing is flagged."""

from typing import Any

import numpy as np
import pytest

from tongzhou.planning.weights import policy, weights

NAN = float("nan")


def figures(**changed: Any) -> dict[str, np.ndarray]:
    plain = {"people65": [120, 40], "risk_share": [0.2, 0.5], "remoteness": [1.1, 1.5]}
    stated = {**plain, "growth": [1.0, 1.6], **changed}
    return {name: np.array(values, dtype=np.float64) for name, values in stated.items()}


def test_the_formula_of_version_one():
    weight, missing = weights(policy(1), figures(), figures())
    assert weight.tolist() == [round(120 * 1.2 * 1.1, 6), round(40 * 1.5 * 1.5 * 1.6, 6)]
    assert not any(flags.any() for flags in missing.values())


def test_a_missing_figure_takes_the_median_of_the_parent_and_is_flagged():
    own, median = figures(people65=[NAN, 40]), figures(people65=[80, 999])
    weight, missing = weights(policy(), own, median)
    assert weight[0] == pytest.approx(80 * 1.2 * 1.1)
    assert missing["people65"].tolist() == [True, False]
    assert missing["growth"].tolist() == [False, False]


def test_where_the_median_is_missing_too_the_policy_has_a_figure():
    nowhere = figures(people65=[NAN, NAN], remoteness=[NAN, 1.5])
    weight, missing = weights(policy(), nowhere, nowhere)
    assert weight[0] == pytest.approx(100 * 1.2 * 1.0)
    assert missing["remoteness"].tolist() == [True, False]


def test_each_factor_stays_inside_its_bounds():
    wild = figures(risk_share=[7.0, 0.5], remoteness=[0.0, 9.0], growth=[0.1, 50.0])
    weight, _ = weights(policy(), wild, wild)
    assert weight.tolist() == [120 * 2.0, 40 * 1.5 * 1.5 * 2.0]


def test_a_place_without_elders_still_counts_a_little():
    weight, _ = weights(policy(), figures(people65=[0, 40]), figures())
    assert weight[0] == 0.01


def test_equal_figures_make_equal_weights_whatever_the_rounding_of_products():
    a = np.full(3, 0.1) * 3
    assert a[0] != 0.3
    weight, _ = weights(
        policy(),
        {**figures(), "people65": np.array([a[0] * 100, 30.0])},
        figures(),
    )
    same, _ = weights(policy(), {**figures(), "people65": np.array([30.0, 30.0])}, figures())
    assert weight[0] == same[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"growth": [-1.0, 1.0]}, 'Figure "growth" of places row 0 is -1.0'),
        ({"people65": [1.0, float("inf")]}, 'Figure "people65" of places row 1 is inf'),
    ],
)
def test_a_figure_that_cannot_be_is_named(change: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        weights(policy(), figures(**change), figures())


def test_a_figure_the_places_do_not_carry_is_named():
    columns = figures()
    del columns["growth"]
    with pytest.raises(ValueError, match='names "growth", which the places'):
        weights(policy(), columns, figures())
    with pytest.raises(ValueError, match='names "growth", which the medians'):
        weights(policy(), figures(), columns)


def test_a_formula_that_is_none_is_refused():
    with pytest.raises(ValueError, match="has no factor"):
        weights({"factors": [], "least_weight": 1}, {}, {})
    strange = {**policy(), "factors": [{"figure": "growth", "kind": "power"}]}
    with pytest.raises(ValueError, match='unknown kind "power"'):
        weights(strange, figures(), figures())


def test_an_unknown_version_is_no_file():
    with pytest.raises(FileNotFoundError):
        policy(99)


def test_a_policy_says_its_formula_and_version():
    assert policy(1)["version"] == 1
    assert policy(1)["text"] == "people65 x (1 + risk_share) x remoteness x growth"
