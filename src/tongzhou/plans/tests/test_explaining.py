"""The explanation of a place's number, as its reader gets it."""

from datetime import date

import pytest
from django.urls import reverse

from tongzhou.campaigns.actions import change_state, state_need, verify_need
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.kit.rules import Actor
from tongzhou.people import rules as people_rules
from tongzhou.people.models import Account, RoleGrant
from tongzhou.places.models import Place, Source
from tongzhou.plans import actions
from tongzhou.plans.actions import compute_run, open_run, review_run
from tongzhou.plans.models import CampaignLane, Run, RunSupply, RunWave
from tongzhou.plans.queries.explain import explain
from tongzhou.plans.views.figures import weights_apart
from tongzhou.plans.views.list_bar import list_bar
from tongzhou.plans.views.words import sentences, words_of

from .world import COORDINATOR, NOW, REVIEWER, World


def computed(world: World, **options) -> Run:
    return compute_run(open_run(world.campaign, by=COORDINATOR, **options), by=COORDINATOR)


def told(run: Run, place: Place, **reader) -> str:
    (fact,) = explain(run, place, **reader)
    return " ".join(sentences(fact))


def promised(run: Run, units: int) -> None:
    """A second wave of a draft: goods that are promised for the ninth."""
    first = run.supply.get()
    RunWave.objects.create(run=run, number=2, day=date(2023, 1, 9))
    RunSupply.objects.create(
        run=run,
        wave=2,
        dock=first.dock,
        item=first.item,
        units=units,
        on_hand=False,
        day=date(2023, 1, 9),
    )


@pytest.fixture
def sign_in(client, world):
    def as_(role: str, division) -> Account:
        account = Account.objects.create(email=f"{role}@example.org", name=f"the {role}")
        RoleGrant.objects.create(
            account=account, role=role, division=division, granted_by="system", granted_at=NOW
        )
        client.force_login(account)
        return account

    return as_


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return computed(world)


@pytest.fixture
def page(client, run):
    def of(place: Place, language: str = "en") -> str:
        url = reverse("run-place", args=[run.pk, place.code])
        return client.get(url, headers={"accept-language": language}).text

    return of


class TestAnswers:
    """The first sentence answers; what it says depends on why."""

    def first(self, run: Run, place: Place) -> str:
        (fact,) = explain(run, place)
        return words_of(fact).answer[0]

    def test_served_from_goods_on_hand(self, world, run):
        assert self.first(run, world.clinics[0]) == (
            "卫生室0 gets 2 units of 血氧仪 in wave 1 (7 January 2023)."
        )

    def test_served_from_goods_that_are_promised(self, world):
        world.ready(8)
        opened = open_run(world.campaign, by=COORDINATOR)
        promised(opened, 4)
        run = compute_run(opened, by=COORDINATOR)
        assert "wave 2 (9 January 2023), once the promised goods are there" in self.first(
            run, world.clinics[5]
        )
        words = told(run, world.clinics[5])
        assert "Wave 1 (7 January 2023, goods on hand) serves 4 places and ends at" in words
        assert "Wave 2 (9 January 2023, promised goods) brings it 2 units" in words

    def test_a_wave_may_serve_one_place(self, world):
        world.ready(2)
        run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        assert "serves 1 place and ends at" in told(run, world.clinics[5])

    def test_served_in_two_waves(self, world):
        world.campaign.items.update(target_units=4)
        world.ready(26)
        opened = open_run(world.campaign, by=COORDINATOR)
        promised(opened, 22)
        run = compute_run(opened, by=COORDINATOR)
        assert self.first(run, world.clinics[6]) == (
            "卫生室6 gets 4 units of 血氧仪,"
            " from wave 1 (7 January 2023) to wave 2 (9 January 2023)."
        )

    def test_waiting_at_the_end_of_the_goods(self, world, run):
        assert self.first(run, world.clinics[9]) == (
            "卫生室9 waits: the 血氧仪 of this plan ends before its turn."
        )

    def test_waiting_because_all_goods_are_directed(self, world):
        world.ready(8)
        run = computed(world, directed=[world.recipients[1]])
        assert "directed to other recipients" in self.first(run, world.clinics[0])

    def test_nobody_serves_it(self, world):
        world.recipients[1].areas.all().delete()
        world.ready(8)
        assert "no recipient of the campaign serves it" in self.first(
            computed(world), world.clinics[11]
        )

    def test_no_lane_leads_to_it(self, world):
        CampaignLane.objects.create(
            campaign=world.campaign,
            dock=world.docks[0],
            recipient=world.recipients[0],
            lead_days=1,
            units_a_day=2,
        )
        world.ready(40)
        run = computed(world)
        assert "no lane leads to 青海省" in self.first(run, world.clinics[11])
        words = told(run, world.clinics[0])
        assert "Lanes limit what 甘肃省 can get" in words
        assert "Wave 1 (8 January 2023) brings it 2 units" in words
        later = told(run, world.clinics[5])
        assert "卫生室5 gets 2 units" in later
        assert "promised" not in later

    def test_earlier_plans_gave_it_all(self, world, run):
        (fact,) = explain(run, world.clinics[0])
        later = type(fact)(
            **{n: getattr(fact, n) for n in fact.__slots__} | {"given": 2, "units": 0}
        )
        assert words_of(later).answer == [
            "卫生室0 gets no more 血氧仪: earlier plans gave it all it may get."
        ]


class TestReasons:
    """Weights, bounds and overrides are told with what they rest on."""

    def test_the_weight_comes_with_its_figures_and_their_source(self, world, page, sign_in):
        sign_in("county_officer", world.counties[1])
        source = Source.objects.create(name="Census", as_of=date(2020, 11, 1))
        Place.objects.filter(pk=world.clinics[4].pk).update(source=source)
        text = page(world.clinics[4])
        assert "× 800" in text
        assert "= 800.0" in text
        assert "source: Census" in text
        assert "as of 2020-11-01" in text
        assert "made up for a demonstration" not in text
        Place.objects.update(made_up=True)
        assert "estimates made up for a demonstration" in page(world.clinics[4])

    def test_a_missing_figure_was_the_median_of_its_county(self, world, page, sign_in):
        sign_in("county_officer", world.counties[1])
        Place.objects.filter(pk=world.clinics[4].pk).update(people65=None)
        world.ready(6)
        second = computed(world)
        (fact,) = explain(second, world.clinics[4])
        assert fact.weight == 800.0  # of 900 and 700
        assert fact.registry.figures[0].used == 800.0
        assert "Missing in the register when the plan was computed: People aged 65 and over" in (
            " ".join(sentences(fact))
        )

    def test_a_register_that_changed_since_is_said_to_have(self, world, run):
        assert "has changed" not in told(run, world.clinics[4])
        Place.objects.filter(pk=world.clinics[4].pk).update(people65=1000)
        place = Place.objects.get(pk=world.clinics[4].pk)
        assert "today its figures give the weight 1,000.0" in told(run, place)

    def test_its_own_county_is_compared(self, world, run):
        words = told(run, world.clinics[4])
        assert "In 甘2县 the middle weight is 800.0; 1 of its 3 places have a larger" in words
        assert "Of these 3 places, 0 were served before this plan and 1 are with it." in words

    @pytest.mark.parametrize(
        ("asked", "stock", "says"),
        [
            (2, 0, "It may get 2 units in all: it asked for 2, less than the target of 6."),
            (9, 0, "It asked for 9; a request above the target changes nothing."),
            (None, 2, "the target is 6, and 2 were counted there and verified."),
            (4, 2, "it asked for 4, less than the target of 6, and 2 were counted there"),
            (0, 0, "it asked for less than one drop"),
        ],
    )
    def test_what_bounds_it_is_named(self, world, asked, stock, says):
        world.campaign.items.update(target_units=6)
        place, item, day = world.clinics[1], world.item, NOW.date()
        if asked is not None:
            state_need(world.campaign, NewNeed(place, item, asked, day), by=COORDINATOR)
        if stock:
            count = NewNeed(place, item, 0, day, stock_units=stock, source="count")
            verify_need(state_need(world.campaign, count, by=COORDINATOR), by=REVIEWER)
        world.ready(8)
        words = told(computed(world), place)
        assert says in words
        assert "changed since" not in words

    def test_a_count_that_nobody_verified_changes_nothing_and_is_told(self, world, run):
        count = NewNeed(world.clinics[1], world.item, 0, NOW.date(), stock_units=2, source="count")
        row = state_need(world.campaign, count, by=COORDINATOR)
        assert "A count of 2 units has come in." in told(run, world.clinics[1])
        verify_need(row, by=REVIEWER)
        assert "changed since; the next plan counts that" in told(run, world.clinics[1])

    def test_a_plan_kept_from_a_question_says_that_it_supposed_other_needs(self, world):
        world.ready(8)
        opened = open_run(world.campaign, by=COORDINATOR)
        code, county = world.item.code, world.counties[1].code
        opened.changes = [{"kind": "need", "division": county, "item": code, "percent": 150}]
        opened.save()
        run = compute_run(opened, by=COORDINATOR)
        words = told(run, world.clinics[4])
        assert "computed with other needs or stock than those recorded" in words
        assert "changed since" not in words
        assert "other needs" not in told(run, world.clinics[0])

    def test_an_override_names_its_reason_and_the_office_that_approved_it(
        self, world, run, page, sign_in
    ):
        last = world.clinics[11]
        actions.override_line(run, last, world.item, 2, note="floods", by=COORDINATOR)
        again = compute_run(run, by=COORDINATOR)
        assert "waits for the approval of a second person" in told(again, last)
        reviewer = sign_in("reviewer", world.nation)
        review_run(again, by=Actor("account", str(reviewer.pk)))
        sign_in("county_officer", world.counties[3])
        text = page(last)
        assert "A person changed this line from 0 to 2 units. The reason: floods" in text
        assert "approved the plan with this change: reviewer for 中国." in text
        assert reviewer.name not in text
        assert "brings the 2 units that a person settled" in text

    def test_a_line_set_to_nothing_says_so_first(self, world, run):
        first = world.clinics[0]
        actions.override_line(run, first, world.item, 0, note="closed", by=COORDINATOR)
        (fact,) = explain(compute_run(run, by=COORDINATOR), first)
        words = words_of(fact)
        assert "a person set its line to 0" in words.answer[0]
        assert words.coming == ["A line that a person settled takes no more part in this plan."]

    def test_equal_weights_name_the_seed_and_a_digest_that_can_be_checked(self, world, run):
        import hashlib

        Place.objects.update(people65=100.0)
        world.ready(10, dock=1)
        even = computed(world)
        facts = {place: explain(even, place)[0] for place in world.clinics}
        served = [f.digest for f in facts.values() if f.units]
        waiting = [f.digest for f in facts.values() if not f.units]
        assert served
        assert max(served) < min(waiting)
        code = world.clinics[0].code
        assert facts[world.clinics[0]].digest == hashlib.sha256(f"s:{code}".encode()).hexdigest()
        place = next(place for place, fact in facts.items() if not fact.units)
        assert "the published seed put this place later" in told(even, place)


class TestNotTold:
    """What a place's people are is told to nobody who may not see them."""

    PEOPLE = "1,234"

    @pytest.fixture
    def known(self, world) -> Place:
        """A clinic of 1,234 old people, of whom 37 in a hundred are ill."""
        place = world.clinics[4]
        Place.objects.filter(pk=place.pk).update(people65=1234, risk_share=0.37, remoteness=1.21)
        return Place.objects.get(pk=place.pk)

    def test_without_the_right_neither_figures_nor_weight_are_told(self, world, known):
        world.ready(4)
        run = computed(world)
        (fact,) = explain(run, known, figures=False)
        assert (fact.weight, fact.registry, fact.county, fact.missing) == (None, None, None, [])
        shown = f"{' '.join(sentences(fact))} {list_bar(fact)}"
        weight = explain(run, known)[0].weight
        for secret in (self.PEOPLE, "1234", "37", f"{weight:,.1f}", f"{weight:.0f}"):
            assert secret not in shown
        assert "number 1 of the 12 places" in shown

    def test_a_reader_of_plans_who_may_not_see_places_gets_no_figures(
        self, client, world, known, page, sign_in, monkeypatch
    ):
        class Planner(people_rules.Auditor):
            permissions = frozenset({"plans.view"})

        monkeypatch.setitem(people_rules.ROLES, "auditor", Planner)
        sign_in("auditor", world.nation)
        text = page(known)
        assert "Why 卫生室4 gets its number" in text
        assert "number 1 of the 12" not in text or "weight here" not in text
        for secret in (self.PEOPLE, "1234", "× ", "In the register"):
            assert secret not in text

    def test_outside_its_county_the_page_is_not_there(self, client, world, known, run, sign_in):
        url = reverse("run-place", args=[run.pk, known.code])
        assert client.get(url).status_code == 302
        sign_in("county_officer", world.counties[0])
        assert client.get(url).status_code == 404

    def test_public_pages_of_the_clinic_and_its_division_tell_no_figure(self, client, world, known):
        world.ready(4)
        computed(world)
        for url in (f"/trace/places/{known.code}/", f"/api/v1/places/{known.code}"):
            answer = client.get(url)
            assert answer.status_code == 200
            assert self.PEOPLE not in answer.text
            assert "1234" not in answer.text

    def test_a_small_county_is_not_told_to_a_reader_of_one_village(self, world, run):
        (fact,) = explain(run, world.clinics[4], county=False)
        assert fact.weight == 800.0
        assert fact.county is None

    def test_nor_a_median_that_is_a_neighbours_figure(self, world):
        Place.objects.filter(pk=world.clinics[4].pk).update(people65=None)
        world.ready(4)
        (fact,) = explain(computed(world), world.clinics[4], county=False)
        assert (fact.weight, fact.registry, fact.missing) == (None, None, [])


class TestSteps:
    """When the number looks wrong, each reader gets the links that work for them."""

    def test_a_county_officer_sends_a_count_and_asks_for_the_rest(self, world, page, sign_in):
        helper = sign_in("coordinator", world.provinces[0])
        sign_in("county_officer", world.counties[1])
        text = page(world.clinics[4])
        assert reverse("need-new", args=[world.campaign.public_id]) in text
        assert reverse("place", args=[world.clinics[4].code]) in text
        assert f"tell {helper.name}, who can correct it" in text
        assert f"Questions: {helper.name}, who coordinates here." in text
        assert "/desk/imports/places/" not in text
        assert "#change" not in text

    def test_a_coordinator_does_it(self, world, page, sign_in):
        sign_in("coordinator", world.nation)
        text = page(world.clinics[4])
        assert "/desk/imports/places/" in text
        assert 'href="#change"' in text
        assert 'id="change"' in text

    def test_each_link_opens_for_whom_it_is_shown(self, client, world, page, sign_in):
        import re

        for role, division in (
            ("county_officer", world.counties[1]),
            ("reviewer", world.nation),
            ("auditor", world.nation),
            ("coordinator", world.nation),
        ):
            sign_in(role, division)
            part = page(world.clinics[4]).split("If the number looks wrong")[1].split("</ul>")[0]
            for url in re.findall(r'href="(/[^"]+)"', part):
                assert client.get(url).status_code == 200, (role, url)

    def test_a_closed_campaign_and_a_published_plan_say_so(self, world, run, page, sign_in):
        sign_in("coordinator", world.nation)
        change_state(world.campaign, "closed", by=COORDINATOR)
        Run.objects.update(state=Run.State.PUBLISHED)
        text = page(world.clinics[4])
        assert "The campaign is closed" in text
        assert "This plan can no longer be changed" in text

    def test_a_hotline_is_named(self, world, page, sign_in, settings):
        settings.HOTLINE = "0931-1"
        sign_in("county_officer", world.counties[1])
        assert "Questions: telephone 0931-1." in page(world.clinics[4])


class TestPicture:
    """A bar of the list with the ends of its waves, and the same as a table."""

    def test_a_waiting_place_stands_after_what_was_given(self, world, run):
        (fact,) = explain(run, world.clinics[6])
        bar = list_bar(fact)
        assert bar.finding == "The list needs 24 units; the next drop here comes after 12 of them"
        assert [(w.list_units, w.places, ends) for w, ends, _mine in bar.rows] == [(8, 4, "900.0")]
        assert bar.waiting == 16
        assert 'x="50.00%"' in bar.picture

    def test_a_served_place_stands_inside_its_wave(self, world, run):
        (fact,) = explain(run, world.clinics[1])
        assert "the drop here comes after 2 of them" in list_bar(fact).finding

    def test_a_run_that_kept_no_ends_has_no_picture_and_still_its_sentences(self, world, run):
        RunWave.objects.update(cut={})
        (fact,) = explain(run, world.clinics[6])
        assert list_bar(fact) is None
        assert "serves 4 places, before this one's turn." in " ".join(sentences(fact))

    def test_who_needs_nothing_stands_in_no_list(self, world):
        state_need(
            world.campaign, NewNeed(world.clinics[1], world.item, 0, NOW.date()), by=REVIEWER
        )
        world.ready(4)
        (fact,) = explain(computed(world), world.clinics[1])
        assert list_bar(fact) is None

    def test_the_page_is_whole_in_chinese(self, world, page, sign_in):
        import re

        sign_in("county_officer", world.counties[2])
        text = page(world.clinics[6], "zh-hans")
        main = text[text.index("<h1") : text.index("</main>")]
        assert "卫生室6还要等：本方案的血氧仪还没轮到它就分完了。" in main
        words = re.sub(r"<[^>]+>|printf.*?sha256sum|[0-9a-f]{64}", " ", main)
        assert re.findall(r"[A-Za-z]{4,}", words) == []


class TestNumbers:
    def test_weights_show_as_many_decimals_as_tell_them_apart(self):
        assert weights_apart(85.2, 61.0) == ("85.2", "61.0")
        assert weights_apart(85.2414, 85.2421) == ("85.241", "85.242")
        assert weights_apart(85.24, 85.24000001) == ("85.2", "85.2")
        assert weights_apart(795.466584, 0) == ("795.5", "0.0")
