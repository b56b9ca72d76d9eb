"""The catalogue of medicines: complete, named in both languages, and refused where it is wrong."""

import copy
import json
import tomllib
from importlib.resources import files

import pytest

from tongzhou.clinical import export
from tongzhou.clinical.fields import RuleFault
from tongzhou.clinical.medicines import catalogue
from tongzhou.clinical.medicines.catalogue import KINDS
from tongzhou.clinical.medicines.looks import LOOKS
from tongzhou.clinical.medicines.names import plain, recognise, strength_in

BOOK = catalogue.load()
PSEUDO = "paracetamol-pseudoephedrine-dextromethorphan-chlorphenamine-500"


def documents():
    folder = files("tongzhou.clinical") / "data" / "medicines"
    return {
        name: tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        for name in catalogue.FILES
    }


@pytest.fixture
def data():
    return copy.deepcopy(documents())


def test_there_are_enough_products_and_every_entry_has_a_source_and_a_state_of_review():
    assert len(BOOK.products) >= 120
    rows = (*BOOK.products.values(), *BOOK.ingredients.values(), *BOOK.checks)
    assert all(row.source for row in rows)
    assert len(BOOK.unreviewed()) == len(rows)


def test_nothing_is_made_up_that_only_a_pack_can_tell():
    assert not any(product.approval or product.codes for product in BOOK.products.values())


def test_every_product_is_recognised_by_each_of_its_names():
    unknown = [
        (product.id, name)
        for product in BOOK.products.values()
        for name in (*product.name.values(), *product.also)
        if product not in recognise(BOOK, name)[0]
    ]
    assert unknown == []


def test_every_ingredient_is_recognised_by_each_of_its_names_or_is_a_product():
    for ingredient in BOOK.ingredients.values():
        for name in (*ingredient.name.values(), *ingredient.also):
            products, found = recognise(BOOK, name)
            assert found is ingredient or all(ingredient.id in one.mg for one in products)


def test_no_two_ingredients_have_one_name():
    names = [
        plain(name) for one in BOOK.ingredients.values() for name in (*one.name.values(), *one.also)
    ]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize(
    "written",
    [
        "布洛芬缓释胶囊",
        " 布洛芬 缓释 胶囊 ",
        "布洛芬缓释胶囊（0.3g）",
        "ＩＢＵＰＲＯＦＥＮ sustained-release capsules",
    ],
)
def test_a_name_is_recognised_however_it_is_written(written):
    products, ingredient = recognise(BOOK, written)
    assert {product.id for product in products} == {
        "ibuprofen-sustained-300",
        "ibuprofen-sustained-400",
    }
    assert ingredient is None


@pytest.mark.parametrize(
    ("written", "product"),
    [
        ("散利痛（复方对乙酰氨基酚片Ⅱ）", "compound-paracetamol-2"),
        ("感冒灵颗粒(某某牌) 10g", "ganmaoling-granules"),
        ("氨麻美敏片（Ⅱ）", PSEUDO),
    ],
)
def test_what_stands_in_brackets_does_no_harm(written, product):
    assert [one.id for one in recognise(BOOK, written)[0]] == [product]


def test_a_numeral_in_brackets_is_part_of_the_name():
    """(III) may be another recipe than (II), and is not taken for it."""
    assert recognise(BOOK, "氨麻美敏片(III)") == ((), None)


@pytest.mark.parametrize("written", ["", "  ", "某某丸", "布洛", "\ufdfa" * 20])
def test_what_is_no_name_is_not_recognised(written):
    assert recognise(BOOK, written) == ((), None)


@pytest.mark.parametrize(
    ("name", "milligrams"),
    [
        ("片 0.5g", 500),
        ("500 mg", 500),
        ("０．５克", 500),
        ("10ml:0.2g", 200),
        ("100ml", None),
        ("片", None),
    ],
)
def test_a_strength_is_read_out_of_a_name(name, milligrams):
    assert strength_in(name) == milligrams


def test_an_approval_number_and_a_code_lead_to_their_product(data):
    from tongzhou.clinical.medicines.check import check_drawer
    from tongzhou.clinical.medicines.items import Item, Person

    row = next(row for row in data["products"]["products"] if row["id"] == "folic-acid-tablet-04")
    row |= {"approval": ["国药准字H00000000"], "codes": ["06900000000007"]}
    book = catalogue.read(data)
    for item in (Item(approval="国药准字 h00000000"), Item(code="06900000000007")):
        assert check_drawer([item], Person(), catalogue=book).unknown == ()
        assert check_drawer([item], Person()).unknown == (0,)


def test_every_kind_of_check_has_a_way_to_look_and_is_used():
    assert set(LOOKS) == set(KINDS) == {check.kind for check in BOOK.checks}


@pytest.mark.parametrize(
    ("file", "change", "fault"),
    [
        ("products", {"mg": {"unobtainium": 1}}, "there is no ingredient unobtainium"),
        ("products", {"mg": {"paracetamol": 0}}, "its strength must be stated"),
        ("products", {"mg": {"paracetamol": -1}}, "its strength must be stated"),
        ("products", {"mg": {}}, "needs ingredients"),
        ("products", {"zh": ""}, "name needs English and Chinese"),
        ("products", {"zh": "Tablets"}, "no Chinese in its Chinese"),
        ("products", {"source": ""}, "needs ingredients and a source"),
        ("products", {"id": "paracetamol-tablet-500"}, "is there twice"),
        ("ingredients", {"day_mg": 0}, "a limit must be above 0"),
        ("ingredients", {"child_dose_mg_kg": [15, 10]}, "must rise"),
        ("check", {"kind": "guess"}, "not one of those there are"),
        ("check", {"severity": "maybe"}, "not one of those there are"),
        ("check", {"about": "nsaid"}, "a check of kind unknown_product says"),
        ("check", {"kind": "class", "about": "magic"}, "no ingredient is of the class magic"),
        ("check", {"kind": "person", "about": "nsaid", "person": "mood"}, "nothing is asked"),
        ("check", {"text": {"en": "x"}}, "text needs English and Chinese"),
    ],
)
def test_an_entry_that_is_wrong_is_named_when_it_is_read(data, file, change, fault):
    data["checks" if file == "check" else file][file][0].update(change)
    with pytest.raises(RuleFault, match=fault):
        catalogue.read(data)


def test_files_of_two_versions_are_not_read_together(data):
    data["checks"]["version"] = "2"
    with pytest.raises(RuleFault, match="of different versions"):
        catalogue.read(data)


def test_what_the_browser_loads_is_small_whole_and_the_same_each_time():
    text = export.browser_data()
    assert len(text.encode()) <= export.MOST_BYTES == 60_000
    assert export.browser_data() == text
    content = json.loads(text)
    assert len(content["products"]) == len(BOOK.products)
    assert len(content["ingredients"]) == len(BOOK.ingredients)
    assert [check["id"] for check in content["checks"]] == [check.id for check in BOOK.checks]
    assert content["reviewed"] is False


def test_data_that_has_outgrown_a_weak_link_is_refused(monkeypatch):
    monkeypatch.setattr(export, "MOST_BYTES", 1000)
    with pytest.raises(OverflowError, match="shorten its texts"):
        export.browser_data()
