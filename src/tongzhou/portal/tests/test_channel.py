"""A channel page follows its staff's decisions, is kept, and is there when the database is not."""

import pytest
from django.db import OperationalError
from django.urls import reverse

from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Division
from tongzhou.portal.actions import bring_back, set_channel
from tongzhou.portal.models import ChannelVersion
from tongzhou.portal.queries import store
from tongzhou.portal.queries.channel import content_of, history
from tongzhou.portal.views import channel as view

DOCTOR = {"zh": "夜间医生", "en": "Doctor at night", "phone": "0931 12345"}
OTHER = {"zh": "热线", "en": "Line", "phone": "12320"}


def body(client, code: str, language: str = "en", name: str = "channel") -> str:
    answer = client.get(reverse(name, args=[code]), HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def province(world) -> Division:
    return Division.objects.get(code="62")


@pytest.fixture
def county(world) -> Division:
    return world.counties[0]


class TestVersions:
    """Each decision is a version; what is not decided comes from above."""

    def test_a_decision_is_one_version_and_one_event(self, county):
        version = set_channel(county, {"ask_doctor": DOCTOR}, by=SYSTEM, note="night")
        assert (version.number, version.in_force) == (1, True)
        event = Event.objects.get(verb="channel.set")
        assert event.after == {
            "division": county.code,
            "version": 1,
            "content": {"ask_doctor": DOCTOR},
        }

    def test_the_same_content_again_is_no_new_version(self, county):
        set_channel(county, {"ask_doctor": DOCTOR}, by=SYSTEM)
        set_channel(county, {"ask_doctor": {**DOCTOR, "url": ""}}, by=SYSTEM)
        assert (
            ChannelVersion.objects.count() == Event.objects.filter(verb="channel.set").count() == 1
        )

    def test_a_county_inherits_and_can_say_otherwise(self, province, county):
        set_channel(province, {"ask_doctor": DOCTOR, "hotlines": [OTHER]}, by=SYSTEM)
        set_channel(county, {"hotlines": []}, by=SYSTEM)
        content = content_of(county)
        assert content.ask_doctor is not None
        assert content.hotlines == ()
        assert content_of(province).hotlines != ()

    def test_an_earlier_version_is_brought_back_as_a_new_one(self, county):
        first = set_channel(county, {"ask_doctor": DOCTOR}, by=SYSTEM)
        set_channel(county, {"ask_doctor": None}, by=SYSTEM)
        bring_back(first, by=SYSTEM)
        assert [version.number for version in history(county)] == [3, 2, 1]
        assert content_of(county).ask_doctor is not None
        assert ChannelVersion.objects.filter(in_force=True).count() == 1


class TestKept:
    """A page is rendered once, until somebody decides something or a minute has passed."""

    @pytest.fixture
    def renderings(self, monkeypatch):
        codes = []
        rendered = view.rendered

        def counted(division, *args):
            codes.append(division.code)
            return rendered(division, *args)

        monkeypatch.setattr(view, "rendered", counted)
        return codes

    def test_the_second_reader_gets_the_kept_page(self, client, county, renderings):
        assert body(client, county.code) == body(client, county.code)
        assert renderings == [county.code]

    def test_each_language_is_kept_by_itself(self, client, county, renderings):
        assert "Call 120" in body(client, county.code, "en")
        assert "拨打 120" in body(client, county.code, "zh-hans")
        assert len(renderings) == 2

    def test_a_decision_above_shows_at_once(self, client, province, county, renderings):
        assert "Doctor at night" not in body(client, county.code)
        set_channel(province, {"ask_doctor": DOCTOR}, by=SYSTEM)
        page = body(client, county.code)
        assert "Doctor at night" in page
        assert 'href="tel:093112345"' in page

    def test_a_decision_beside_renders_nothing_again(self, client, world, renderings):
        body(client, world.counties[0].code)
        set_channel(world.counties[1], {"ask_doctor": DOCTOR}, by=SYSTEM)
        body(client, world.counties[0].code)
        assert renderings == [world.counties[0].code]

    def test_after_a_minute_it_is_rendered_again(self, client, county, renderings, monkeypatch):
        body(client, county.code)
        monkeypatch.setattr(store, "FRESH_SECONDS", -1.0)
        body(client, county.code)
        assert len(renderings) == 2

    def test_no_cookie_and_no_form_of_ones_own_is_on_it(self, client, county):
        answer = client.get(reverse("channel", args=[county.code]))
        assert "csrfmiddlewaretoken" not in answer.content.decode()
        assert not answer.cookies
        assert "public" in answer["Cache-Control"]


class TestWithoutDatabase:
    """Whoever is in danger gets an answer, whatever else is away."""

    @pytest.fixture
    def away(self, monkeypatch):
        def gone(*_args, **_kwargs):
            raise OperationalError("the database is away")

        def switch_off():
            monkeypatch.setattr(view, "division_by_code", gone)
            monkeypatch.setattr(view.Division, "objects", type("Gone", (), {"filter": gone})())

        return switch_off

    def test_the_kept_page_says_that_it_is_old(self, client, county, away):
        fresh = body(client, county.code)
        away()
        old = body(client, county.code)
        assert "cannot be read" in old
        assert "cannot be read" not in fresh
        assert county.name in old

    def test_without_a_kept_page_the_red_flags_stand_alone(self, client, county, away):
        away()
        page = body(client, county.code)
        assert 'href="tel:120"' in page
        assert "again in a few minutes" in page

    def test_the_first_page_too(self, client, county, away):
        away()
        assert 'href="tel:120"' in client.get("/").content.decode()

    @pytest.mark.parametrize("path", ["/", "/p/{code}/", "/p/{code}/embed/"])
    def test_it_may_go_away_in_the_middle_of_a_page(self, client, county, monkeypatch, path):
        def gone(_division):
            raise OperationalError("the database is away")

        Division.objects.get_or_create(
            level=Division.Level.NATION, defaults={"code": "86", "first": 0, "last": 10**6}
        )
        monkeypatch.setattr(view, "version_of", gone)
        answer = client.get(path.format(code=county.code))
        assert answer["Cache-Control"] == "no-store"
        assert 'href="tel:120"' in answer.content.decode()

    def test_such_an_answer_is_kept_nowhere(self, client, county, away):
        away()
        assert client.get(f"/p/{county.code}/")["Cache-Control"] == "no-store"


class TestElsewhere:
    """Others may show the cards: in a frame, or from the feed."""

    def test_the_frame_may_stand_anywhere_and_opens_links_outside(self, client, county):
        answer = client.get(reverse("channel-embedded", args=[county.code]))
        assert "frame-ancestors" not in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert '<base target="_blank">' in answer.content.decode()

    def test_the_page_itself_may_not(self, client, county):
        answer = client.get(reverse("channel", args=[county.code]))
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]

    def test_the_feed_names_the_cards(self, client, county):
        set_channel(county, {"hotlines": [OTHER]}, by=SYSTEM)
        url = reverse("channel-feed", args=[county.code])
        answer = client.get(url, HTTP_ACCEPT_LANGUAGE="en")
        assert answer["Access-Control-Allow-Origin"] == "*"
        cards = {card["card"]: card for card in answer.json()["cards"]}
        assert cards["hotlines"]["lines"] == [
            {"name": "Line", "says": "", "phone": "12320", "url": ""}
        ]

    def test_a_search_for_a_card_leads_to_it(self, client, county):
        answer = client.get(reverse("find"), {"q": "问医生"}, HTTP_ACCEPT_LANGUAGE="en")
        assert 'href="/#ask-doctor"' in answer.content.decode()


class TestLanguage:
    """A link changes the language, and the next page remembers it."""

    def test_the_link_answers_in_the_language_and_keeps_it(self, client, county):
        url = reverse("channel", args=[county.code])
        english = client.get(url, {"lang": "en"}, HTTP_ACCEPT_LANGUAGE="zh-hans")
        assert "Call 120" in english.content.decode()
        assert "Call 120" in client.get(url, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()

    def test_a_cache_is_told_that_the_cookie_chooses_the_language(self, client, county):
        page = reverse("channel", args=[county.code])
        for url in (page, f"{page}?lang=en", reverse("channel-card", args=[county.code])):
            answer = client.get(url)
            assert answer["Cache-Control"].startswith("public")
            assert "Cookie" in answer["Vary"]

    def test_an_unknown_language_changes_nothing(self, client, county):
        answer = client.get(reverse("channel", args=[county.code]), {"lang": "xx"})
        assert not answer.cookies


class TestRedFlags:
    """What stands first comes from the rules and is as urgent as the card says."""

    @pytest.mark.parametrize(("language", "sign"), [("en", "blue lips"), ("zh-hans", "口唇发紫")])
    def test_they_come_before_the_name_of_the_place(self, client, county, language, sign):
        page = body(client, county.code, language)
        assert page.index(sign) < page.index("<h1>")

    def test_the_feed_has_them_too(self, client, county):
        answer = client.get(reverse("channel-feed", args=[county.code]), HTTP_ACCEPT_LANGUAGE="en")
        assert "blue lips" in answer.json()["red_flags"]["now"][0]["signs"][0]
