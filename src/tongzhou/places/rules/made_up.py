"""Made-up clinics for the demo: how many a village has, how they are called, whom they serve.

Nothing here is a fact about a clinic. What is known is how many village clinics a province has for
each village, and how many people of 65 and over it has; the rest is drawn from a seed, the same for
everyone who uses that seed, and marked as made up wherever it is shown (docs/places.md).
"""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# 599,292 village clinics (National Health Commission, statistics of 2021) for 486,969 villages.
NATIONAL_RATIO = 1.23
# 190,635,280 people of 65 and over (census of 2020) in 620,573 village-level units.
PEOPLE65_PER_UNIT = 307
MOST_IN_A_VILLAGE = 9
# Sizes of villages within a province are drawn from a log-normal distribution of this width.
SIZE_SIGMA = 0.6
# A city's community holds more people than a village of the same rank.
COMMUNITY_WEIGHT = 2.0
RISK_MEAN, RISK_SPREAD, RISK_BOUNDS = 0.30, 0.08, (0.10, 0.60)
GROWTH_SPREAD, GROWTH_BOUNDS = 0.12, (0.6, 1.6)
# Remoteness is 1.0 at the county's point and 1.5 from this distance on.
REMOTE_KM, REMOTE_MOST = 60.0, 0.5
# Shares left empty, so that the rule for missing figures is exercised.
MISSING = {"people65": 0.02, "risk_share": 0.05, "remoteness": 0.01, "growth": 0.03}
SCATTER_DEGREES = 0.004
KM_PER_DEGREE = 111.2
ENDINGS = ("村民委员会", "村委会", "社区居委会", "居民委员会", "居委会", "委员会")
NUMBERS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Province:
    """What is known about a province: its code, clinics per village, people of 65 and over."""

    code: str
    ratio: float
    people65: int


def unknown(code: str, units: int) -> Province:
    """A province of which nothing is known: the nation's clinics a village and people a unit."""
    return Province(code, NATIONAL_RATIO, PEOPLE65_PER_UNIT * units)


def clinics(units: pl.DataFrame, province: Province, *, seed: int) -> pl.DataFrame:
    """The clinics of a province, one row each in tree order.

    `units`: all its village-level units in tree order with id, code, name, kind, lat, lon and the
    point of their county as county_lat, county_lon (degrees). Only villages get clinics. Returns
    code, name, division_id, lat, lon, people65, risk_share, remoteness (1.0 to 1.5), growth.
    """
    random = default_rng([seed, *province.code.encode()])
    sizes = _sizes(units, random)
    people = province.people65 * sizes / sizes.sum() if len(sizes) else sizes
    villages = (units["kind"] == "village").to_numpy()
    counts = np.zeros(len(sizes), dtype=np.int64)
    counts[villages] = _counts(sizes[villages], province.ratio)
    at = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    rows = units[at].with_columns(
        pl.Series("number", number), pl.Series("people65", np.rint((people / counts.clip(1))[at]))
    )
    return _described(rows, random)


def _sizes(units: pl.DataFrame, random: Generator) -> Floats:
    drawn = random.lognormal(0.0, SIZE_SIGMA, units.height)
    return np.where((units["kind"] == "community").to_numpy(), COMMUNITY_WEIGHT, 1.0) * drawn


def _counts(sizes: Floats, ratio: float) -> Whole:
    """One clinic to each village, the others to the largest villages for each clinic they have;
    where there are fewer clinics than villages, the largest villages have one."""
    total = min(round(len(sizes) * ratio), MOST_IN_A_VILLAGE * len(sizes))
    counts = np.zeros(len(sizes), dtype=np.int64)
    if total <= len(sizes):
        counts[np.argsort(-sizes, kind="stable")[:total]] = 1
        return counts
    shares = (sizes[:, None] / np.arange(2, MOST_IN_A_VILLAGE + 1)).ravel()
    taken = np.argsort(-shares, kind="stable")[: total - len(sizes)]
    np.add.at(counts, taken // (MOST_IN_A_VILLAGE - 1), 1)
    return counts + 1


def _described(rows: pl.DataFrame, random: Generator) -> pl.DataFrame:
    n = rows.height
    lat = rows["lat"].to_numpy() + random.uniform(-SCATTER_DEGREES, SCATTER_DEGREES, n)
    lon = rows["lon"].to_numpy() + random.uniform(-SCATTER_DEGREES, SCATTER_DEGREES, n)
    risk = random.normal(RISK_MEAN, RISK_SPREAD, n).clip(*RISK_BOUNDS)
    growth = np.exp(random.normal(0.0, GROWTH_SPREAD, n)).clip(*GROWTH_BOUNDS)
    figures = {
        "people65": rows["people65"].to_numpy(),
        "risk_share": risk.round(3),
        "remoteness": _remoteness(rows, lat, lon).round(3),
        "growth": growth.round(3),
    }
    return pl.DataFrame(
        {
            "code": rows["code"] + "-" + rows["number"].cast(pl.String),
            "name": rows.select(clinic_name())["name"],
            "division_id": rows["id"],
            "lat": lat.round(5),
            "lon": lon.round(5),
            **{name: _with_gaps(name, values, random) for name, values in figures.items()},
        }
    ).with_columns(pl.col("lat", "lon").fill_nan(None))


def _remoteness(rows: pl.DataFrame, lat: Floats, lon: Floats) -> Floats:
    """1 + half of the distance to the county's point in units of 60 km, 1.5 at the most."""
    north = (lat - rows["county_lat"].to_numpy()) * KM_PER_DEGREE
    east = (lon - rows["county_lon"].to_numpy()) * KM_PER_DEGREE * np.cos(lat * math.pi / 180)
    remote: Floats = 1 + REMOTE_MOST * (np.hypot(north, east) / REMOTE_KM).clip(0, 1)
    return remote


def _with_gaps(name: str, values: Floats, random: Generator) -> pl.Series:
    drawn = random.uniform(0, 1, len(values)) < MISSING[name]
    return pl.Series(np.where(drawn, np.nan, values)).fill_nan(None)


def clinic_name() -> pl.Expr:
    """Of the columns `name` (a village's) and `number` the clinic's name, as `name`: 某某村卫生室
    for the first clinic of a village, 某某村第二卫生室 for the second."""
    village, number = pl.col("name"), pl.col("number")
    base = village
    # The longest ending comes first in the list, and is asked last so that it decides.
    for ending in reversed(ENDINGS):
        kept = village.str.strip_suffix(ending) + ("村" if ending.startswith("村") else "")
        ends = village.str.ends_with(ending) & (village != ending)
        base = pl.when(ends).then(kept).otherwise(base)
    nth = number.replace_strict(
        {at: f"第{numeral}" if at > 1 else "" for at, numeral in enumerate(NUMBERS, 1)},
        return_dtype=pl.String,
    )
    return (base + nth + "卫生室").alias("name")
