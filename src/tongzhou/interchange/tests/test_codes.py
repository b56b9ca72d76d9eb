"""Division and clinic codes: levels, parents, public ids, what is refused."""

import pytest

from tongzhou.interchange import codes
from tongzhou.interchange.codes import Division
from tongzhou.interchange.refusals import CodeRefused


@pytest.mark.parametrize(
    ("typed", "public_id", "level"),
    [
        ("62", "62", 1),
        ("620000", "62", 1),
        ("6201", "6201", 2),
        ("620100", "6201", 2),
        ("620102", "620102", 3),
        ("620102001", "620102001", 4),
        ("620102001001", "620102001001", 5),
        ("441900-3", "441900-3", 3),
        ("441900", "4419", 2),
        ("６２０１０２", "620102", 3),
        (" 6201 02 ", "620102", 3),
    ],
)
def test_a_division_is_known_by_its_digits(typed, public_id, level):
    division = codes.division(typed)
    assert (division.public_id, division.level) == (public_id, level)
    assert codes.division(division.public_id) == division


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "6",
        "620",
        "62010",
        "6201020",
        "62010200",
        "6201020010",
        "62010200100",
        "6201020010011",
        "62-3",
        "620102-3",
        "441900-4",
        "441900-33",
        "00",
        "000000",
        "62O1",
        "甲",
        "6201.02",
        "٦٢",
    ],
)
def test_what_is_no_division_is_refused(typed):
    with pytest.raises(CodeRefused) as refused:
        codes.division(typed)
    assert refused.value.code == "division.form"


def test_the_way_up_from_a_village_passes_every_level():
    division, way = codes.division("620102001001"), []
    while division is not None:
        way.append(division.public_id)
        division = division.parent
    assert way == ["620102001001", "620102001", "620102", "6201", "62"]


def test_the_way_up_from_a_town_of_dongguan_passes_the_county_of_the_same_code():
    town = codes.division("441900003")
    assert town.parent.public_id == "441900-3"
    assert town.parent.parent.public_id == "4419"
    assert town.parent != town.parent.parent


def test_official_lists_print_six_digits():
    assert codes.division("62").padded == "620000"
    assert codes.division("6201").padded == "620100"
    assert codes.division("441900-3").padded == "441900"
    assert codes.division("620102001").padded == "620102001"


@pytest.mark.parametrize(
    ("digits", "level", "public_id"),
    [
        ("620000", 1, "62"),
        ("62", 1, "62"),
        ("441900", 2, "4419"),
        ("441900", 3, "441900-3"),
        ("620102", 3, "620102"),
        ("441900003", 4, "441900003"),
        ("441900003001", 5, "441900003001"),
    ],
)
def test_a_list_that_gives_the_level_decides_between_the_doubled_codes(digits, level, public_id):
    assert codes.division_at(digits, level).public_id == public_id


@pytest.mark.parametrize(
    ("digits", "level"), [("620102", 1), ("620102", 2), ("62", 2), ("6201", 3), ("62O102", 3)]
)
def test_digits_that_cannot_be_of_the_level_are_refused(digits, level):
    with pytest.raises(CodeRefused):
        codes.division_at(digits, level)


def test_a_clinic_is_a_number_in_a_village():
    village, number = codes.clinic("620102001001-12")
    assert (village, number) == (Division("620102001001", 5), 12)
    assert codes.clinic_code(village, number) == "620102001001-12"
    assert codes.clinic("６２０１０２００１００１－１２") == (village, number)


@pytest.mark.parametrize(
    "typed",
    [
        "620102001001",
        "620102001001-0",
        "620102001001-01",
        "620102001001-10000",
        "620102001-1",
        "620102001001-1-1",
        "620102001001-x",
    ],
)
def test_what_is_no_clinic_is_refused(typed):
    with pytest.raises(CodeRefused) as refused:
        codes.clinic(typed)
    assert refused.value.code == "clinic.form"


def test_a_clinic_has_a_number_and_stands_in_a_village():
    for place, number in ((Division("620102001001", 5), 0), (Division("620102001", 4), 1)):
        with pytest.raises(CodeRefused):
            codes.clinic_code(place, number)


@pytest.mark.parametrize("typed", ["KE-047", "a", "NG.001_x", "1" * 20])
def test_a_code_of_another_country_is_letters_digits_and_three_marks(typed):
    assert codes.generic(typed) == typed


@pytest.mark.parametrize("typed", ["", "1" * 21, "a/b", "甲", "a'b", "a;b"])
def test_any_other_character_or_length_is_refused(typed):
    with pytest.raises(CodeRefused) as refused:
        codes.generic(typed)
    assert refused.value.code == "code.generic"


def test_a_refusal_shows_no_more_than_forty_characters():
    with pytest.raises(CodeRefused) as refused:
        codes.division("9" * 10_000)
    assert refused.value.params["value"] == "9" * 40
