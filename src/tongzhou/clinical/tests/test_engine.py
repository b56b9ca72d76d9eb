"""How urgent it is: never less for a missing input, never less for a worse value."""

import dataclasses
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongzhou.clinical import engine
from tongzhou.clinical.edges import edges_of
from tongzhou.clinical.engine import Decision, decide, decide_again, profile_for
from tongzhou.clinical.fields import InputRefused
from tongzhou.clinical.rulebook import Urgency

from .people import BOOK, best, fields_of, rank, told, values

# Every question of an adult at home, answered well.
WELL = {name: best(BOOK.fields[name]) for name in fields_of("adult")}

# A long fever matters when it is high, and a high one when it is long.
NEEDS_THE_OTHER = {"temperature": {"fever_days": 4}, "fever_days": {"temperature": 39.0}}


def test_an_adult_with_nothing_wrong_and_nothing_open_is_settled():
    decision = decide(WELL, "adult")
    assert decision.urgency is Urgency.NONE
    assert decision.settled
    assert decision.fired == decision.open == ()


def test_nothing_known_asks_and_is_never_none():
    for profile in BOOK.profiles:
        decision = decide({}, profile)
        assert decision.urgency is Urgency.ASK
        assert decision.certain is Urgency.NONE
        assert decision.possible is Urgency.EMERGENCY
        assert not decision.settled


@pytest.mark.parametrize("name", fields_of("adult"))
def test_one_missing_answer_is_asked_for(name):
    told = WELL | NEEDS_THE_OTHER.get(name, {})
    known = {field: value for field, value in told.items() if field != name}
    decision = decide(known, "adult")
    assert decision.urgency is Urgency.ASK
    assert name in decision.questions
    assert decide(known | {name: None}, "adult") == decision


def test_an_emergency_needs_no_further_question():
    decision = decide({"spo2": 85}, "adult")
    assert decision.urgency is Urgency.EMERGENCY
    assert {rule.rule for rule in decision.fired} >= {"r10-92", "r11-90"}
    assert decision.settled
    assert decision.open


def test_the_questions_of_the_most_urgent_rules_come_first():
    """Breathlessness is first in the data, but only what may be an emergency is asked before."""
    questions = decide({}, "adult").questions
    assert questions[:3] == ("hard_to_wake", "blue_lips", "chest_pain")
    assert questions.index("respiratory_rate") < questions.index("breathless")
    assert questions.index("breathless") < questions.index("disease_worse")


@given(told())
def test_a_missing_input_never_lowers_the_urgency(person):
    """Unknown is at least as urgent as the best answer, and nothing that was possible is lost."""
    profile, inputs = person
    decision = decide(inputs, profile)
    for name in inputs:
        without = decide({n: v for n, v in inputs.items() if n != name}, profile)
        assert rank(without.possible) >= rank(decision.possible) >= rank(decision.urgency)
        assert rank(without.urgency) >= min(rank(Urgency.ASK), rank(decision.urgency))
        good = best(BOOK.fields[name])
        if good is not None:
            assert rank(without.urgency) >= rank(decide(inputs | {name: good}, profile).urgency)


@given(told(), st.data())
def test_a_worse_value_never_lowers_the_urgency(person, data):
    profile, inputs = person
    names = [name for name in inputs if BOOK.fields[name].worse != "none"]
    assume(names)
    name = data.draw(st.sampled_from(names))
    field = BOOK.fields[name]
    other = data.draw(values(field))
    assume(field.is_worse(other, inputs[name]))
    worse = decide(inputs | {name: other}, profile)
    assert rank(worse.urgency) >= rank(decide(inputs, profile).urgency)


def alone(profile):
    """Each rule of a profile at each of its edges, with all else as good as it can be."""
    asked = BOOK.profiles[profile]
    well = {name: best(BOOK.fields[name]) for name in fields_of(profile)}
    well |= {"age_months": max(asked.from_months, 100)} if "age_months" in well else {}
    for rule in asked.rules:
        for _, edge in edges_of(rule, BOOK):
            known = {name: value for name, value in well.items() if value is not None}
            yield rule, edge.field, known | edge.inputs


@pytest.mark.parametrize("profile", ["adult", "child"])
def test_an_unknown_age_never_lowers_the_urgency(profile):
    """Whoever it turns out to be, what is urgent then was certain or possible before."""
    for rule, _, inputs in alone(profile):
        ageless = {name: value for name, value in inputs.items() if name != "age_months"}
        before, after = decide(ageless, "anyone"), decide(inputs, profile)
        assert rank(before.possible) >= rank(after.urgency) >= rank(rule.urgency), rule.id
        assert rank(before.urgency) >= min(rank(Urgency.ASK), rank(after.urgency)), rule.id


@pytest.mark.parametrize("profile", sorted(BOOK.profiles))
def test_what_alone_makes_it_urgent_is_asked_for_when_it_is_missing(profile):
    for rule, field, inputs in alone(profile):
        without = {name: value for name, value in inputs.items() if name != field}
        decision = decide(without, profile)
        assert rank(decision.urgency) >= rank(Urgency.ASK), (rule.id, field)
        assert rank(decision.possible) >= rank(rule.urgency), (rule.id, field)


@given(told("adult"))
def test_pregnancy_never_lowers_the_urgency(person):
    _, inputs = person
    assume(inputs.get("age_months", 400) < 600)
    assert rank(decide(inputs, "pregnant").urgency) >= rank(decide(inputs, "adult").urgency)


@given(told(), st.data())
def test_whatever_the_answers_turn_out_to_be_the_promise_holds(person, data):
    """Certain is kept and possible is not exceeded when an open question is answered."""
    profile, inputs = person
    decision = decide(inputs, profile)
    assume(decision.questions)
    name = data.draw(st.sampled_from(decision.questions))
    assume(name != "age_months")
    later = decide(inputs | {name: data.draw(values(BOOK.fields[name]))}, profile)
    assert rank(decision.certain) <= rank(later.certain)
    assert rank(later.possible) <= rank(decision.possible)


@given(told())
def test_none_and_watch_are_said_only_when_nothing_urgent_is_open(person):
    profile, inputs = person
    decision = decide(inputs, profile)
    if rank(decision.urgency) < rank(Urgency.ASK):
        assert all(rule.urgency is Urgency.WATCH for rule in decision.open)


@given(told())
def test_a_stored_decision_is_decided_again_alike(person):
    profile, inputs = person
    decision = decide(inputs, profile)
    stored = json.loads(json.dumps(decision.to_json(), ensure_ascii=False))
    assert Decision.from_json(stored) == decision
    assert decide_again(stored) == decision


def test_a_decision_names_the_version_of_the_rules_and_of_each_rule():
    decision = decide({"spo2": 93}, "adult")
    assert (decision.version, decision.sha256) == (BOOK.version, BOOK.sha256)
    assert [(rule.rule, rule.version) for rule in decision.fired] == [
        ("r7-spo2", 1),
        ("r10-94", 1),
        ("r11-94", 1),
    ]
    assert decision.inputs == {"spo2": 93}


def test_rules_that_changed_do_not_decide_again():
    stored = decide(WELL, "adult").to_json()
    with pytest.raises(engine.RulesChanged, match="its content has changed"):
        decide_again(stored | {"sha256": "0" * 64})
    with pytest.raises(LookupError, match="no version 999"):
        decide_again(stored | {"version": "999"})


def test_an_unknown_watch_counts_as_watch():
    """A rule that can only say `watch` does not make a page ask for ever."""
    rule = dataclasses.replace(BOOK.rules["r9-activity"], urgency=Urgency.WATCH)
    profile = dataclasses.replace(BOOK.profiles["adult"], rules=(rule,))
    book = dataclasses.replace(BOOK, profiles={"adult": profile})
    assert decide({}, "adult", rules=book).urgency is Urgency.WATCH
    assert decide({"spo2_after_activity": 94}, "adult", rules=book).urgency is Urgency.NONE


@pytest.mark.parametrize(
    ("inputs", "field", "sentence"),
    [
        ({"spo2": 20}, "spo2", "must be 50 to 100 %, not 20; measure again"),
        ({"spo2": 101}, "spo2", "must be 50 to 100 %, not 101"),
        ({"temperature": 98.6}, "temperature", "must be 30 to 45 °C"),
        ({"temperature": float("nan")}, "temperature", "must be 30 to 45"),
        ({"spo2": True}, "spo2", "must be a number"),
        ({"spo2": "93"}, "spo2", "must be a number"),
        ({"breathless": 1}, "breathless", "must be yes or no"),
        ({"sp02": 93}, "sp02", "There is no input sp02"),
        ({"age_months": 30}, "age_months", "is not of the profile: Adult at home"),
    ],
)
def test_a_wrong_input_is_refused_with_a_reason_and_never_clipped(inputs, field, sentence):
    with pytest.raises(InputRefused, match=sentence) as refused:
        decide(inputs, "adult")
    assert refused.value.field == field
    assert refused.value.texts["zh"].endswith("。")


@pytest.mark.parametrize("name", [f.id for f in BOOK.fields.values() if f.kind == "number"])
def test_the_ends_of_a_range_are_taken_and_one_step_beyond_is_not(name):
    field = BOOK.fields[name]
    assert field.taken(field.least) == field.least
    assert field.taken(field.most) == field.most
    for beyond in (field.least - field.step, field.most + field.step):
        with pytest.raises(InputRefused):
            field.taken(beyond)


def test_an_unknown_profile_is_refused():
    with pytest.raises(InputRefused, match="There is no profile robot"):
        decide({}, "robot")


@pytest.mark.parametrize(
    ("person", "profile"),
    [
        ({"age_months": None}, "anyone"),
        ({"age_months": 191}, "child"),
        ({"age_months": 192}, "adult"),
        ({"age_months": 400, "pregnant": True}, "pregnant"),
        ({"age_months": 180, "pregnant": True}, "pregnant"),
        ({"age_months": 400, "pregnant": True, "chronic_lung": True}, "pregnant"),
        ({"age_months": 800, "chronic_lung": True}, "chronic_lung"),
        ({"age_months": 800, "chronic_lung": None}, "adult"),
        ({"age_months": 100, "chronic_lung": True}, "child"),
        ({"age_months": None, "pregnant": True}, "pregnant"),
    ],
)
def test_the_profile_of_a_person(person, profile):
    assert profile_for(**person) == profile


def test_chronic_lung_disease_has_limits_of_its_own():
    assert "r10-92" not in {rule.rule for rule in decide({"spo2": 89}, "chronic_lung").fired}
    assert decide({"spo2": 87}, "chronic_lung").urgency is Urgency.EMERGENCY
    target = {"spo2_target_set": True, "spo2_target": 92}
    assert decide({"spo2": 89} | target, "chronic_lung").certain is Urgency.HOUR
    assert decide({"spo2": 90} | target, "chronic_lung").certain is Urgency.NONE
    assert "spo2_target" in decide({"spo2": 90, "spo2_target_set": True}, "chronic_lung").questions


@pytest.mark.parametrize(
    ("months", "breaths"), [(1, 60), (2, 50), (11, 50), (12, 40), (59, 40), (60, 30), (191, 30)]
)
def test_a_childs_breaths_are_judged_by_age(months, breaths):
    child = {"age_months": months, "respiratory_rate": breaths}
    assert decide(child, "child").certain is Urgency.EMERGENCY
    assert decide(child | {"respiratory_rate": breaths - 1}, "child").certain is Urgency.NONE
    assert "age_months" in decide({"respiratory_rate": 45}, "child").questions
