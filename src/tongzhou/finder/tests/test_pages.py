"""The pages: honest words for everybody, small, without a location anywhere; and the office's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from tongzhou.finder.actions import Said
from tongzhou.finder.models import Call, Facility, Report
from tongzhou.finder.queries import store
from tongzhou.finder.views import public
from tongzhou.kit import clock
from tongzhou.kit.models import Event

from .conftest import NOW, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FULL = dict.fromkeys(("sees_fever", "sees_children", "has_oxygen"), True)


def client(world: World, role: str = "", at: str = "620102", language: str = "en") -> Client:
    browser = Client(headers={"accept-language": language})
    if role:
        browser.force_login(world.account(f"{role}{at}", role, at))
    return browser


def text(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_page_of_a_town_says_what_is_open_and_what_may_be(world: World) -> None:
    world.facility("a", hours="Mo-Su 08:00-17:00", **FULL)
    world.facility("b", hours="24/7", point=[36.06, 103.85], said=Said("A", NOW - 73 * HOUR))
    world.facility("c", hours="Mo 08:00-09:00", point=[36.07, 103.85])
    world.facility("e", has_emergency=True, point=[36.3, 103.85], said=Said("A", NOW - 999 * HOUR))
    page = text(client(world), "/p/620102001/clinics/")
    heads = re.findall(r'<h3><a class="go" href="/facility/(\w+)/"', page)
    assert heads == ["e", "a", "b", "c"]
    assert "Open now" in page
    assert "arrive by 16:30, closes at 17:00" in page
    assert "May be open: call first" in page
    assert "opens 9 January 2023, 08:00" in page
    assert "Open at any hour" in page
    assert 'href="tel:0931-1234567"' in page
    assert "Last checked 8 January 2023, 10:00" in page
    assert "<script src=" in page
    assert page.index("tel:120") < page.index("<h1>")


def test_the_page_is_small_with_all_it_can_show(world: World) -> None:
    for number in range(45):
        world.facility(f"h{number}", hours="Mo-Fr 08:00-17:30; PH off", has_emergency=True, **FULL)
    answer = client(world, language="zh-hans").get("/p/620102001/clinics/")
    assert answer.content.decode().count("<h3>") == 21
    assert len(answer.content) < 50_000


def test_the_page_of_a_place_is_the_same_for_everybody_for_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.facility("a", sees_fever=True)
    first = client(world).get("/p/620102/clinics/")
    assert not first.cookies
    assert "public" in first["Cache-Control"]
    Facility.objects.all().delete()
    officer = client(world, "county_officer")
    assert officer.get("/p/620102/clinics/").content == first.content
    # What is asked for and the language make other pages.
    assert "/facility/a/" not in text(client(world), "/p/620102/clinics/?fever=on")
    assert "/facility/a/" not in text(client(world, language="zh-hans"), "/p/620102/clinics/")
    monkeypatch.setattr(store, "FRESH_SECONDS", -1.0)
    assert "/facility/a/" not in text(officer, "/p/620102/clinics/")


class TestWithoutDatabase:
    """Whoever is in danger gets an answer, whatever else is away."""

    @pytest.fixture
    def away(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        def gone(*_args: object) -> None:
            raise OperationalError("the database is away")

        def switch_off() -> None:
            monkeypatch.setattr(public, "division_by_code", gone)
            monkeypatch.setattr(public.queries, "facility_by_code", gone)

        return switch_off

    def test_the_kept_page_says_that_it_is_old(
        self, world: World, away: Callable[[], None]
    ) -> None:
        world.facility("a")
        fresh = text(client(world), "/p/620102/clinics/")
        away()
        answer = client(world).get("/p/620102/clinics/")
        old = answer.content.decode()
        assert "cannot be read" in old
        assert "cannot be read" not in fresh
        assert "Page of 8 January 2023, 10:00" in old
        assert "/facility/a/" in old
        assert answer["Cache-Control"] == "no-store"

    def test_without_a_kept_page_the_danger_signs_stand_alone(
        self, world: World, away: Callable[[], None]
    ) -> None:
        away()
        for answer in (
            client(world).get("/p/620102/clinics/"),
            client(world).post("/p/620102/clinics/", {"lat": "36", "lon": "103"}),
            client(world).get("/facility/a/"),
        ):
            page = answer.content.decode()
            assert 'href="tel:120"' in page
            assert "blue lips" in page
            assert "again in a few minutes" in page


def test_the_danger_signs_are_those_of_the_channel_page(world: World) -> None:
    world.facility("a")
    pages = [
        text(client(world), address)
        for address in ("/p/620102/", "/p/620102/clinics/", "/facility/a/")
    ]
    cards = {page.split('<section class="call"')[1].split("</section>")[0] for page in pages}
    assert len(cards) == 1
    assert all(page.index("tel:120") < page.index("<h1>") for page in pages)


def test_the_map_costs_nothing_until_it_is_asked_for(world: World) -> None:
    world.facility("a", hours="24/7", point=[36.05123, 103.85])
    world.facility("nowhere", point=None)
    page = text(client(world), "/p/620102001/clinics/")
    assert re.findall(r'<script[^>]* src="([^"]+)"', page) == [
        "/static/finder/position.js",
        "/static/finder/map.js",
    ]
    assert 'rel="stylesheet"' not in page
    assert 'data-leaflet="/static/vendor/leaflet.js"' in page
    assert 'data-code="a" data-lat="36.05123" data-lon="103.85000" data-word="open"' in page
    assert 'data-code="nowhere"' not in page


def test_filters_narrow_and_the_emergency_department_stays(world: World) -> None:
    world.facility("a", sees_fever=True)
    world.facility("b", sees_children=True)
    world.facility("e", has_emergency=True)
    browser = client(world)
    fever = text(browser, "/p/620102001/clinics/?fever=on")
    assert 'href="/facility/a/"' in fever
    assert 'href="/facility/b/"' not in fever
    assert 'href="/facility/e/"' in fever
    Facility.objects.filter(code="e").update(all_day=True)
    day = text(browser, "/p/620102001/clinics/?day=on")
    assert "Nothing nearby has all of this." not in day
    none = text(browser, "/p/620102001/clinics/?fever=on&child=on")
    assert "Nothing nearby has all of this." in none
    assert 'href="/facility/e/"' in none


def test_a_place_without_a_real_point_shows_its_county(world: World) -> None:
    world.divisions["620102001"].placed = True
    world.divisions["620102001"].save()
    world.facility("a", at="620102", point=None)
    world.facility("z", at="620103")
    page = text(client(world), "/p/620102001/clinics/")
    assert "Open first, and in your county" in page
    assert 'href="/facility/a/"' in page
    assert 'href="/facility/z/"' not in page
    assert " km" not in page


def test_a_province_offers_its_places(world: World) -> None:
    world.facility("a")
    page = text(client(world), "/p/62/clinics/")
    assert "Choose your place" in page
    assert 'href="/facility/' not in page
    assert client(world).get("/p/620000/clinics/").url == "/p/62/clinics/"
    assert client(world).get("/p/nowhere/clinics/").status_code == 404


def test_a_position_is_used_once_and_kept_nowhere(world: World, caplog) -> None:
    world.facility("a", point=[38.5, 100.5])
    before = Event.objects.count()
    answer = client(world).post("/p/620102001/clinics/", {"lat": "38.51", "lon": "100.49"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Soonest seen from where you are" in page
    assert 'href="/facility/a/"' in page
    assert answer["Cache-Control"] == "no-store"
    for kept in (page, caplog.text):
        assert "38.51" not in kept
        assert "100.49" not in kept
    assert Event.objects.count() == before
    bad = client(world).post("/p/620102001/clinics/", {"lat": "138", "lon": "x"})
    assert bad.status_code == 200


def test_a_facility_says_what_is_known_and_from_whom(world: World) -> None:
    world.facility("a", hours="上午", address="东路 1 号")
    page = text(client(world, language="zh-hans"), "/facility/a/")
    assert "无法识别这些时间" in page
    assert "可能开放：请先打电话" in page
    assert "主管部门" in page
    assert "2023年1月8日 10:00" in page
    assert client(world).get("/facility/nowhere/").status_code == 404


def test_a_visitor_reports_without_an_account_and_is_not_named(world: World) -> None:
    world.facility("a", hours="24/7")
    for address in ("192.0.2.1", "192.0.2.2"):
        browser = Client(REMOTE_ADDR=address, headers={"accept-language": "en"})
        answer = browser.post("/facility/a/", {"claim": "closed", "wait_minutes": "40"})
        assert answer.url == "/facility/a/?thanks=1"
    # The last check was made this very minute, so that both reports have to be newer.
    Facility.objects.update(checked_at=NOW - HOUR)
    assert "Closed, as visitors say" in text(client(world), "/facility/a/?thanks=1")
    witnesses = set(Report.objects.values_list("witness", flat=True))
    assert len(witnesses) == 2
    assert not any("192" in witness for witness in witnesses)
    event = Event.objects.filter(verb="facility.reported").last()
    assert event is not None
    assert event.actor == "visitor:anonymous"


def test_one_address_is_one_witness_and_is_slowed_down(world: World) -> None:
    world.facility("a")
    for address in ("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2::3"):
        answer = Client(REMOTE_ADDR=address).post("/facility/a/", {"claim": "open"})
    assert answer.status_code == 422
    assert Report.objects.values("witness").distinct().count() == 1
    empty = Client(REMOTE_ADDR="192.0.2.9", headers={"accept-language": "en"}).post(
        "/facility/a/", {}
    )
    assert "Say whether it is open" in empty.content.decode()


def test_one_address_is_no_second_witness_after_midnight(world: World) -> None:
    world.facility("a", hours="24/7")
    midnight = datetime(2023, 1, 8, 16, tzinfo=UTC)  # in Lanzhou
    for minutes in (-5, 5):
        with clock.fixed_at(midnight + timedelta(minutes=minutes)):
            Client(REMOTE_ADDR="192.0.2.1").post("/facility/a/", {"claim": "closed"})
            page = text(client(world), "/facility/a/")
    assert Report.objects.count() == 2
    assert "Closed, as visitors say" not in page


def test_a_merged_facility_leads_to_the_one_that_stays(world: World) -> None:
    world.facility("a")
    world.facility("b")
    officer = client(world, "county_officer")
    answer = officer.post("/desk/finder/a/merge/", {"into": "b"})
    assert answer.url == "/desk/finder/b/"
    assert client(world).get("/facility/a/").url == "/facility/b/"
    assert "was merged into another" in text(officer, "/desk/finder/a/")


def test_a_facility_is_merged_into_none_of_the_county_beside(world: World) -> None:
    world.facility("a")
    world.facility("z", at="620103")
    officer = client(world, "county_officer")
    for code in ("z", "nowhere"):  # What is not one's own looks like what is not there.
        answer = officer.post("/desk/finder/a/merge/", {"into": code})
        assert answer.status_code == 422
        assert "There is no facility with this code." in answer.content.decode()
    assert officer.post("/desk/finder/z/merge/", {"into": "a"}).status_code == 404
    assert not Facility.objects.filter(state="merged").exists()


def test_a_call_of_the_county_beside_is_not_there(world: World) -> None:
    other = world.facility("z", at="620103")
    call = Call.objects.create(
        facility=other, by="account:1", claimed_at=NOW, claimed_until=NOW + HOUR
    )
    officer = client(world, "county_officer")
    assert officer.get(f"/desk/calls/{call.pk}/").status_code == 404
    assert officer.post(f"/desk/calls/{call.pk}/back/").status_code == 404


def test_the_office_states_what_is_known(world: World) -> None:
    world.facility("a")
    officer = client(world, "county_officer")
    said = {"source": "B", "said_by": "院长", "hours": "08:00-12:00", "sees_fever": "yes"}
    assert officer.post("/desk/finder/a/say/", said).url == "/desk/finder/a/"
    one = Facility.objects.get(code="a")
    assert (one.hours, one.sees_fever, one.phones) == ("08:00-12:00", True, "0931-1234567")
    page = text(officer, "/desk/finder/a/")
    assert "B · The site itself: 院长" in page
    for wrong in ({"source": "B"}, {"source": "B", "phones": "?"}, {"source": "B", "lat": "3"}):
        assert officer.post("/desk/finder/a/say/", wrong).status_code == 422


def test_the_office_adds_a_facility_in_its_area_only(world: World) -> None:
    officer = client(world, "county_officer")
    new = {"source": "A", "code": "n1", "name": "新医院", "kind": "hospital", "division": "620102"}
    assert officer.post("/desk/finder/new/", new).url == "/desk/finder/n1/"
    other = {**new, "code": "n2", "division": "620103"}
    assert officer.post("/desk/finder/new/", other).status_code == 422
    assert not Facility.objects.filter(code="n2").exists()
    assert officer.post("/desk/finder/new/", {**new, "division": "x"}).status_code == 422


def test_the_list_finds_what_is_missing(world: World) -> None:
    world.facility("good", hours="24/7")
    world.facility("bad", hours="上午", phones="")
    officer = client(world, "county_officer")
    assert "/desk/finder/good/" in text(officer, "/desk/finder/")
    for query in ("?only=hours", "?only=phones", "?q=医院bad", "?q=bad"):
        page = text(officer, f"/desk/finder/{query}")
        assert "/desk/finder/bad/" in page
        assert "/desk/finder/good/" not in page
    assert "No facility fits." in text(officer, "/desk/finder/?only=unchecked")
    assert officer.get("/desk/finder/?after=x").status_code == 404


def test_days_with_other_hours_come_and_go(world: World) -> None:
    one = world.facility("a")
    officer = client(world, "county_officer")
    days = {"first": "2023-01-21", "last": "2023-01-23", "note": "春节"}
    assert officer.post("/desk/finder/a/days/", days).url == "/desk/finder/a/"
    assert "春节" in text(client(world), "/facility/a/")
    assert officer.post("/desk/finder/a/days/", {**days, "hours": "早"}).status_code == 422
    row = one.exceptions.get()
    officer.post(f"/desk/finder/a/days/{row.pk}/remove/")
    assert not one.exceptions.exists()


def test_a_caller_takes_a_call_and_writes_down_the_answers(world: World) -> None:
    world.facility("a", hours="上午")
    officer = client(world, "county_officer")
    assert "1 facility waits for a call." in text(officer, "/desk/calls/")
    address = officer.post("/desk/calls/").url
    assert 'href="tel:0931-1234567"' in text(officer, address)
    assert "Go on with 医院a" in text(officer, "/desk/calls/")
    wrong = officer.post(address, {"result": "reached", "phones": "?"})
    assert wrong.status_code == 422
    done = officer.post(address, {"result": "reached", "hours": "24/7", "has_oxygen": "yes"})
    assert done.url == "/desk/calls/"
    one = Facility.objects.get(code="a")
    assert (one.hours, one.hours_read, one.has_oxygen) == ("24/7", True, True)
    assert officer.post(address, {"result": "no_answer"}).status_code == 422
    assert "called lately" in text(officer, "/desk/calls/")


def test_a_coordinator_reviews_what_a_trainee_called(world: World) -> None:
    world.facility("a")
    officer = client(world, "county_officer")
    officer.post(officer.post("/desk/calls/").url, {"result": "reached", "note": "夜里也开"})
    call = Call.objects.get()
    lead = client(world, "coordinator", "62")
    assert "夜里也开" in text(lead, "/desk/calls/")
    assert lead.post(f"/desk/calls/{call.pk}/review/", {"agreed": "yes"}).url == "/desk/calls/"
    call.refresh_from_db()
    assert call.review == Call.Review.AGREED
    assert officer.post(f"/desk/calls/{call.pk}/review/", {"agreed": "yes"}).status_code == 403


def test_a_call_is_given_back(world: World) -> None:
    world.facility("a")
    officer = client(world, "county_officer")
    address = officer.post("/desk/calls/").url
    assert officer.post(f"{address}back/").url == "/desk/calls/"
    assert Call.objects.get().state == Call.State.GIVEN_BACK
    second = client(world, "coordinator", "62")
    assert "Given back" in text(second, address)
    second.post(f"{address}back/")
    assert Event.objects.filter(verb="call.given_back").count() == 1
