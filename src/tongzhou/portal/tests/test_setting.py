"""A county's staff set their page through the web: preview first, then in force, and back again."""

import pytest
from django.test import Client
from django.urls import reverse

from tongzhou.delivery.tests.world import NOW
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Account, RoleGrant
from tongzhou.places.models import Division
from tongzhou.portal.actions import set_channel
from tongzhou.portal.models import ChannelVersion
from tongzhou.portal.queries.channel import content_of, history

DOCTOR = {"ask_doctor-from": "here", "ask_doctor-0-zh": "夜间医生", "ask_doctor-0-phone": "0931 1"}


@pytest.fixture
def county(world) -> Division:
    return world.counties[0]


@pytest.fixture
def staff(world) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(Account.objects.create_superuser("root@example.org", "x", name="Root"))
    return client


@pytest.fixture
def address(county) -> str:
    return reverse("channel-setting", args=[county.code])


def test_an_untouched_page_says_what_to_do(staff, address):
    page = staff.get(address).content.decode()
    assert "Nobody has set this page yet" in page


def test_what_is_entered_is_in_force(staff, address, county):
    assert staff.post(address, {**DOCTOR, "note": "night duty"})["Location"] == address
    assert content_of(county).ask_doctor.zh == "夜间医生"
    assert history(county)[0].note == "night duty"
    assert "夜间医生" in staff.get(address).content.decode()


def test_a_preview_shows_it_and_keeps_nothing(staff, address, county):
    page = staff.post(address, {**DOCTOR, "preview": "1"}).content.decode()
    assert "夜间医生" in page
    assert page.index("tel:120") < page.index("夜间医生")
    assert not ChannelVersion.objects.exists()


def test_an_order_moves_cards_and_leaves_one_out(staff, address, county):
    staff.post(address, {"order-from": "here", "order-supplies": "1", "order-guides": "2"})
    assert content_of(county).order == ("supplies", "guides")


def test_a_card_is_left_out_here(staff, address, county):
    set_channel(county.parent, {"ask_doctor": {"zh": "医生", "phone": "12345"}}, by=SYSTEM)
    staff.post(address, {"ask_doctor-from": "none"})
    assert content_of(county).ask_doctor is None
    assert content_of(county.parent).ask_doctor is not None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"order-from": "here", "order-supplies": "1", "order-guides": "1"}, "same place"),
        ({"order-from": "here", "order-supplies": "99"}, "Order of the cards · Where"),
        ({**DOCTOR, "ask_doctor-0-phone": "call"}, "must be digits"),
        ({**DOCTOR, "ask_doctor-0-phone": "1" * 30}, "Ask a doctor · Telephone"),
        ({**DOCTOR, "ask_doctor-0-zh": "", "ask_doctor-0-en": "Doctor"}, "Chinese name"),
        ({**DOCTOR, "ask_doctor-0-url": "ftp://a"}, "https://"),
    ],
)
def test_what_a_page_cannot_show_is_said_and_kept_on_the_form(staff, address, typed, words):
    answer = staff.post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert words in page
    assert "<title>\nError:" in page or "Error:" in page
    assert not ChannelVersion.objects.exists()


def test_an_earlier_version_is_shown_and_brought_back(staff, address, county):
    set_channel(county, {"hotlines": [{"zh": "旧热线", "phone": "12320"}]}, by=SYSTEM)
    set_channel(county, {"hotlines": []}, by=SYSTEM)
    shown = staff.get(reverse("channel-version", args=[county.code, 1])).content.decode()
    assert "旧热线" in shown
    staff.post(reverse("channel-back", args=[county.code, 1]))
    assert content_of(county).hotlines[0].zh == "旧热线"
    assert [one.number for one in history(county)] == [3, 2, 1]


def test_an_earlier_version_that_no_page_may_show_now_stays_away(staff, county):
    first = set_channel(county, {"hotlines": [{"zh": "旧热线", "phone": "12320"}]}, by=SYSTEM)
    hidden = {"hotlines": [{"zh": "旧\u202e热线", "phone": "12320"}]}
    ChannelVersion.objects.filter(pk=first.pk).update(content=hidden)
    set_channel(county, {"hotlines": []}, by=SYSTEM)
    back = reverse("channel-back", args=[county.code, 1])
    assert "cannot be seen" in staff.post(back, follow=True).content.decode()
    assert content_of(county).hotlines == ()


def test_a_county_sets_neither_the_page_beside_nor_the_one_above(world, county, address):
    beside = world.counties[1]
    officer = Account.objects.create_user("officer@example.org", "x", name="Officer")
    RoleGrant.objects.create(
        account=officer, role="county_officer", division=county, granted_by="t", granted_at=NOW
    )
    client = Client()
    client.force_login(officer)
    assert client.get(address).status_code == 200
    for other in (beside, county.parent):
        first = set_channel(other, {"hotlines": []}, by=SYSTEM)
        setting = reverse("channel-setting", args=[other.code])
        assert client.get(setting).status_code == 404
        assert client.post(setting, DOCTOR).status_code == 404
        assert client.post(reverse("channel-back", args=[other.code, 1])).status_code == 404
        assert client.get(reverse("channel-version", args=[other.code, 1])).status_code == 404
        assert history(other) == [first]


def test_the_page_of_the_whole_country_leads_to_the_table_of_medicine_codes(staff, county, address):
    link = reverse("import-medicines")
    assert link not in staff.get(address).content.decode()
    top = Division.objects.get(level=Division.Level.NATION)
    whole = reverse("channel-setting", args=[top.code])
    assert link in staff.get(whole).content.decode()
