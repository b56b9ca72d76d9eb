"""Made-up facilities for the demonstration: drawn by a seed, numbered, and marked as made up.

A county has a hospital with an emergency department, a fever clinic, in every other county a second
hospital, and two health centres in its towns. All stand on a list of the authority; what was heard
of each since differs as it does in life: called today, called too long ago, or never called.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

Facts = Mapping[str, object]
CENTRES = 2
# Degrees that a county's facilities lie apart from its middle, at most.
SPREAD = 0.025
ALWAYS = "24/7"
HOSPITAL_HOURS = (
    "Mo-Fr 08:00-12:00,14:30-18:00; Sa 08:30-12:00; PH off",
    "Mo-Sa 08:00-17:30; PH 09:00-12:00",
    "Mo-Su 08:00-20:00",
)
FEVER_HOURS = (ALWAYS, "Mo-Su 08:00-22:00", "Mo-Su 07:30-21:30", "Mo-Su 08:00-12:00,14:00-20:30")
CENTRE_HOURS = (
    "Mo-Fr 08:00-18:00; Sa 09:00-12:00; PH off",
    "Mo-Su 08:00-20:00",
    "Mo-Su 08:30-12:00,14:00-21:00",
    "Mo-Fr 08:00-12:00,14:00-17:30",
    # As some lists have it: it cannot be read, is kept and flagged.
    "工作日白天",
)
STREET = "街道"
# Shares of what was heard since the list: a call of late, the site itself, an old call; else none.
CALLED, STATED, CALLED_LONG_AGO = 0.45, 0.6, 0.8
LATELY_HOURS, LONG_AGO_HOURS = (1.0, 70.0), (80.0, 150.0)
WITHOUT_PHONE = 0.04


@dataclass(frozen=True, slots=True)
class Area:
    """A county or town: its code, name and point in degrees."""

    code: str
    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source (B site, C call) said of it, so long before the story's evening."""

    source: str
    ago: timedelta
    facts: Facts


@dataclass(frozen=True, slots=True)
class Site:
    """A made-up facility: what the list says of it, and what was heard since."""

    code: str
    area: str
    facts: Facts
    heard: Heard | None = field(default=None)


def sites(county: Area, towns: Sequence[Area], seed: int) -> list[Site]:
    """The facilities of one county; the same seed gives the same ones."""
    draw = random.Random(f"{seed}:{county.code}")  # noqa: S311 - invention, no secret
    made = list(_listed(county, towns, draw))
    return [
        Site(code, area.code, facts, _heard(facts, draw))
        for code, area, facts in (
            (f"{county.code}-{mark}", area, _completed(facts, area, county.code, number, draw))
            for number, (mark, area, facts) in enumerate(made, start=1)
        )
    ]


def _listed(
    county: Area, towns: Sequence[Area], draw: random.Random
) -> Iterator[tuple[str, Area, dict[str, object]]]:
    """Each facility's mark, area, and what makes it what it is."""
    yield (
        "h1",
        county,
        {
            "name": f"{county.name}第一演示医院",
            "kind": "hospital",
            "has_emergency": True,
            "has_oxygen": True,
            "sees_fever": True,
            "sees_children": draw.random() < 0.7,
            "hours": ALWAYS,
        },
    )
    yield (
        "f1",
        county,
        {
            "name": f"{county.name}演示发热门诊",
            "kind": "fever",
            "sees_fever": True,
            "sees_children": draw.random() < 0.5,
            "has_oxygen": draw.random() < 0.5,
            "hours": draw.choice(FEVER_HOURS),
        },
    )
    if draw.random() < 0.5:
        yield (
            "h2",
            county,
            {
                "name": f"{county.name}第二演示医院",
                "kind": "hospital",
                "has_oxygen": True,
                "sees_fever": draw.random() < 0.5,
                "sees_children": draw.random() < 0.5,
                "hours": draw.choice(HOSPITAL_HOURS),
            },
        )
    for number, town in enumerate(draw.sample(towns, min(CENTRES, len(towns))), start=1):
        yield (
            f"c{number}",
            town,
            {
                "name": _centre(town.name),
                "kind": "centre",
                "sees_fever": draw.random() < 0.4,
                "sees_children": draw.random() < 0.3,
                "has_oxygen": draw.random() < 0.4,
                "hours": draw.choice(CENTRE_HOURS),
            },
        )


def _centre(town: str) -> str:
    if town.endswith(STREET):
        return f"{town.removesuffix(STREET)}演示社区卫生服务中心"
    return f"{town}演示卫生院"


def _completed(
    facts: dict[str, object], area: Area, county: str, number: int, draw: random.Random
) -> dict[str, object]:
    """With a point and a telephone: no exchange has numbers that begin with 0000."""
    around = [round(at + draw.uniform(-SPREAD, SPREAD), 5) for at in (area.lat, area.lon)]
    phone = "" if draw.random() < WITHOUT_PHONE else f"0000-{county[:6]}{number}"
    return {**facts, "address": f"{area.name}演示路 {draw.randint(1, 180)} 号",
            "point": around, "phones": phone}  # fmt: skip


def _heard(facts: Facts, draw: random.Random) -> Heard | None:
    """What somebody said since the list; who cannot be called is not called."""
    luck = draw.random()
    if luck >= CALLED_LONG_AGO or not facts["phones"]:
        return None
    lately = luck < STATED
    hours = draw.uniform(*(LATELY_HOURS if lately else LONG_AGO_HOURS))
    said = {name: facts[name] for name in ("hours", "sees_fever", "has_oxygen") if name in facts}
    if lately:
        said["wait_minutes"] = draw.choice((10, 15, 20, 30, 40, 60, 90))
    source = "C" if luck < CALLED or not lately else "B"
    return Heard(source, timedelta(hours=hours), said)
