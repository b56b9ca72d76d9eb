"""Made-up facilities: the same for a seed, marked, and such as life has them."""

from datetime import timedelta

import pytest

from tongzhou.finder.actions import make_demo_facilities
from tongzhou.finder.models import Facility, Fact
from tongzhou.finder.rules import made_up
from tongzhou.finder.rules.fields import FIELDS, checked, hours_are_read
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM

from .conftest import NOW, World

LISTED = NOW - timedelta(days=7)
COUNTIES = [made_up.Area(f"6201{n:02}", f"演示{n}县", 36.0, 103.8) for n in range(1, 41)]
TOWNS = [made_up.Area("620101001", "东岗街道", 36.1, 103.9), made_up.Area("2", "西镇", 36.0, 103.7)]


def drawn(seed: int = 7) -> list[made_up.Site]:
    return [site for county in COUNTIES for site in made_up.sites(county, TOWNS, seed)]


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(8)
    codes = [site.code for site in drawn()]
    assert len(set(codes)) == len(codes)


def test_every_county_has_an_emergency_department_and_a_fever_clinic() -> None:
    for county in COUNTIES:
        own = [site.facts for site in made_up.sites(county, TOWNS, 7)]
        assert sum("has_emergency" in facts for facts in own) == 1
        assert sum(facts["kind"] == "fever" for facts in own) == 1
    assert made_up.sites(COUNTIES[0], [], 7)


def test_names_and_telephones_cannot_be_taken_for_real_ones() -> None:
    for site in drawn():
        assert "演示" in str(site.facts["name"])
        assert str(site.facts["phones"]).startswith("0000-") or site.facts["phones"] == ""
    names = {str(site.facts["name"]) for site in drawn()}
    assert {"东岗演示社区卫生服务中心", "西镇演示卫生院"} <= names


def test_every_value_is_one_that_its_field_can_have() -> None:
    for site in drawn():
        for facts in (site.facts, site.heard.facts if site.heard else {}):
            for field, value in facts.items():
                assert field in FIELDS
                checked(field, value)


def test_what_was_heard_differs_as_it_does_in_life() -> None:
    sites = drawn()
    fresh = [s for s in sites if s.heard and s.heard.ago <= timedelta(hours=72)]
    stale = [s for s in sites if s.heard and s.heard.ago > timedelta(hours=72)]
    silent = [s for s in sites if s.heard is None]
    assert min(len(fresh), len(stale), len(silent)) >= 20
    assert {s.heard.source for s in fresh if s.heard} == {"B", "C"}
    assert any(not hours_are_read(str(s.facts["hours"])) for s in sites)
    assert any(s.facts["phones"] == "" for s in sites)


@pytest.mark.django_db
def test_a_province_is_filled_once_with_one_event(world: World) -> None:
    province = world.divisions["62"]
    made = make_demo_facilities(province, LISTED, seed=7, by=SYSTEM)
    assert made == Facility.objects.filter(made_up=True).count() > 4
    assert make_demo_facilities(province, LISTED, seed=7, by=SYSTEM) == made
    assert Event.objects.filter(verb="facilities.made_up").count() == 1
    assert not Facility.objects.filter(checked_at=None).exists()


@pytest.mark.django_db
def test_what_counts_now_is_what_was_heard_last(world: World) -> None:
    make_demo_facilities(world.divisions["62"], LISTED, seed=7, by=SYSTEM)
    called = Facility.objects.filter(ever_called=True).first()
    assert called is not None
    assert called.checked_at == called.called_at
    assert called.facts.get(field="hours", current=True).source == "C"
    assert called.facts.get(field="hours", current=False).as_of == LISTED
    assert called.facts.get(field="name").current
    assert (
        Fact.objects.exclude(as_of=LISTED).count() == Fact.objects.filter(source__in="BC").count()
    )
