"""No repeated ingredient and no overdose is missed, and none is made up, in drawers of known
truth; the browser finds what the server finds."""

import json
from functools import cache
from pathlib import Path

import pytest

from tongzhou.clinical.export import browser_data
from tongzhou.clinical.fields import InputRefused
from tongzhou.clinical.medicines.check import check_drawer
from tongzhou.clinical.medicines.items import Item, Person

from . import drawers

SCRIPTS = Path(__file__).parents[2] / "portal" / "static" / "portal"
ADDRESS = "http://localhost/"
MODULE = """async ([data, drawers]) => {
    const { checkDrawer } = await import("/medicine.js");
    const book = JSON.parse(data);
    return JSON.stringify(drawers.map(([items, person]) => {
        try { return checkDrawer(book, items, person); }
        catch (refused) { return { refused: refused.field ?? String(refused) }; }
    }));
}"""
SUGGEST = """async ([data, typed]) => {
    const { suggest } = await import("/medicine.js");
    const book = JSON.parse(data);
    return typed.map((name) => suggest(book, name).map((product) => product.id));
}"""


@pytest.fixture
def phone(page):
    """A page that has the two scripts and nothing else; every other request would fail."""

    def answer(route):
        name = route.request.url.removeprefix(ADDRESS)
        if name:
            body = (SCRIPTS / name).read_text(encoding="utf-8")
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route("**/*", answer)
    page.goto(ADDRESS)
    return page


@cache
def two_thousand():
    """Drawers with what the server finds in them, made once for the two tests that look at them."""
    return [(drawer, check(drawer.items, drawer.person)) for drawer in drawers.many(2000, 2023)]


def check(items, person):
    others = person.get("other")
    person = Person(**person | {"other": None if others is None else tuple(others)})
    return check_drawer([Item(**item) for item in items], person)


def named(findings, rule):
    return {finding.ingredient for finding in findings.findings if finding.rule == rule}


def faults(drawer, findings):
    """What the check says otherwise than the truth: missed, made up; empty if it says the same."""
    pairs = {
        "m3-twice": drawer.repeated,
        "m2-day": drawer.over_day,
        "m2-dose": drawer.over_dose,
    }
    wrong = {
        rule: (truth - named(findings, rule), named(findings, rule) - truth)
        for rule, truth in pairs.items()
        if truth != named(findings, rule)
    }
    return wrong | ({"unknown": findings.unknown} if findings.unknown else {})


def test_no_duplicate_and_no_overdose_is_missed_in_two_thousand_drawers():
    wrong = [(drawer, faults(drawer, found)) for drawer, found in two_thousand()]
    assert [pair for pair in wrong if pair[1]] == []
    made = [drawer for drawer, _ in two_thousand()]
    assert sum(bool(drawer.repeated) for drawer in made) > 800
    assert sum(bool(drawer.over_day) for drawer in made) > 500
    assert sum(bool(drawer.over_dose) for drawer in made) > 200


@pytest.mark.slow
def test_no_duplicate_and_no_overdose_is_missed_in_a_hundred_thousand_drawers():
    for seed in range(50):
        for drawer in drawers.many(2000, seed):
            assert faults(drawer, check(drawer.items, drawer.person)) == {}, drawer


@pytest.mark.browser
def test_the_browser_finds_the_same_in_two_thousand_drawers(phone):
    asked = [(drawer.items, drawer.person) for drawer, _ in two_thousand()] + ODD
    ours = [found for _, found in two_thousand()] + [check(*one) for one in ODD]
    answers = json.loads(phone.evaluate(MODULE, [browser_data(), asked]))
    assert len(answers) == len(asked)
    for one, answer, found in zip(asked, answers, ours, strict=True):
        assert answer == found.to_json(), one


# What no generator writes: unknown names, clues, strengths in names, ingredients, other medicine.
ADULT = {"age_months": 480, "pregnant": False, "liver": False, "kidney": False, "alcohol": False}
ODD = [
    ([], {}),
    ([{"name": "氨咖黄敏胶囊", "count": 1, "times": 3}], {}),
    ([{"name": "神奇麻敏丸"}, {"name": "Ｗｏｎｄｅｒ ｐｉｌｌ"}, {"name": ""}], ADULT),
    ([{"name": "对乙酰氨基酚片 0.5g", "count": 2, "times": 3}], ADULT | {"other": []}),
    ([{"name": "对乙酰氨基酚片 0.3 克"}, {"name": "对乙酰氨基酚片 1g", "count": 1}], ADULT),
    ([{"name": "对乙酰氨基酚片", "strength_mg": 800, "count": 1.3, "times": 3}], ADULT),
    ([{"name": "布洛芬混悬液 100ml:2g", "count": 10, "times": 3}], {"age_months": 40}),
    ([{"name": "扑热息痛", "strength_mg": 333.3, "count": 1, "times": 6}], ADULT),
    ([{"name": "扑热息痛"}, {"name": "ibuprofen 200 mg", "count": 3, "times": 5}], {}),
    (
        [{"name": "布洛芬片 200mg", "count": 1, "times": 3}],
        ADULT | {"other": ["华法林", "阿司匹林"]},
    ),
    (
        [{"approval": "国药准字Z00000000"}, {"code": "06900000000000"}, {"product": "no-such"}],
        ADULT,
    ),
    ([{"name": "散利痛（复方片）"}, {"name": "氨麻美敏片(III)"}, {"name": "头孢（某）丸"}], ADULT),
    ([{"name": "连花清瘟"}, {"name": "酚麻美敏片", "count": 1, "times": 4}], ADULT),
    ([{"name": "藿香正气水"}, {"name": "头孢克肟片"}], {"age_months": 100}),
    ([{"name": "布洛芬片"}], {"age_months": 300, "pregnant": True}),
    ([{"name": "对乙酰氨基酚片 0.5g", "count": 1, "times": 2}], {"other": ["对乙酰氨基酚片 0.5g"]}),
    ([], {"other": ["对乙酰氨基酚片 0.5g", "对乙酰氨基酚片 0.5g"]}),
    ([{"name": "对乙酰氨基酚片 (1,500 mg)", "count": 1, "times": 2}], ADULT),
    ([{"name": "<b>{items}{what}$&</b>"}], ADULT),
]


REFUSED = [
    ([{"name": "x", "count": 0}], {}, "count"),
    ([{"name": "x", "count": 501}], {}, "count"),
    ([{"name": "x", "times": 25}], {}, "times"),
    ([{"name": "x", "times": 1.5}], {}, "times"),
    ([{"name": "x", "strength_mg": -1}], {}, "strength_mg"),
    ([{"name": "x" * 201}], {}, "name"),
    ([{"name": "x"}] * 61, {}, "items"),
    ([], {"other": ["x"] * 61}, "items"),
    ([], {"weight_kg": 0.1}, "weight_kg"),
    ([], {"age_months": 1561}, "age_months"),
    ([], {"pregnant": 1}, "pregnant"),
    ([], {"pregnancy_weeks": 45}, "pregnancy_weeks"),
]


@pytest.mark.parametrize(("items", "person", "field"), REFUSED)
def test_what_cannot_be_is_refused_and_never_clipped(items, person, field):
    with pytest.raises(InputRefused) as refused:
        check(items, person)
    assert refused.value.field == field
    assert refused.value.texts["zh"].endswith("。")


@pytest.mark.browser
def test_the_browser_refuses_the_same(phone):
    asked = [(items, person) for items, person, _ in REFUSED]
    answers = phone.evaluate(MODULE, [browser_data(), asked])
    assert [answer["refused"] for answer in json.loads(answers)] == [row[2] for row in REFUSED]


@pytest.mark.browser
def test_the_browser_suggests_products_while_a_name_is_typed(phone):
    typed = ["布洛芬缓", "ｉｂｕｐｒｏｆｅｎ Ｓuspension ｄ", "缓释", "", " ", "某某"]
    capsules, drops, anywhere, *nothing = phone.evaluate(SUGGEST, [browser_data(), typed])
    assert capsules == ["ibuprofen-sustained-300", "ibuprofen-sustained-400"]
    assert drops == ["ibuprofen-drops-40"]
    assert len(anywhere) == 8
    assert nothing == [[], [], []]
