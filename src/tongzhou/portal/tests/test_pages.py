"""The public pages: figures with ages and gaps, no person, light, and before any sign-in."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.actions.progress import rebuild
from tongzhou.delivery.models import Receipt
from tongzhou.delivery.tests.world import DOCTOR, NOW, OFFICER
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM
from tongzhou.plans.models import AllocationLine

RESIDENT_BYTES = 50_000


def page(client, name: str, *args: object, language: str = "en", status: int = 200) -> str:
    answer = client.get(reverse(name, args=args), HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == status
    assert len(answer.content) < RESIDENT_BYTES
    return answer.content.decode()


class TestChannel:
    """The first thing a resident reads is whom to call."""

    @pytest.mark.parametrize(("language", "call"), [("en", "Call 120"), ("zh-hans", "拨打 120")])
    def test_the_emergency_number_comes_before_everything(self, client, world, language, call):
        body = page(client, "channel", world.counties[0].code, language=language)
        assert call in body
        assert 'href="tel:120"' in body
        assert body.index("tel:120") < body.index("<h1>")

    def test_no_script_is_needed(self, client, world):
        assert "<script" not in page(client, "channel", world.counties[0].code)

    def test_the_root_is_the_nation(self, client, world):
        assert "全国" in page(client, "home")

    def test_before_any_place_is_loaded_it_says_what_to_do(self, client, db):
        assert "tongzhou init" in page(client, "home")

    def test_an_unknown_code_is_not_found(self, client, world):
        assert client.get("/p/999999/").status_code == 404

    def test_a_padded_code_leads_to_the_division(self, client, world):
        assert client.get("/p/620000/")["Location"] == "/p/62/"

    def test_the_feed_holds_the_same_figures(self, client, world):
        world.to_depots()
        rebuild(world.campaign, by=SYSTEM)
        answer = client.get(reverse("channel-feed", args=["62"])).json()
        (row,) = answer["campaigns"]
        assert row["allocated_units"] == 12
        assert answer["emergency_number"] == "120"

    def test_search_finds_a_place_and_says_so_when_there_is_none(self, client, world):
        url = reverse("find")
        assert (
            "Nothing is called"
            in client.get(url, {"q": "没有的"}, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        )
        assert client.get(url, {"q": "x" * 10_000}).status_code == 200


class TestTrace:
    """Anyone can follow the units, with the age of each open step."""

    def test_a_campaign_shows_need_gap_and_curve(self, client, world):
        world.to_depots()
        rebuild(world.campaign, by=SYSTEM)
        body = page(client, "trace-campaign", world.campaign.public_id)
        assert "<svg" in body
        assert "甘肃省" in body
        assert "seed s" in body

    def test_a_campaign_without_figures_says_when_they_come(self, client, world):
        assert "Nothing was allocated yet" in page(
            client, "trace-campaign", world.campaign.public_id
        )

    def test_a_clinic_shows_where_its_units_are(self, client, world):
        world.to_hub()
        body = page(client, "trace-place", world.clinics[0][0].code)
        assert "2 units allocated" in body
        assert 'class="done"' in body
        assert 'class="going"' in body
        assert "not yet" in body

    def test_an_overdue_step_says_how_long_it_waits(self, client, world):
        world.to_hub()
        with clock.fixed_at(NOW + timedelta(days=20)):
            body = page(client, "trace-place", world.clinics[0][0].code)
        assert 'class="late"' in body
        assert "waits 20 days" in body

    def test_a_clinic_that_got_nothing_is_told_that_it_waits(self, client, world):
        clinic = world.clinics[0][0]
        AllocationLine.objects.filter(place=clinic).delete()
        assert "This clinic waits: 2 units" in page(client, "trace-place", clinic.code)

    def test_a_parcel_is_followed_to_its_receipt(self, client, world):
        world.on_the_way()
        parcel = world.parcel()
        assert "Received by the clinic" in page(client, "trace-parcel", parcel.public_id)
        handed = Handed("phone-1", Receipt.Method.SLIP, signed_by="张医生")
        receive_parcel(parcel, handed, by=DOCTOR)
        body = page(client, "trace-parcel", parcel.public_id)
        assert "It is here" not in body
        assert "张医生" not in body

    def test_no_page_names_a_person(self, client, world):
        world.on_the_way()
        receive_parcel(
            world.parcel(), Handed("p-1", Receipt.Method.SLIP, signed_by="张医生"), by=DOCTOR
        )
        rebuild(world.campaign, by=OFFICER)
        bodies = [
            page(client, "trace-campaign", world.campaign.public_id),
            page(client, "trace-donation", world.funds[0].public_id),
            page(client, "trace-division", world.counties[0].code),
            page(client, "trace-place", world.parcel().place.code),
        ]
        assert not any("张医生" in body for body in bodies)

    def test_a_donation_accounts_for_every_unit(self, client, world):
        world.on_the_way()
        body = page(client, "trace-donation", world.funds[0].public_id)
        assert "Handed over by producers" in body

    def test_a_private_donation_is_not_there(self, client, world):
        fund = world.funds[0]
        fund.public = False
        fund.save()
        assert client.get(reverse("trace-donation", args=[fund.public_id])).status_code == 404

    def test_a_mistyped_parcel_number_gets_words_not_an_error(self, client, world):
        body = page(client, "trace-parcel", "P-WRONG", status=404)
        assert "P-WRONG" in body

    def test_a_division_without_figures_says_why(self, client, world):
        assert "Nothing was allocated here yet" in page(
            client, "trace-division", world.towns[0].code
        )

    def test_typed_text_never_becomes_markup(self, client, world):
        body = client.get(reverse("find"), {"q": "<script>alert(1)</script>"}).content.decode()
        assert "<script>alert" not in body
