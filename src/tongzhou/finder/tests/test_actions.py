"""Facts, exceptions, merges, reports and calls: one event each, and what may not be done."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tongzhou.finder import actions, queries
from tongzhou.finder.actions import FacilityRefused, Said
from tongzhou.finder.actions.calls import CallRefused
from tongzhou.finder.models import Call, Facility, HoursException, Report
from tongzhou.finder.rules import Word
from tongzhou.finder.rules.fields import FieldRefused, phones_of
from tongzhou.kit import clock
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.rules import Scope

from .conftest import NOW, World, by

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ALL = Scope(((0, 9999),))


def events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("pk"))


def test_what_an_authority_states_counts_and_is_kept(world: World) -> None:
    one = world.facility("a", hours="Mo-Su 08:00-18:00; PH off", sees_fever=True)
    assert one.checked_at == NOW
    assert one.hours_read
    assert not one.all_day
    facts = {fact.field: fact for fact in one.facts.filter(current=True)}
    assert facts["hours"].value == "Mo-Su 08:00-18:00; PH off"
    assert (facts["hours"].source, facts["hours"].said_by) == ("A", "名单")
    assert len(events("facility.created")) == 1


def test_the_newest_word_counts_and_older_ones_are_kept(world: World) -> None:
    one = world.facility("a")
    call = Said("C", NOW, "")
    one = actions.state_facts(one, {"phones": "0931-1111111"}, call, by=SYSTEM)
    old = Said("A", NOW - 5 * HOUR, "旧名单")
    one = actions.state_facts(one, {"phones": "0931-2222222", "address": "东路"}, old, by=SYSTEM)
    assert (one.phones, one.address) == ("0931-1111111", "东路")
    assert one.facts.filter(field="phones").count() == 3
    assert one.facts.filter(field="phones", current=True).count() == 1
    assert one.checked_at == NOW
    assert len(events("facility.stated")) == 2


def test_a_database_keeps_one_current_fact_of_a_field(world: World) -> None:
    one = world.facility("a")
    fact = one.facts.get(field="phones")
    fact.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save(force_insert=True)


def test_hours_that_cannot_be_read_are_kept_and_flagged(world: World) -> None:
    one = world.facility("a", hours="上午看病")
    assert (one.hours, one.hours_read) == ("上午看病", False)
    assert queries.here(one).openness.word is Word.MAYBE


def test_visitors_and_the_future_state_no_facts(world: World) -> None:
    one = world.facility("a")
    for said in (Said("D", NOW), Said("A", NOW + HOUR)):
        with pytest.raises(FacilityRefused):
            actions.state_facts(one, {"phones": "120"}, said, by=SYSTEM)
    assert events("facility.stated") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("phones", "call me"), ("phones", "1234,2345,3456,4567"), ("name", " "), ("kind", "ship"),
     ("state", "merged"), ("wait_minutes", 2000), ("point", [36.0]), ("point", [136.0, 10.0]),
     ("hours", "x" * 301)],
)  # fmt: skip
def test_a_value_its_field_cannot_have_is_refused(world: World, field: str, value: object) -> None:
    one = world.facility("a")
    with pytest.raises(FieldRefused):
        actions.state_facts(one, {field: value}, Said("A", NOW), by=SYSTEM)


def test_telephones_are_written_one_way() -> None:
    assert (
        phones_of(" 0931-1234567、13800000000; +86-931-1 ") == "0931-1234567,13800000000,+86-931-1"
    )


def test_an_exception_closes_for_its_days(world: World) -> None:
    one = world.facility("a", hours="08:00-18:00")
    assert queries.here(one).openness.word is Word.OPEN
    row = actions.add_exception(one, date(2023, 1, 8), date(2023, 1, 9), by=SYSTEM)
    assert queries.here(one).openness.word is Word.CLOSED
    actions.remove_exception(row, by=SYSTEM)
    assert queries.here(one).openness.word is Word.OPEN
    assert len(events("facility.exception_added") + events("facility.exception_removed")) == 2


def test_an_emergency_department_shut_for_days_is_not_called_open(world: World) -> None:
    one = world.facility("a", has_emergency=True)
    row = actions.add_exception(one, date(2023, 1, 8), date(2023, 1, 8), by=SYSTEM)
    assert queries.here(one).openness.word is Word.MAYBE
    for witness in ("anna", "ben"):
        report(one, witness)
    Facility.objects.update(checked_at=NOW - timedelta(hours=1))
    one.refresh_from_db()
    assert queries.here(one).openness.word is Word.MAYBE  # visitors close none of them
    actions.add_exception(one, date(2023, 1, 8), date(2023, 1, 8), hours="10:00-12:00", by=SYSTEM)
    assert queries.here(one).openness.word is Word.OPEN
    with clock.fixed_at(NOW + timedelta(days=1)):
        assert queries.here(one).openness.word is Word.OPEN
    actions.remove_exception(row, by=SYSTEM)


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [(date(2023, 1, 9), date(2023, 1, 8), ""), (date(2023, 1, 9), date(2025, 1, 9), ""),
     (date(2023, 1, 9), date(2023, 1, 9), "早上")],
)  # fmt: skip
def test_an_exception_that_says_nothing_is_refused(
    world: World, first: date, last: date, hours: str
) -> None:
    one = world.facility("a")
    with pytest.raises(FacilityRefused):
        actions.add_exception(one, first, last, hours=hours, by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursException.objects.create(facility=one, first=date(2023, 1, 9), last=date(2023, 1, 8))


def test_both_codes_lead_to_the_facility_that_stays(world: World) -> None:
    first, second, third = (world.facility(code) for code in "abc")
    actions.add_id(first, "医保", "H62010200001", by=SYSTEM)
    actions.merge_facilities(first, second, by=SYSTEM)
    actions.merge_facilities(second, third, by=SYSTEM)
    for code in ("a", "b", "c", "H62010200001"):
        found = queries.facility_by_code(code)
        assert found is not None
        assert found.pk == third.pk
    assert queries.nearest(36.05, 103.85)[0].facility_id == third.pk
    assert len(queries.nearest(36.05, 103.85)) == 1
    assert [event.after["into"] for event in events("facility.merged")] == ["b", "c"]
    for pair in ((third, third), (first, third)):
        with pytest.raises(FacilityRefused):
            actions.merge_facilities(*pair, by=SYSTEM)
    with pytest.raises(FacilityRefused, match="already"):
        world.facility("a")
    with pytest.raises(FacilityRefused, match="another"):
        actions.add_id(world.facility("d"), "医保", "H62010200001", by=SYSTEM)


def report(one: Facility, witness: str, claim: str = "closed", wait: int | None = None) -> Report:
    return actions.report_visit(one, witness, claim=claim, wait_minutes=wait, by=SYSTEM)


def test_two_visitors_close_a_clinic_until_it_is_checked_again(world: World) -> None:
    one = world.facility("a", hours="24/7")
    with clock.fixed_at(NOW + HOUR):
        report(one, "anna")
        assert queries.here(one).openness.word is Word.OPEN
        report(one, "ben", wait=40)
        shown = queries.here(one).openness
        assert (shown.word, shown.by_crowd) == (Word.CLOSED, True)
    with clock.fixed_at(NOW + 5 * HOUR):
        assert queries.here(one).openness.word is Word.OPEN
    with clock.fixed_at(NOW + 1.5 * HOUR):
        one = actions.state_facts(one, {"state": "active"}, Said("C", clock.now()), by=SYSTEM)
        assert queries.here(one).openness.word is Word.OPEN
    assert events("facility.reported")[0].after == {
        "code": "a", "claim": "closed", "wait_minutes": None,
    }  # fmt: skip


def test_visitors_never_close_an_emergency_department(world: World) -> None:
    one = world.facility("a", has_emergency=True)
    assert one.all_day
    with clock.fixed_at(NOW + HOUR):
        for witness in ("anna", "ben", "carl"):
            report(one, witness)
        assert queries.here(one).openness.word is Word.OPEN


def test_one_visitor_cannot_flood(world: World) -> None:
    rows = [world.facility(code) for code in "abcd"]
    report(rows[0], "anna")
    report(rows[0], "anna")
    with pytest.raises(FacilityRefused, match="hour"):
        report(rows[0], "anna")
    for row in (rows[1], rows[1], rows[2], rows[2]):
        report(row, "anna")
    with pytest.raises(FacilityRefused, match="hour"):
        report(rows[3], "anna")
    report(rows[3], "ben")
    with clock.fixed_at(NOW + 1.1 * HOUR):
        report(rows[3], "anna")


def test_a_report_says_something(world: World) -> None:
    one = world.facility("a")
    for claim, wait in (("", None), ("open", 601)):
        with pytest.raises(FacilityRefused):
            report(one, "anna", claim, wait)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(facility=one, at=NOW, witness="anna")


def claim(name: str = "1") -> Call:
    call = actions.claim_call(ALL, by=by(name))
    assert call is not None
    return call


def test_the_queue_goes_by_group_then_never_called_then_oldest(world: World) -> None:
    for code, values in {
        "old": {"called_at": NOW - 90 * HOUR, "ever_called": True},
        "older": {"called_at": NOW - 99 * HOUR, "ever_called": True},
        "never": {},
        "first group": {"called_at": NOW - 20 * HOUR, "ever_called": True, "priority": 1},
        "just called": {"called_at": NOW - HOUR, "ever_called": True, "priority": 0},
        "no telephone": {"phones": ""},
        "closed": {"state": "closed", "priority": 0},
    }.items():
        Facility.objects.filter(pk=world.facility(code).pk).update(**values)
    taken = [claim(str(n)).facility.code for n in range(4)]
    assert taken == ["first group", "never", "older", "old"]
    assert actions.claim_call(ALL, by=by("9")) is None
    assert len(events("call.claimed")) == 4


def test_a_site_is_on_one_telephone_and_a_caller_on_one_call(world: World) -> None:
    one = world.facility("a")
    call = claim("1")
    world.facility("b")
    with pytest.raises(CallRefused, match="already"):
        claim("1")
    values = {"claimed_at": NOW, "claimed_until": NOW + HOUR}
    for facility, who in ((one, "account:7"), (world.facility("c"), call.by)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.create(facility=facility, by=who, **values)


def test_who_comes_second_gets_the_next_site(world: World, monkeypatch) -> None:
    """Between looking and claiming somebody else takes the site: the database says no."""
    one, two = world.facility("a"), world.facility("b")
    Call.objects.create(facility=one, by="account:7", claimed_at=NOW, claimed_until=NOW + HOUR)
    seen = iter([one, two])

    class Stale:
        def first(self) -> Facility:
            return next(seen)

    monkeypatch.setattr(actions.calls, "waiting_for_call", lambda within: Stale())
    assert claim("1").facility == two


def test_answers_of_a_call_become_facts(world: World) -> None:
    world.facility("a", hours="08:00-18:00", said=Said("A", NOW - 200 * HOUR))
    call = claim()
    assert queries.here(call.facility).openness.word is Word.MAYBE
    done = actions.finish_call(
        call, "reached", {"hours": "24/7", "sees_fever": True}, note="态度好", by=by("1")
    )
    one = Facility.objects.get(code="a")
    assert (one.hours, one.sees_fever, one.all_day) == ("24/7", True, True)
    assert (one.ever_called, one.called_at, one.checked_at) == (True, NOW, NOW)
    assert one.facts.get(field="hours", current=True).source == "C"
    assert queries.here(one).openness.word is Word.OPEN
    assert done.review == Call.Review.DUE
    assert events("call.done")[0].after["changed"] == ["hours", "sees_fever"]


def test_no_answer_is_no_check(world: World) -> None:
    one = world.facility("a", said=Said("A", NOW - 200 * HOUR))
    actions.finish_call(claim(), "no_answer", {"hours": "24/7"}, by=by("1"))
    one.refresh_from_db()
    assert (one.hours, one.checked_at) == ("", NOW - 200 * HOUR)
    assert one.called_at == NOW


def test_a_site_closed_for_good_leaves_the_queue_and_the_map(world: World) -> None:
    world.facility("a")
    actions.finish_call(claim(), "closed", {}, by=by("1"))
    assert Facility.objects.get(code="a").state == "closed"
    assert queries.nearest(36.05, 103.85) == []


def test_a_claim_runs_out_after_an_hour(world: World) -> None:
    world.facility("a")
    call = claim("1")
    with clock.fixed_at(NOW + timedelta(minutes=59)):
        assert actions.release_overdue(by=SYSTEM) == 0
    with clock.fixed_at(NOW + HOUR):
        with pytest.raises(CallRefused, match="hour"):
            actions.finish_call(call, "reached", {}, by=by("1"))
        assert actions.release_overdue(by=SYSTEM) == 1
        assert claim("2").facility.code == "a"
    assert len(events("call.expired")) == 1


def test_a_call_is_given_back_by_its_caller_only(world: World) -> None:
    world.facility("a")
    call = claim("1")
    with pytest.raises(CallRefused):
        actions.give_back(call, by=by("2"))
    actions.give_back(call, by=by("1"))
    assert claim("2").facility.code == "a"


def test_the_call_of_a_merged_site_ends(world: World) -> None:
    one, two = world.facility("a"), world.facility("b")
    call = claim("1")
    actions.merge_facilities(one, two, by=SYSTEM)
    call.refresh_from_db()
    assert call.state == Call.State.EXPIRED


def test_a_second_person_reviews_and_a_wrong_call_is_made_again(world: World) -> None:
    world.facility("a")
    done = actions.finish_call(claim("1"), "reached", {}, by=by("1"))
    assert list(queries.calls_to_review(ALL, by="account:1")) == []
    with pytest.raises(CallRefused, match="own"):
        actions.review_call(done, agreed=True, by=by("1"))
    actions.review_call(done, agreed=False, by=by("2"))
    one = Facility.objects.get(code="a")
    assert (one.priority, one.ever_called, one.checked_at) == (0, False, None)
    with pytest.raises(CallRefused, match="wait"):
        actions.review_call(done, agreed=True, by=by("3"))


def test_few_calls_of_proven_callers_are_reviewed(world: World, monkeypatch) -> None:
    account = world.account("carl", "county_officer", "620102")
    asked = []
    monkeypatch.setattr(actions.calls, "is_sampled", lambda pk, level: asked.append(level))
    world.facility("a")
    world.facility("b")
    who = by(account.pk)
    actions.finish_call(claim(who.ref), "no_answer", {}, by=who)
    actions.set_level(account, "other", world.divisions["620102"], by=SYSTEM)
    actions.finish_call(claim(who.ref), "no_answer", {}, by=who)
    assert asked == ["trainee", "other"]
