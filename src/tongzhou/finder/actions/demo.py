"""Made-up facilities of a province for the demonstration, with what was heard of each."""

from datetime import datetime

from django.db import transaction

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.places.rules import Scope

from ..models import Facility, Fact
from ..rules import made_up
from .facts import Said, fact_of, take_over

LIST = "演示卫生部门名单"
ROWS_AT_ONCE = 500


@transaction.atomic
def make_demo_facilities(province: Division, listed_at: datetime, *, seed: int, by: Actor) -> int:
    """Make the facilities of every county, event "facilities.made_up"; how many there are.

    Every one is marked `made_up`; the same seed gives the same ones. The list is of `listed_at`.
    Does nothing where made-up facilities are there already.
    """
    within = Scope.of(province)
    there = Facility.objects.filter(within.q("division"), made_up=True)
    if not there.exists():
        made = list(_facilities(province, listed_at, seed=seed, by=by))
        Facility.objects.bulk_create([one for one, _facts in made], batch_size=ROWS_AT_ONCE)
        facts = [fact for _one, facts in made for fact in facts]
        Fact.objects.bulk_create(facts, batch_size=ROWS_AT_ONCE)
        record(
            "facilities.made_up",
            province,
            by=by,
            chain=chain_of(province),
            after={"seed": seed, "facilities": len(made)},
        )
    return there.count()


def _facilities(
    province: Division, listed_at: datetime, *, seed: int, by: Actor
) -> list[tuple[Facility, list[Fact]]]:
    """The rows, not written yet, of each county in the order of the tree."""
    rows = Division.objects.filter(
        Scope.of(province).q(), level__in=(Division.Level.COUNTY, Division.Level.TOWN),
        valid_to=None, lat__isnull=False,
    ).order_by("first")  # fmt: skip
    areas = {row.code: row for row in rows}
    towns: dict[str, list[made_up.Area]] = {}
    counties: dict[str, made_up.Area] = {}
    county = ""
    for row in areas.values():
        area = made_up.Area(row.code, row.name, row.lat or 0.0, row.lon or 0.0)
        if row.level == Division.Level.COUNTY:
            county = row.code
            counties[county] = area
        else:
            towns.setdefault(county, []).append(area)
    said = Said("A", listed_at, LIST)
    return [
        _made(site, areas[site.area], said, by)
        for code, area in counties.items()
        for site in made_up.sites(area, towns.get(code, []), seed)
    ]


def _made(
    site: made_up.Site, division: Division, listed: Said, by: Actor
) -> tuple[Facility, list[Fact]]:
    """One facility as the list has it, and then as it was heard of."""
    now = clock.now()
    facility = Facility(code=site.code, division=division, made_up=True)
    facts = _said(facility, site.facts, listed, by=by, at=now)
    if site.heard is not None:
        heard = Said(site.heard.source, now - site.heard.ago)
        for fact in facts:
            fact.current = fact.field not in site.heard.facts
        facts += _said(facility, site.heard.facts, heard, by=by, at=now)
        if heard.source == "C":
            facility.ever_called, facility.called_at = True, heard.as_of
    return facility, facts


def _said(
    facility: Facility, facts: made_up.Facts, said: Said, *, by: Actor, at: datetime
) -> list[Fact]:
    for field, value in facts.items():
        take_over(facility, field, value, said)
    facility.checked_at = said.as_of
    return [
        fact_of(facility, field, value, said, by=by, at=at, current=True)
        for field, value in facts.items()
    ]
