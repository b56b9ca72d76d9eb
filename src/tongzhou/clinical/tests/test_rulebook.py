"""The data files: each rule complete, in both languages, with a case on each side of its edge."""

import copy
import datetime as dt
import tomllib
from importlib.resources import files
from itertools import pairwise

import pytest

from tongzhou.clinical import rulebook
from tongzhou.clinical.edges import edges_of
from tongzhou.clinical.engine import decide
from tongzhou.clinical.fields import RuleFault

from .people import BOOK


def documents():
    folder = files("tongzhou.clinical") / "data" / rulebook.LATEST
    return {
        name: tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        for name in rulebook.FILES
    }


@pytest.fixture
def data():
    return copy.deepcopy(documents())


def rule_of(data, name):
    return next(row for row in data["red_flags"]["rule"] if row["id"] == name)


def edges(book):
    return [
        (rule, leaf, edge) for rule in book.rules.values() for leaf, edge in edges_of(rule, book)
    ]


def test_every_limit_of_every_rule_has_a_case_on_each_side():
    for rule, leaf, edge in edges(BOOK):
        assert edge is not None, f"{rule.id}: {leaf} never decides"
        assert rule.when.truth(edge.inputs) is True
        assert rule.when.truth(edge.inputs_no) is False
        changed = {n for n in edge.inputs if edge.inputs[n] != edge.inputs_no[n]}
        assert changed == {edge.field}


def test_a_rule_says_yes_on_the_worse_side_of_each_limit():
    """By itself: another rule may not hide that one of them stops where it gets dangerous."""
    for rule, _, edge in edges(BOOK):
        field = BOOK.fields[edge.field]
        worse = field.worse == "none" or field.is_worse(edge.yes, edge.no)
        assert worse, f"{rule.id}: {edge.no} of {edge.field} is worse than {edge.yes}"


def test_every_rule_fires_at_its_edge_and_not_beyond_it():
    """Through the engine, in every profile that asks the rule and has room for the inputs."""
    tried = set()
    for profile in BOOK.profiles.values():
        for rule in profile.rules:
            for _, edge in edges_of(rule, BOOK):
                if fits(profile, edge):
                    yes, no = decide(edge.inputs, profile.id), decide(edge.inputs_no, profile.id)
                    assert rule.id in {one.rule for one in yes.fired}
                    assert rule.id not in {one.rule for one in (*no.fired, *no.open)}
                    assert yes.urgency.rank >= rule.urgency.rank
                    tried.add(rule.id)
    assert tried == set(BOOK.rules)


def fits(profile, edge):
    ages = [side.get("age_months", profile.from_months) for side in (edge.inputs, edge.inputs_no)]
    return all(profile.from_months <= age < profile.to_months for age in ages)


def test_a_rule_that_can_never_fire_has_no_edge_and_is_seen(data):
    rule_of(data, "r10-92")["when"] = {
        "all": [{"field": "spo2", "below": 80}, {"field": "spo2", "above": 90}]
    }
    dead = rulebook.read(data).rules["r10-92"]
    assert [edge for _, edge in edges_of(dead, BOOK)] == [None, None]


def test_half_a_rule_that_never_decides_is_seen(data):
    rule_of(data, "r10-92")["when"] = {
        "any": [{"field": "spo2", "below": 80}, {"field": "spo2", "below": 90}]
    }
    half = rulebook.read(data).rules["r10-92"]
    assert [edge is None for _, edge in edges_of(half, BOOK)] == [True, False]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"when": {"field": "sp02", "below": 90}}, "there is no field sp02"),
        ({"when": {"field": "breathless", "below": 90}}, "breathless is not of kind number"),
        ({"when": {"field": "spo2", "is": True}}, "spo2 is not of kind yesno"),
        ({"when": {"field": "spo2", "under": 90}}, "under is no comparison"),
        ({"when": {"field": "spo2", "below": 20}}, "outside the plausible range"),
        ({"when": {"field": "spo2", "below": "90"}}, "is no limit"),
        ({"when": {"all": []}}, "cannot read the condition"),
        ({"when": {"at_least": 3, "of": [{"field": "spo2", "below": 90}]}}, "cannot read"),
        ({"when": {"score": "news3", "at_least": 7}}, "there is no score news3"),
        ({"text": {"en": "Only English."}}, "text needs English and Chinese"),
        ({"text": {"en": "English.", "zh": "English."}}, "text has no Chinese in its Chinese"),
        ({"action": {"en": "", "zh": "拨打"}}, "action needs English and Chinese"),
        ({"urgency": "none"}, "none is no urgency that a rule can give"),
        ({"urgency": "ask"}, "ask is no urgency that a rule can give"),
        ({"kind": "X"}, "kind and urgency_kind must be one of"),
        ({"valid_from": "2022-12-08"}, "valid_from must be a day"),
        ({"valid_from": dt.date(2099, 1, 1)}, "valid_from must be a day not after"),
        ({"source": ""}, "needs a source"),
        ({"version": 0}, "a version from 1"),
        ({"colour": "red"}, "missing or unknown: colour"),
    ],
)
def test_a_rule_that_is_wrong_is_named_when_it_is_read(data, change, fault):
    rule_of(data, "r10-92").update(change)
    with pytest.raises(RuleFault, match=f"rule r10-92: .*{fault}"):
        rulebook.read(data)


def test_a_rule_without_a_reviewer_field_is_refused(data):
    del rule_of(data, "r10-92")["reviewer"]
    with pytest.raises(RuleFault, match="rule r10-92: missing or unknown: reviewer"):
        rulebook.read(data)


def test_a_rule_that_is_there_twice_is_refused(data):
    data["red_flags"]["rule"].append(rule_of(data, "r10-92"))
    with pytest.raises(RuleFault, match="r10-92: is there twice"):
        rulebook.read(data)


def test_a_rule_that_no_profile_asks_is_refused(data):
    data["red_flags"]["rule"].append(rule_of(data, "r10-92") | {"id": "r99"})
    with pytest.raises(RuleFault, match="rule r99: no profile asks it"):
        rulebook.read(data)


def test_a_profile_that_names_a_rule_that_is_not_there_is_refused(data):
    data["profiles"]["profile"][0]["rules"].append("r99")
    with pytest.raises(RuleFault, match="profile anyone: there is no rule r99"):
        rulebook.read(data)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"worse": "sideways"}, "worse must be one of"),
        ({"kind": "colour"}, "kind must be one of"),
        ({"worse": "away"}, "best belongs to worse = away"),
        ({"least": 100}, "needs least < most"),
        ({"question": {"en": "What?"}}, "question needs English and Chinese"),
        ({"id": "breathless"}, "is there twice"),
    ],
)
def test_a_field_that_is_wrong_is_named(data, change, fault):
    row = next(row for row in data["fields"]["field"] if row["id"] == "spo2")
    row.update(change)
    with pytest.raises(RuleFault, match=fault):
        rulebook.read(data)


def test_bands_that_do_not_rise_or_do_not_end_open_are_refused(data):
    part = data["scores"]["score"][0]["parts"][0]
    part["bands"] = part["bands"][:-1]
    with pytest.raises(RuleFault, match="must rise and end open"):
        rulebook.read(data)


def test_the_digest_is_of_the_content(data):
    assert rulebook.read(data).sha256 == BOOK.sha256
    rule_of(data, "r10-92")["reviewer"] = "Dr. A"
    assert rulebook.read(data).sha256 != BOOK.sha256


def test_an_unsigned_rule_counts_as_not_reviewed(data):
    assert set(BOOK.unreviewed()) == set(BOOK.rules)
    rule_of(data, "r10-92")["reviewer"] = "signed"
    assert "r10-92" not in rulebook.read(data).unreviewed()


@pytest.mark.parametrize("version", ["999", "../1", ""])
def test_a_version_that_is_not_there_is_refused(version):
    with pytest.raises(LookupError):
        rulebook.load(version)


@pytest.mark.parametrize("score", BOOK.scores.values(), ids=lambda score: score.id)
def test_points_never_fall_when_a_sign_gets_worse(score):
    for part in score.parts:
        field = BOOK.fields[part.field]
        steps = round((field.most - field.least) / field.step) if field.kind == "number" else 0
        values = [round(field.least + n * field.step, 6) for n in range(steps + 1)]
        for one, other in pairwise(values):
            for worse, better in ((one, other), (other, one)):
                if field.is_worse(worse, better):
                    assert part.points(worse) >= part.points(better), (part.field, worse, better)


@pytest.mark.parametrize(
    ("field", "points"),
    [
        ("respiratory_rate", {8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3}),
        ("spo2", {91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0}),
        (
            "temperature",
            {35.0: 3, 35.1: 1, 36.0: 1, 36.1: 0, 38.0: 0, 38.1: 1, 39.0: 1, 39.1: 2},
        ),
        ("systolic_pressure", {90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3}),
        ("pulse", {40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3}),
    ],
)
def test_the_bands_of_news2_are_those_of_r17(field, points):
    part = next(part for part in BOOK.scores["news2"].parts if part.field == field)
    assert {value: part.points(value) for value in points} == points
