"""What may still change of a campaign, what may not, and who is told why."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tongzhou.campaigns import actions
from tongzhou.campaigns.actions import CampaignRefused, Frame, NewItem, NewRecipient
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.forms import RecipientForm
from tongzhou.campaigns.models import Campaign, Promise, Recipient
from tongzhou.campaigns.queries import is_planned, open_steps, provinces_to_add, recipient_of
from tongzhou.campaigns.queries.steps import counts_open_steps, knows_of_plans
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Division, Place
from tongzhou.supplies.models import Fund

from .conftest import World, officer

DAY = date(2023, 1, 8)


def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody upstairs has a plan for every campaign."""
    monkeypatch.setitem(steps_of("_plans"), "test", lambda campaign: True)


def steps_of(name: str) -> Any:
    from tongzhou.campaigns.queries import steps

    return getattr(steps, name)


def gansu(world: World) -> Recipient:
    new = NewRecipient(
        "甘肃", world.divisions["62"], world.places["hub-62"], [world.divisions["62"]]
    )
    return actions.add_recipients(world.campaign, [new], by=SYSTEM)[0]


def last() -> Event:
    return Event.objects.latest("pk")


class TestFrame:
    """Names, purpose and deadline."""

    def test_a_change_keeps_what_it_was_in_one_event(self, world: World) -> None:
        frame = Frame("新名", date(2023, 1, 25))
        changed = actions.change_frame(world.campaign, frame, by=SYSTEM)
        assert (changed.name, changed.deadline) == ("新名", date(2023, 1, 25))
        assert last().before == {"name": "血氧仪行动", "deadline": "2023-01-20"}
        assert last().after == {"name": "新名", "deadline": "2023-01-25"}

    def test_the_same_again_writes_nothing(self, world: World) -> None:
        events = Event.objects.count()
        actions.change_frame(
            world.campaign, Frame(world.campaign.name, world.campaign.deadline), by=SYSTEM
        )
        assert Event.objects.count() == events

    def test_a_deadline_before_the_first_day_and_a_closed_campaign_are_refused(
        self, world: World
    ) -> None:
        with pytest.raises(CampaignRefused, match="first day"):
            actions.change_frame(world.campaign, Frame("x", date(2023, 1, 1)), by=SYSTEM)
        actions.change_state(world.campaign, "closed", by=SYSTEM)
        with pytest.raises(CampaignRefused, match="closed"):
            actions.change_frame(world.campaign, Frame("x", DAY), by=SYSTEM)

    def test_closing_twice_is_one_event(self, world: World) -> None:
        actions.change_state(world.campaign, "closed", by=SYSTEM)
        events = Event.objects.count()
        actions.change_state(world.campaign, "closed", by=SYSTEM)
        assert Event.objects.count() == events


class TestItems:
    """Amounts of a line, until a plan counts on them."""

    def test_amounts_change_before_the_first_plan(self, world: World) -> None:
        row = world.campaign.items.get()
        new = NewItem(world.item, "clinic", 4, 2, 2, 10)
        assert actions.change_item(row, new, by=SYSTEM).target_units == 4
        assert (last().verb, last().before["target_units"]) == ("campaign.item_changed", 2)
        events = Event.objects.count()
        actions.change_item(row, new, by=SYSTEM)
        assert Event.objects.count() == events

    def test_amounts_stay_once_a_plan_was_run(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        planned(monkeypatch)
        with pytest.raises(CampaignRefused, match="told their number"):
            actions.change_item(
                world.campaign.items.get(), NewItem(world.item, "clinic", 4, 2), by=SYSTEM
            )
        assert world.campaign.items.get().target_units == 2

    @pytest.mark.parametrize(
        ("amounts", "says"), [((5, 2, 0), "drops of 2"), ((2, 2, 4), "more than the target")]
    )
    def test_amounts_that_make_no_sense_are_refused(
        self, world: World, amounts: tuple[int, int, int], says: str
    ) -> None:
        target, drop, floor = amounts
        with pytest.raises(CampaignRefused, match=says):
            actions.change_item(
                world.campaign.items.get(),
                NewItem(world.item, "clinic", target, drop, floor),
                by=SYSTEM,
            )

    def test_an_item_twice_and_a_line_of_a_closed_campaign_are_refused(self, world: World) -> None:
        with pytest.raises(CampaignRefused, match="already"):
            actions.add_item(world.campaign, NewItem(world.item, "clinic", 2), by=SYSTEM)
        with pytest.raises(CampaignRefused, match="another kind of place"):
            actions.add_item(world.campaign, NewItem(world.item, "hospital", 2), by=SYSTEM)
        assert world.campaign.items.count() == 1
        actions.change_state(world.campaign, "closed", by=SYSTEM)
        with pytest.raises(CampaignRefused, match="closed"):
            actions.add_item(world.campaign, NewItem(world.item, "hospital", 2), by=SYSTEM)


class TestRecipients:
    """Added while the campaign is open, taken out while nothing is planned."""

    def test_a_recipient_is_taken_out_with_its_area_in_one_event(self, world: World) -> None:
        actions.remove_recipient(gansu(world), by=SYSTEM)
        assert recipient_of(world.campaign, world.divisions["62"]) is None
        assert last().before == {"hub": "hub-62", "name": "甘肃", "areas": ["62"]}

    def test_taking_it_out_twice_has_no_second_effect(self, world: World) -> None:
        row = gansu(world)
        actions.remove_recipient(row, by=SYSTEM)
        events = Event.objects.count()
        actions.remove_recipient(Recipient(pk=987, campaign=world.campaign), by=SYSTEM)
        assert Event.objects.count() == events

    def test_it_stays_once_a_plan_was_run_or_the_campaign_is_closed(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = gansu(world)
        with monkeypatch.context() as patch:
            planned(patch)
            with pytest.raises(CampaignRefused, match="counts on its recipients"):
                actions.remove_recipient(row, by=SYSTEM)
        actions.change_state(world.campaign, "closed", by=SYSTEM)
        with pytest.raises(CampaignRefused, match="closed"):
            actions.remove_recipient(row, by=SYSTEM)
        assert Recipient.objects.filter(pk=row.pk).exists()

    def test_a_closed_campaign_gets_no_recipient_a_stale_page_included(self, world: World) -> None:
        actions.change_state(Campaign.objects.get(pk=world.campaign.pk), "closed", by=SYSTEM)
        assert world.campaign.state == "open"
        with pytest.raises(CampaignRefused, match="closed"):
            gansu(world)
        assert not Recipient.objects.exists()

    def test_nor_does_it_get_a_donation_or_a_promise(self, world: World) -> None:
        fund = Fund.objects.create(public_id="F-1", name="捐赠", kind="cash", given_on=DAY)
        promise = NewPromise(world.producer, world.item, 1, DAY, 10, "firm")
        actions.change_state(Campaign.objects.get(pk=world.campaign.pk), "closed", by=SYSTEM)
        with pytest.raises(CampaignRefused, match="closed"):
            actions.add_fund(world.campaign, fund, by=SYSTEM)
        with pytest.raises(CampaignRefused, match="closed"):
            actions.record_promise(world.campaign, promise, by=SYSTEM)
        assert not Promise.objects.exists()

    def test_an_area_outside_of_the_campaign_is_no_area_of_it(self, world: World) -> None:
        world.campaign.division = world.divisions["62"]
        data = {"name": "x", "hub": world.places["hub-62"].pk}
        form = RecipientForm({**data, "areas": "6201，659001"}, campaign=world.campaign)
        assert "659001" in str(form.errors["areas"])
        assert RecipientForm({**data, "areas": "6201"}, campaign=world.campaign).is_valid()

    def test_a_hub_serves_one_recipient(self, world: World) -> None:
        gansu(world)
        again = NewRecipient(
            "又", world.divisions["6201"], world.places["hub-62"], [world.divisions["6201"]]
        )
        with pytest.raises(CampaignRefused, match="another recipient"):
            actions.add_recipients(world.campaign, [again], by=SYSTEM)
        assert Recipient.objects.count() == 1

    def test_a_provinces_own_hub_comes_before_the_corps(self, world: World) -> None:
        found = {row.province.code: row.hub for row in provinces_to_add(world.campaign)}
        assert found == {"62": world.places["hub-62"], "65": world.places["hub-65"]}
        Place.objects.filter(code="hub-62").delete()
        assert provinces_to_add(world.campaign)[0].hub is None


class TestSteps:
    """Each app says what of a campaign is open."""

    def test_steps_come_from_every_app_and_finished_ones_are_left_out(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tongzhou.campaigns.queries import OpenStep

        for name in ("_steps", "_plans"):
            monkeypatch.setattr(f"tongzhou.campaigns.queries.steps.{name}", {})
        counts_open_steps("a")(lambda campaign: [OpenStep("late tasks", 3, "/x/")])
        counts_open_steps("b")(lambda campaign: [OpenStep("nothing", 0, "/y/")])
        assert [step.words for step in open_steps(world.campaign)] == ["late tasks"]
        assert not is_planned(world.campaign)
        knows_of_plans("a")(lambda campaign: True)
        assert is_planned(world.campaign)


class TestPages:
    """A coordinator does all of it in the browser."""

    @pytest.fixture
    def lead(self, world: World) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(officer("lead@example.org", "coordinator", world.divisions["cn"]))
        return client

    def page(self, client: Client, world: World, rest: str, **data: Any) -> str:
        """What stands on a page, or on the one that a form leads to."""
        address = f"/desk/campaigns/{world.campaign.public_id}/{rest}"
        answer = client.post(address, data, follow=True) if data else client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_all_provinces_are_added_at_once(self, lead: Client, world: World) -> None:
        assert "Add 2 provinces" in self.page(lead, world, "recipients/")
        page = self.page(lead, world, "recipients/", all="1")
        assert "2 recipients were added" in page
        assert "All provinces at once" not in page
        assert Recipient.objects.filter(campaign=world.campaign).count() == 2

    def test_a_province_without_a_hub_is_named(self, lead: Client, world: World) -> None:
        Place.objects.filter(code="hub-62").delete()
        page = self.page(lead, world, "recipients/")
        assert "1 province has no free hub: 甘肃省" in page

    def test_one_is_found_by_name_and_added_with_its_hub_filled_in(
        self, lead: Client, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Names are indexed when a tree is loaded; what is found here stands for it.
        known = {"甘肃": [world.divisions["62"]]}
        monkeypatch.setattr(
            "tongzhou.campaigns.views.recipients.search", lambda text, **_: known.get(text, [])
        )
        assert "?division=62" in self.page(lead, world, "recipients/?q=甘肃")
        assert "Try fewer characters" in self.page(lead, world, "recipients/?q=火星")
        form = self.page(lead, world, "recipients/new/?division=62")
        hub = world.places["hub-62"].pk
        assert f'<option value="{hub}" selected>' in form
        self.page(lead, world, "recipients/new/", name="甘肃省", areas="62", hub=hub)
        assert Recipient.objects.get().areas.get().division == world.divisions["62"]

    def test_the_corps_comes_with_its_counties(
        self, lead: Client, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corps = Division.objects.filter(code="659001")
        monkeypatch.setattr("tongzhou.campaigns.views.recipients.xpcc_counties", lambda: corps)
        assert "Add the Corps (XPCC) with its 1 county" in self.page(lead, world, "recipients/")
        form = self.page(lead, world, "recipients/new/?corps=1")
        assert "新疆生产建设兵团" in form
        assert "659001" in form
        assert f'<option value="{world.places["hub-xpcc"].pk}" selected>' in form

    @pytest.mark.parametrize(("areas", "says"), [("99", "no division 99"), ("", "required")])
    def test_an_area_that_is_not_there_is_said_beside_its_field(
        self, lead: Client, world: World, areas: str, says: str
    ) -> None:
        hub = world.places["hub-62"].pk
        page = self.page(lead, world, "recipients/new/", name="x", areas=areas, hub=hub)
        assert "There is something to correct" in page
        assert says in page

    def test_a_recipient_is_taken_out_on_a_page_of_its_own(
        self, lead: Client, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = gansu(world)
        assert "served by nobody" in self.page(lead, world, f"recipients/{row.pk}/remove/")
        with monkeypatch.context() as patch:
            planned(patch)
            page = self.page(lead, world, f"recipients/{row.pk}/remove/", go="1")
            assert "counts on its recipients" in page
            assert "Back to the recipients" in page
            assert "not taken out" in self.page(lead, world, "recipients/")
        page = self.page(lead, world, f"recipients/{row.pk}/remove/", go="1")
        assert "is no recipient any more" in page
        assert not Recipient.objects.exists()

    def test_name_and_deadline_change(self, lead: Client, world: World) -> None:
        page = self.page(lead, world, "change/", name="新名", deadline="2023-01-22")
        assert "新名" in page
        page = self.page(lead, world, "change/", name="新名", deadline="2022-01-22")
        assert "before the first day" in page

    def test_amounts_change_until_a_plan_was_run(
        self, lead: Client, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link = f"items/{world.campaign.items.get().pk}/"
        amounts = {"target_units": 4, "drop_units": 2, "floor_units": 2, "carton_units": 10}
        assert link in self.page(lead, world, "")
        self.page(lead, world, link, **amounts)
        assert world.campaign.items.get().target_units == 4
        planned(monkeypatch)
        assert link not in self.page(lead, world, "")
        assert "told their number" in self.page(lead, world, link, **amounts)

    def test_closing_says_what_it_means_and_how_many_steps_are_open(
        self, lead: Client, world: World
    ) -> None:
        new = actions.needs.NewNeed(world.places["6201-1"], world.item, 2, DAY)
        actions.state_need(world.campaign, new, by=SYSTEM)
        page = self.page(lead, world, "state/")
        assert "statements of need that nobody has verified" in page
        assert "It can be opened again" in page
        page = self.page(lead, world, "state/", state="closed")
        assert "Closed" in page
        assert "Add an item" not in page
        assert "closed. Open it again" in self.page(lead, world, "recipients/")
        assert "Plans can be run again" in self.page(lead, world, "state/")
        self.page(lead, world, "state/", state="open")
        assert Campaign.objects.get(pk=world.campaign.pk).state == "open"

    def test_a_state_that_is_none_changes_nothing(self, lead: Client, world: World) -> None:
        self.page(lead, world, "state/", state="burnt")
        assert Campaign.objects.get(pk=world.campaign.pk).state == "open"
