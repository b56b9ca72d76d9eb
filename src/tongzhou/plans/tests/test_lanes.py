"""Lanes of a campaign as people state them: by form and by file, and what their pages say."""

from datetime import date

import polars as pl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tongzhou.campaigns.actions import change_state
from tongzhou.kit.models import Event
from tongzhou.places.actions import ImportRefused
from tongzhou.plans import actions
from tongzhou.plans.actions import NewLane, PlanRefused, compute_run, open_run
from tongzhou.plans.models import CampaignLane, InboundLimit, Run
from tongzhou.plans.queries.explain import explain
from tongzhou.plans.rules import LaneDays, firm_first, first_claims, free_of, wave_days
from tongzhou.plans.views.words import sentences

from .world import COORDINATOR, World

FILE = """码头代码,接收方代码,在途天数,每日件数,运费（分/件）,起始日期
dock-0,62-hub,1,500,30,
dock-0,63-hub,3,,,2023-01-08
dock-1,青海省,2,20,,
"""


def new(world: World, dock: int = 0, recipient: int = 0, lead: int = 1, **more) -> NewLane:
    return NewLane(world.docks[dock], world.recipients[recipient], lead, **more)


def take(world: World, text: str):
    table = actions.read_lanes(text.encode())
    return actions.import_lanes(table, by=COORDINATOR, campaign=world.campaign)


def faults(world: World, text: str) -> list[tuple[int, str, str]]:
    before = CampaignLane.objects.count()
    with pytest.raises(ImportRefused) as caught:
        take(world, text)
    assert CampaignLane.objects.count() == before
    found = caught.value.report.problems.filter(~pl.col("warning"))
    return list(found.select("row", "column", "code").iter_rows())


@pytest.fixture
def narrow(world: World) -> Run:
    """A run whose near lane carries one unit a day; the far recipient has no lane."""
    actions.add_lane(world.campaign, new(world, lead=0, units_a_day=1), by=COORDINATOR)
    world.ready(24)
    return compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)


class TestActions:
    def test_each_change_is_one_event_that_says_what_was(self, world):
        row = actions.add_lane(world.campaign, new(world, units_a_day=5), by=COORDINATOR)
        actions.change_lane(row, new(world, units_a_day=9), by=COORDINATOR)
        actions.remove_lane(row, by=COORDINATOR)
        actions.remove_lane(row, by=COORDINATOR)  # a second time has no effect
        events = list(Event.objects.filter(verb__startswith="lane.").order_by("pk"))
        assert [event.verb for event in events] == ["lane.added", "lane.changed", "lane.removed"]
        assert (events[1].before["units_a_day"], events[1].after["units_a_day"]) == (5, 9)
        assert not CampaignLane.objects.exists()

    def test_two_lanes_between_the_same_may_not_be_open_on_one_day(self, world):
        actions.add_lane(world.campaign, new(world, until_date=date(2023, 1, 9)), by=COORDINATOR)
        late = new(world, from_date=date(2023, 1, 9))
        with pytest.raises(PlanRefused, match="open on the same days"):
            actions.add_lane(world.campaign, late, by=COORDINATOR)
        actions.add_lane(world.campaign, new(world, from_date=date(2023, 1, 10)), by=COORDINATOR)
        assert CampaignLane.objects.count() == 2

    def test_what_a_hub_takes_in_is_set_and_taken_away(self, world):
        near = world.recipients[0]
        for units in (300, 300, None):
            actions.set_inbound(world.campaign, near, units, by=COORDINATOR)
        assert Event.objects.filter(verb="inbound.set").count() == 2
        assert not InboundLimit.objects.exists()

    def test_a_closed_campaign_keeps_its_lanes(self, world):
        change_state(world.campaign, "closed", by=COORDINATOR)
        with pytest.raises(PlanRefused, match="closed"):
            actions.add_lane(world.campaign, new(world), by=COORDINATOR)

    @pytest.mark.parametrize(
        "values",
        [
            {"from_date": None},
            {"from_date": date(2023, 1, 9), "until_date": date(2023, 1, 8)},
            {"from_date": date(2023, 1, 9), "lead_days": 91},
        ],
    )
    def test_the_database_refuses_a_lane_that_cannot_be(self, world, values):
        row = {"campaign": world.campaign, "dock": world.docks[0], "lead_days": 1}
        row["recipient"] = world.recipients[0]
        CampaignLane.objects.create(**row)
        with pytest.raises(IntegrityError), transaction.atomic():
            CampaignLane.objects.create(**{**row, **values})


class TestImport:
    def test_a_file_becomes_lanes_and_again_has_no_effect(self, world):
        assert take(world, FILE).new == 3
        events = Event.objects.count()
        assert take(world, FILE).same == 3
        assert Event.objects.count() == events
        near = CampaignLane.objects.get(dock=world.docks[0], recipient=world.recipients[0])
        assert (near.lead_days, near.units_a_day, near.cost_fen) == (1, 500, 30)

    def test_a_change_keeps_in_the_event_what_it_was(self, world):
        take(world, FILE)
        report = take(world, FILE.replace("1,500,30", "1,700,30"))
        assert (report.changed, report.same) == (1, 2)
        before = Event.objects.latest("pk").before
        assert before == {"dock-0 62-hub ": ["1", "500", "30", "None"]}

    @pytest.mark.parametrize(
        ("line", "row", "column", "code"),
        [
            ("nowhere,62-hub,1,,,", 5, "码头代码", "lane.dock_unknown"),
            ("dock-1,99-hub,1,,,", 5, "接收方代码", "lane.recipient_unknown"),
            ("dock-0,62-hub,4,,,", 5, "码头代码", "lane.twice"),
            ("dock-0,62-hub,4,,,2023-02-01", 2, "起始日期", "lane.overlaps"),
            ("dock-1,62-hub,91,,,", 5, "在途天数", "number.too_large"),
        ],
    )
    def test_one_bad_row_refuses_the_file_with_row_and_column(self, world, line, row, column, code):
        found = faults(world, FILE + line + "\n")
        assert (row, column) == found[0][:2]
        assert found[0][2] == code or code.startswith("number.")


class TestPages:
    @pytest.mark.parametrize(
        ("language", "words"), [("en", "every dock reaches"), ("zh-hans", "每个码头")]
    )
    def test_no_lane_says_what_that_means(self, client, sign_in, world, language, words):
        sign_in("coordinator", world.nation)
        page = client.get(
            reverse("lanes", args=[world.campaign.public_id]), HTTP_ACCEPT_LANGUAGE=language
        )
        assert words in page.content.decode()

    def test_a_lane_is_added_changed_and_taken_out_by_form(self, client, sign_in, world):
        sign_in("coordinator", world.nation)
        code = world.campaign.public_id
        data = {"dock": world.docks[0].pk, "recipient": world.recipients[0].pk, "lead_days": 2}
        client.post(reverse("lane-new", args=[code]), {**data, "cost": "0.35"})
        row = CampaignLane.objects.get()
        assert (row.lead_days, row.cost_fen, row.units_a_day) == (2, 35, None)
        client.post(reverse("lane-change", args=[code, row.pk]), {**data, "units_a_day": 40})
        row.refresh_from_db()
        assert row.units_a_day == 40
        page = client.get(reverse("lanes", args=[code]), HTTP_ACCEPT_LANGUAGE="en").text
        assert "No lane leads to 1 recipient" in page
        assert "青海省" in page
        client.post(reverse("lane-remove", args=[code, row.pk]))
        assert not CampaignLane.objects.exists()

    def test_the_run_says_what_limits_it_and_what_would_change_it(
        self, client, sign_in, world, narrow
    ):
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run", args=[narrow.pk]), HTTP_ACCEPT_LANGUAGE="en").text
        assert "1 of 1 ways limits this plan." in page
        assert "One unit a day more from 码头0 to 甘肃省 would bring up to 10 units more" in page
        assert "No lane leads to 青海省" in page

    def test_whoever_opens_a_run_hears_that_waves_are_days_of_arrival(
        self, client, sign_in, world, narrow
    ):
        sign_in("coordinator", world.nation)
        url = reverse("run-new", args=[world.campaign.public_id])
        assert (
            "a wave is a day on which they arrive"
            in client.get(url, HTTP_ACCEPT_LANGUAGE="en").text
        )

    def test_a_run_without_lanes_says_nothing_of_them(self, client, sign_in, world):
        sign_in("coordinator", world.nation)
        world.ready(4)
        run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        page = client.get(reverse("run", args=[run.pk]), HTTP_ACCEPT_LANGUAGE="en").text
        assert 'id="lanes"' not in page
        assert client.get(reverse("run-lanes", args=[run.pk])).status_code == 404

    def test_the_shipments_are_a_table_by_day(self, client, sign_in, world, narrow):
        sign_in("coordinator", world.nation)
        answer = client.get(reverse("run-shipments", args=[narrow.pk]), HTTP_ACCEPT_LANGUAGE="en")
        lines = answer.getvalue().decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Dock code,Dock,Hub code")
        assert len(lines) == 11  # one unit on each of ten days
        assert lines[1] == "dock-0,码头0,62-hub,甘肃省,oximeter,2023-01-07,2023-01-07,1"

    def test_an_officer_of_one_county_does_not_see_all_lanes(self, client, sign_in, world):
        sign_in("county_officer", world.counties[0])
        url = reverse("lanes", args=[world.campaign.public_id])
        assert client.get(url).status_code == 404


class TestExplaining:
    def test_who_waits_hears_of_the_lane_and_what_would_change_it(self, world, narrow):
        (fact,) = explain(narrow, world.clinics[5])
        said = " ".join(sentences(fact))
        assert "number 6 of the 6 places in the list" in said
        # One place a wave has its two units; nobody of the other recipient is counted.
        assert [wave.places for wave in fact.waves] == [0, 1, 1, 1, 1, 1]
        assert "2 units more are there at 甘肃省" in said
        assert "the lane from 码头0 to 甘肃省" in said

    def test_who_is_not_reached_hears_that(self, world, narrow):
        (fact,) = explain(narrow, world.clinics[11])
        assert "no lane leads to 青海省" in " ".join(sentences(fact))


class TestRules:
    def test_days_that_are_full_are_taken_out_of_a_lane(self):
        lane = LaneDays(1, 2, 0, 5, 0, 0, None)
        rows = [(r.from_day, r.until_day, r.units_a_day) for r in free_of(lane, {1: 5, 2: 3})]
        assert rows == [(0, 0, 5), (1, 1, 0), (2, 2, 2), (3, None, 5)]
        assert free_of(lane, {}) == [lane]

    def test_waves_are_days_of_arrival_and_at_most_twelve(self):
        assert wave_days([3, 1, 3], 9, limited=False) == [1, 3]
        assert wave_days([3, 1], 8, limited=True) == [1, 3, 5, 7, 8]
        many = wave_days([0], 100, limited=True)
        assert (len(many) <= 12, many[-1]) == (True, 100)

    def test_the_first_claims_have_what_is_there(self):
        import numpy as np

        units = np.array([[2, 2], [0, 2], [2, 0]], dtype=np.int32)
        rank = np.array([3, 1, 2], dtype=np.int64)
        # Wave 1: the third (rank 2), the first; wave 2: the second (rank 1), the first again.
        assert first_claims(units, rank, 2, 7).tolist() == [2, 2, 2]
        assert first_claims(units, rank, 2, 3).tolist() == [0, 0, 2]
        assert first_claims(units, rank, 2, 99).tolist() == [4, 2, 2]

    def test_goods_on_hand_leave_before_promised_ones(self):
        assert firm_first([(4, 8, 5), (0, 9, 3), (2, 8, 1)], 6) == {9: 3, 8: 3}
