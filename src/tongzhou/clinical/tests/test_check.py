"""Each check of the catalogue, on a drawer where it speaks and on one where it must not."""

import itertools
import random

import pytest

from tongzhou.clinical.medicines import catalogue
from tongzhou.clinical.medicines.check import check_drawer
from tongzhou.clinical.medicines.findings import milligrams
from tongzhou.clinical.medicines.items import Item, Person

from . import drawers

BOOK = catalogue.load()
CHECKS = {check.id: check for check in BOOK.checks}
WELL = {
    "age_months": 480,
    "weight_kg": 70,
    "pregnant": False,
    "liver": False,
    "kidney": False,
    "alcohol": False,
    "other": (),
}
GRAVITY = ("nothing", "note", "ask", "stop")


def found(items, **changed):
    return check_drawer(items, Person(**WELL | changed))


def rules(findings):
    return [finding.rule for finding in findings.findings]


def with_class(about):
    """Products that hold the class, and hold as little else as there is."""
    of = [
        product
        for product in BOOK.products.values()
        if any(about in (n, *BOOK.ingredients[n].classes) for n in product.mg)
    ]
    return sorted(of, key=lambda product: len(product.mg))


def items(*products):
    return [Item(product=product.id, count=1, times=1) for product in products]


def two_that_clash(check):
    """Two products whose ingredients of the two classes are not the same one."""
    first, second = check.classes
    return next(
        (one, other)
        for one, other in itertools.product(with_class(first), with_class(second))
        if not set(one.mg) & set(other.mg)
    )


def of_kind(kind):
    return [check for check in BOOK.checks if check.kind == kind]


def test_every_clash_is_found_and_one_of_the_two_alone_is_none():
    for check in of_kind("clash"):
        one, other = two_that_clash(check)
        both = found(items(one, other))
        finding = next(finding for finding in both.findings if finding.rule == check.id)
        assert finding.items == (0, 1)
        assert finding.severity == check.severity
        for alone in (one, other):
            assert check.id not in rules(found(items(alone)))
            assert check.id not in rules(found(items(alone, alone)))


def test_every_caution_is_found_for_who_has_it_asked_of_who_did_not_say_and_else_silent():
    for check in of_kind("person"):
        drawer = items(with_class(check.about)[0])
        weeks = {"pregnancy_weeks": check.from_weeks} if check.from_weeks else {}
        assert check.id in rules(found(drawer, **{check.person: True}, **weeks))
        assert check.id not in rules(found(drawer, **{check.person: False}))
        unknown = found(drawer, **{check.person: None})
        assert check.id not in rules(unknown)
        assert check.person in {finding.asks for finding in unknown.findings}


def test_the_last_three_months_begin_with_week_28_and_an_unknown_week_counts_as_them():
    drawer = items(BOOK.products["ibuprofen-tablet-200"])
    assert "m5-pregnant-nsaid" not in rules(found(drawer, pregnant=True, pregnancy_weeks=27))
    assert "m5-pregnant-nsaid" in rules(found(drawer, pregnant=True, pregnancy_weeks=28))
    unknown = found(drawer, pregnant=True)
    assert "m5-pregnant-nsaid" in rules(unknown)
    assert "pregnancy_weeks" in {finding.asks for finding in unknown.findings}


def test_every_class_to_ask_about_is_found():
    for check in of_kind("class"):
        assert check.id in rules(found(items(with_class(check.about)[0])))
        assert check.id not in rules(found(items(BOOK.products["vitamin-c-tablet-100"])))


def test_every_limit_of_a_day_is_kept_and_one_step_more_is_found():
    """Exactly the limit is no overdose; a thousandth of it more is."""
    limited = [one for one in BOOK.ingredients.values() if one.day_mg is not None]
    for ingredient in limited:
        named = {"name": ingredient.name["en"], "count": 1, "times": 1}
        at = Item(**named, strength_mg=ingredient.day_mg)
        over = Item(**named, strength_mg=ingredient.day_mg * 1.001)
        assert "m2-day" not in rules(found([at]))
        finding = next(one for one in found([over]).findings if one.rule == "m2-day")
        assert finding.amount > finding.limit == ingredient.day_mg * 1000
        assert finding.severity == "stop"


def test_nobody_under_the_age_of_a_medicine_is_passed():
    from_an_age = [one for one in BOOK.ingredients.values() if one.from_months]
    for ingredient in from_an_age:
        drawer = [Item(name=ingredient.name["en"], count=1, times=1, strength_mg=1)]
        months = ingredient.from_months
        assert "m2-young" in rules(found(drawer, age_months=months - 1))
        assert "m2-young" not in rules(found(drawer, age_months=months))
        assert "age_months" in {one.asks for one in found(drawer, age_months=None).findings}


def test_r14_paracetamol():
    """An adult 2 g a day; a child 15 mg/kg a dose and 60 mg/kg a day; never two products."""
    four = [Item(name="对乙酰氨基酚片 0.5g", count=1, times=4)]
    assert found(four).verdict == "nothing"
    assert rules(found([Item(name="对乙酰氨基酚片 0.5g", count=1, times=5)]))[0] == "m2-day"
    child = {"age_months": 60, "weight_kg": 20}
    drops = "对乙酰氨基酚混悬滴剂"
    assert found([Item(name=drops, count=3, times=4)], **child).verdict == "nothing"
    assert rules(found([Item(name=drops, count=3.01, times=1)], **child)) == ["m2-dose"]
    assert "m2-day" in rules(found([Item(name=drops, count=2.5, times=5)], **child))
    twice = [*four, Item(name="感冒灵颗粒", count=1, times=1)]
    assert "m3-twice" in rules(found(twice))


def test_a_light_adult_is_held_to_the_limit_by_weight():
    three = [Item(name="对乙酰氨基酚片 0.5g", count=1, times=4)]
    assert "m2-day" not in rules(found(three, weight_kg=34))
    assert "m2-day" in rules(found(three, weight_kg=33))


def test_an_unknown_product_is_cannot_check_and_never_no_problem():
    unknown = found([Item(name="某某丸")])
    assert unknown.verdict == "ask"
    assert unknown.unknown == (0,)
    assert unknown.findings[0].text["zh"] == "某某丸：无法检查。目录中没有此药，请咨询药师。"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("复方氨林巴比妥丸", "对乙酰氨基酚"),
        ("苯某片", "抗过敏药"),
        ("伪麻某片", "伪麻黄碱"),
        ("头孢某片", "抗菌药"),
    ],
)
def test_the_name_of_an_unknown_product_gives_a_clue(name, what):
    clues = [one.text["zh"] for one in found([Item(name=name)]).findings if one.rule == "m1-clue"]
    assert any(what in clue for clue in clues)


def test_a_name_of_several_strengths_is_reckoned_as_the_strongest_and_asked_about():
    """布洛芬缓释胶囊 comes with 300 and with 400 mg."""
    findings = found([Item(name="布洛芬缓释胶囊", count=1, times=4)])
    assert "m1-strength" in rules(findings)
    assert findings.findings[0].amount == 1_600_000
    told = found([Item(name="布洛芬缓释胶囊", strength_mg=300, count=1, times=4)])
    assert rules(told) == []


def test_a_strength_that_the_catalogue_does_not_have_is_never_reckoned_as_less():
    findings = found([Item(name="对乙酰氨基酚片 1000mg", count=1, times=3)])
    assert findings.findings[0].amount == 3_000_000
    assert "m1-strength" in rules(findings)


def test_what_was_not_said_of_the_amount_is_asked():
    assert "m1-amount" in rules(found([Item(name="布洛芬片 200mg", count=1)]))
    assert "m1-amount" not in rules(found([Item(name="小柴胡颗粒")]))


def test_another_medicine_repeats_and_clashes_without_an_amount():
    findings = found([Item(name="布洛芬片 200mg", count=1, times=2)], other=("华法林", "美林"))
    assert {"m4-bleeding", "m3-twice"} <= set(rules(findings))
    assert "m1-amount" not in rules(findings)


def test_the_very_product_that_is_taken_anyway_is_twice():
    four = [Item(name="对乙酰氨基酚片 0.5 g", count=1, times=4)]
    findings = found(four, other=("对乙酰氨基酚片 0.5 g",))
    assert findings.verdict == "stop"
    assert "m3-twice" in rules(findings)
    assert "m3-twice" not in rules(found([], other=("对乙酰氨基酚片 0.5 g",) * 2))


def test_thousands_with_a_comma_are_not_read_from_the_comma_on():
    for written in ("对乙酰氨基酚片 (1,500 mg)", "对乙酰氨基酚片 1，500 毫克"):
        findings = found([Item(name=written, count=1, times=2)])
        amounts = [one.amount for one in findings.findings if one.rule == "m2-day"]
        assert amounts == [3_000_000], written


def test_one_product_in_two_rows_adds_up_and_is_no_duplicate():
    rows = [Item(name="酚麻美敏片", count=1, times=3), Item(name="酚麻美敏片", count=2, times=2)]
    findings = found(rows)
    assert "m3-twice" not in rules(findings)
    assert next(one for one in findings.findings if one.rule == "m2-day").amount == 2_275_000


def test_two_vitamins_are_a_note_and_no_alarm():
    findings = found([Item(name="维生素C片"), Item(name="维C银翘片", count=1, times=1)])
    assert {one.severity for one in findings.findings if one.ingredient == "vitamin_c"} == {"note"}


@pytest.mark.parametrize("question", ["liver", "kidney", "alcohol", "pregnant"])
def test_what_would_matter_is_asked_where_it_is_not_known(question):
    """Whatever a yes would bring up, no answer at all brings up the question."""
    for drawer in drawers.many(40, seed=3):
        rows = [Item(**item) for item in drawer.items]
        yes, no, unknown = (found(rows, **{question: answer}) for answer in (True, False, None))
        asked = {finding.asks for finding in unknown.findings}
        assert (set(rules(yes)) - set(rules(no)) == set()) == (question not in asked)
        assert GRAVITY.index(unknown.verdict) >= GRAVITY.index(no.verdict)


def test_one_more_medicine_never_makes_a_drawer_look_safer():
    rng = random.Random(8)
    for drawer in drawers.many(100, seed=5):
        rows = [Item(**item) for item in drawer.items]
        more = [*rows, Item(product=rng.choice(sorted(BOOK.products)), count=1, times=1)]
        before, after = found(rows), found(more)
        assert GRAVITY.index(after.verdict) >= GRAVITY.index(before.verdict)


def test_a_child_is_not_asked_about_drink_and_pregnancy():
    drawer = items(BOOK.products["ibuprofen-suspension-20"])
    unknown = {"pregnant": None, "alcohol": None, "weight_kg": 20}
    asked = {one.asks for one in found(drawer, age_months=119, **unknown).findings}
    assert asked <= {""}
    asked = {one.asks for one in found(drawer, age_months=120, **unknown).findings}
    assert {"pregnant", "alcohol"} <= asked


@pytest.mark.parametrize(
    ("micrograms", "text"),
    [(2_000_000, "2000"), (1_500, "1.5"), (50, "0.05"), (1_001, "1.001"), (0, "0")],
)
def test_amounts_are_written_without_needless_digits(micrograms, text):
    assert milligrams(micrograms) == text


def test_every_place_in_a_text_is_filled():
    for drawer in drawers.many(60, seed=9):
        person = Person(**drawer.person | {"other": None})
        for finding in check_drawer([Item(**item) for item in drawer.items], person).findings:
            assert "{" not in finding.text["en"] + finding.text["zh"]
