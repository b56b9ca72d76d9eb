"""Registry weights: a versioned formula over registry figures; a request never enters it.

Policy version 1: people65 x (1 + risk_share) x remoteness x growth, each factor inside its bounds.
A missing figure takes the median of the parent division and is flagged; where that is missing too
it takes the policy's fallback.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KINDS = ("times", "times_one_plus")
DECIMALS = 6


def policy(version: int = 1) -> dict[str, Any]:
    """A policy that ships with the library; FileNotFoundError for an unknown version."""
    text = files(__package__).joinpath("policy", f"v{version}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def weights(
    formula: Mapping[str, Any], columns: Mapping[str, Floats], medians: Mapping[str, Floats]
) -> tuple[Floats, dict[str, Flags]]:
    """Weight of each place, float64[n] > 0, and for each figure where it was missing, bool[n].

    `columns` and `medians`: float64[n] by figure name, NaN where missing. Weights are rounded to
    six decimals, so that two places with equal figures are equal whatever order they are
    multiplied in. Raises ValueError where the formula has no factor or one of an unknown kind,
    where it names a figure that is not given, and where a figure is negative or without end.
    """
    factors = formula.get("factors", ())
    if not factors:
        raise ValueError("The weight policy has no factor. Give at least one.")
    weight: Floats = np.array(1.0)
    missing: dict[str, Flags] = {}
    for factor in factors:
        name = factor["figure"]
        own, median = _figure("places", name, columns), _figure("medians", name, medians)
        missing[name] = np.isnan(own)
        weight = weight * _bounded(factor, own, median, missing[name])
    rounded = np.round(weight, int(formula.get("decimals", DECIMALS)))
    return np.maximum(rounded, float(formula["least_weight"])), missing


def _figure(table: str, name: str, columns: Mapping[str, Floats]) -> Floats:
    if name not in columns:
        raise ValueError(f'The weight policy names "{name}", which the {table} do not carry.')
    values = np.asarray(columns[name], dtype=np.float64)
    wrong = np.flatnonzero((values < 0) | np.isinf(values))
    if len(wrong):
        raise ValueError(
            f'Figure "{name}" of {table} row {wrong[0]} is {values[wrong[0]]}; give 0 or more, '
            "or leave it out where it is not known."
        )
    return values


def _bounded(factor: Mapping[str, Any], own: Floats, median: Floats, missing: Flags) -> Floats:
    if factor["kind"] not in KINDS:
        raise ValueError(
            f'The weight policy has a factor of unknown kind "{factor["kind"]}"; '
            f"known are {' and '.join(KINDS)}."
        )
    value = np.where(missing, median, own)
    value = np.where(np.isnan(value), float(factor["fallback"]), value)
    value = np.clip(value, float(factor["least"]), float(factor["most"]))
    return value if factor["kind"] == "times" else 1 + value
