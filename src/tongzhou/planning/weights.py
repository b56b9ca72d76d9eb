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


def policy(version: int = 1) -> dict[str, Any]:
    """A policy that ships with the library; FileNotFoundError for an unknown version."""
    text = files(__package__).joinpath("policy", f"v{version}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def weights(
    formula: Mapping[str, Any], columns: Mapping[str, Floats], medians: Mapping[str, Floats]
) -> tuple[Floats, dict[str, Flags]]:
    """Weight of each place, float64[n] > 0, and for each figure where it was missing, bool[n].

    `columns` and `medians`: float64[n] by figure name, NaN where missing. Raises ValueError where
    the formula names a figure that is not given, or an unknown kind of factor.
    """
    weight: Floats | None = None
    missing: dict[str, Flags] = {}
    for factor in formula["factors"]:
        name = factor["figure"]
        if name not in columns:
            raise ValueError(f'The weight policy names "{name}", which the places do not carry.')
        missing[name] = np.isnan(columns[name])
        value = _bounded(factor, columns[name], medians[name], missing[name])
        weight = value if weight is None else weight * value
    if weight is None:
        raise ValueError("The weight policy has no factor. Give at least one.")
    return np.maximum(weight, float(formula["least_weight"])), missing


def _bounded(factor: Mapping[str, Any], own: Floats, median: Floats, missing: Flags) -> Floats:
    value = np.where(missing, median, own)
    value = np.where(np.isnan(value), float(factor["fallback"]), value)
    value = np.clip(value, float(factor["least"]), float(factor["most"]))
    if factor["kind"] == "times":
        return value
    if factor["kind"] == "times_one_plus":
        return 1 + value
    raise ValueError(f'The weight policy has a factor of unknown kind "{factor["kind"]}".')
