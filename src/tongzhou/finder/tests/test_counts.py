"""How many fever clinics an area has, and how many of them were checked of late."""

from datetime import timedelta

import pytest

from tongzhou.finder.models import Facility
from tongzhou.finder.queries import fever_clinics_in, fever_marks
from tongzhou.kit import clock
from tongzhou.places.models import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    nation = Division.objects.create(code="cn", name="全国", level=0, first=0, last=99)
    return Division.objects.create(
        code="620102", name="城关区", level=3, parent=nation, first=10, last=19
    )


def clinic(division, code, **facts):
    return Facility.objects.create(
        code=code, name=code, kind="fever", division=division, **{"sees_fever": True, **facts}
    )


def test_only_those_that_serve_and_see_fever_count(county):
    now = clock.now()
    clinic(county, "a", checked_at=now - timedelta(hours=71))
    clinic(county, "b", checked_at=now - timedelta(hours=73))
    clinic(county, "c")
    clinic(county, "d", sees_fever=False, checked_at=now)
    clinic(county, "e", state="closed", checked_at=now)
    found = fever_clinics_in(county)
    assert (found.known, found.checked) == (3, 1)
    assert found.last_check == now - timedelta(hours=71)


def test_an_area_without_any_says_so(county):
    found = fever_clinics_in(county)
    assert (found.known, found.checked, found.last_check) == (0, 0, None)
    clinic(county.parent, "above")
    assert fever_clinics_in(county).known == 0


def test_a_mark_changes_with_what_a_page_says_and_with_nothing_else(county):
    now = clock.now()
    clinic(county, "a", checked_at=now - timedelta(hours=80))
    before = fever_marks()
    clinic(county.parent, "elsewhere")
    assert fever_marks().within(10, 19) == before.within(10, 19) != ""
    assert fever_marks().within(0, 99) != before.within(0, 99)
    Facility.objects.filter(code="a").update(checked_at=now)
    assert fever_marks().within(10, 19) != before.within(10, 19)
    assert fever_marks().within(50, 60) == "0/0/"
