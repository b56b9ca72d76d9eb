"""Yes, no, unknown: what is not known counts for nothing, neither for nor against."""

from itertools import product

import pytest

from tongzhou.clinical.conditions import Answered, Opposite, Reader, Several

from .people import BOOK

A, B, C = (Answered(name, answer=True) for name in "abc")
TRUTHS = (True, False, None)


def known(**truths):
    return {name: truth for name, truth in truths.items() if truth is not None}


@pytest.mark.parametrize(("a", "b"), list(product(TRUTHS, TRUTHS)))
def test_all_any_and_not_are_kleenes(a, b):
    inputs = known(a=a, b=b)
    either = True if True in (a, b) else None if None in (a, b) else False
    every = False if False in (a, b) else None if None in (a, b) else True
    assert Several(1, (A, B)).truth(inputs) is either
    assert Several(2, (A, B)).truth(inputs) is every
    assert Opposite(A).truth(inputs) is (None if a is None else not a)


@pytest.mark.parametrize("truths", list(product(TRUTHS, repeat=3)))
def test_two_of_three_is_settled_exactly_when_no_answer_could_change_it(truths):
    inputs = known(**dict(zip("abc", truths, strict=True)))
    two = Several(2, (A, B, C))
    ends = {
        two.truth(dict(zip("abc", ends, strict=True)))
        for ends in product((True, False), repeat=3)
        if all(inputs.get(n, e) is e for n, e in zip("abc", ends, strict=True))
    }
    assert two.truth(inputs) is (ends.pop() if len(ends) == 1 else None)


def test_only_what_could_settle_it_is_missing():
    assert Several(1, (A, B)).missing({"a": True}) == set()
    assert Several(1, (A, B)).missing({"a": False}) == {"b"}
    assert Several(2, (A, Several(1, (B, C)))).missing({"b": True}) == {"a"}


@pytest.mark.parametrize(
    ("raw", "inputs", "truth"),
    [
        ({"not": {"field": "spo2", "below": 90}}, {"spo2": 90}, True),
        ({"at_least": 1, "of": [{"field": "spo2", "above": 90}]}, {"spo2": 90}, False),
        ({"field": "spo2", "at_most": {"field": "spo2_target", "plus": -3}}, {"spo2": 80}, None),
        ({"score": "news2", "at_least": 7}, {"spo2": 91, "hard_to_wake": True}, None),
        (
            {"score": "news2", "at_least": 7},
            {"spo2": 91, "hard_to_wake": True, "on_oxygen": True},
            True,
        ),
        ({"score": "news2", "any_part": 3}, {"pulse": 131}, True),
        ({"score": "news2", "any_part": 3}, {"pulse": 130}, None),
    ],
)
def test_a_condition_as_data_is_read(raw, inputs, truth):
    assert Reader(BOOK.fields, BOOK.scores, "here").read(raw).truth(inputs) is truth


def test_a_score_is_no_only_when_the_worst_of_what_is_missing_would_not_reach_it():
    reader = Reader(BOOK.fields, BOOK.scores, "here")
    seven = reader.read({"score": "news2", "at_least": 7})
    parts = BOOK.scores["news2"].parts
    well = {"respiratory_rate": 16, "spo2": 98, "on_oxygen": False, "temperature": 37.0}
    assert seven.truth(well) is None
    assert seven.missing(well) == {part.field for part in parts} - set(well)
    assert seven.truth(well | {"systolic_pressure": 120}) is False
