"""What people type into the fields of funds and orders."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tongzhou.places.actions import index
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope
from tongzhou.supplies.forms import DivisionsField, MoneyForm, PlaceField, UnitsField, YuanField

from .stock import World, make_account


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("5", 500),
        ("1,250,000.5", 125_000_050),
        ("１２５，０００", 12_500_000),
        ("¥ 105.50", 10_550),
        ("0.01", 1),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, fen: int) -> None:
    assert YuanField().clean(typed) == fen


@pytest.mark.parametrize("typed", ["0", "-5", "1.005", "NaN", "Infinity", "1e20", "五元", "=1+1"])
def test_an_amount_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        YuanField().clean(typed)


@pytest.mark.parametrize(("typed", "units"), [("7", 7), ("１，１７２，０００", 1_172_000)])
def test_units_are_read_as_people_write_them(typed: str, units: int) -> None:
    assert UnitsField().clean(typed) == units


@pytest.mark.parametrize("typed", ["0", "-2", "2.5", "1e3", "1000000001", "²", "two", "NaN"])
def test_units_that_cannot_be_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        UnitsField().clean(typed)


@pytest.mark.parametrize(
    "typed", ["62\n620102", "甘肃省，城关区", " 62 ; 620102 ", "620000、城关区"]
)
def test_divisions_are_found_by_code_or_name(world: World, typed: str) -> None:
    index.fill(Division.objects.values_list("level", "first", "name"))
    assert DivisionsField().clean(typed) == [world.gansu, world.county]


def test_a_division_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(ValidationError, match="called “99”"):
        DivisionsField().clean("62, 99")
    with pytest.raises(ValidationError, match="at most 100"):
        DivisionsField().clean(",".join(["62"] * 101))


def test_a_place_outside_the_scope_looks_like_one_that_is_not_there(world: World) -> None:
    field = PlaceField()
    field.within = Scope.of(world.county)
    assert field.clean("clinic-0") == world.clinics[0]
    said = []
    for code in ("hub", "nowhere"):
        with pytest.raises(ValidationError) as refused:
            field.clean(code)
        said.append(refused.value.messages[0].replace(code, ""))
    assert said[0] == said[1]


def test_each_opening_of_a_form_has_an_id_of_its_own_and_a_sent_one_keeps_it() -> None:
    first, second = (MoneyForm().initial["command_id"] for _ in range(2))
    assert first != second
    sent: Any = MoneyForm({"command_id": str(first), "fen": "5", "received_on": "2023-01-07"})
    assert sent.is_valid()
    assert sent.cleaned_data["command_id"] == str(first)


@pytest.mark.parametrize("command", ["", "1; DROP TABLE", "x" * 200])
def test_a_form_without_its_id_does_nothing(command: str) -> None:
    form = MoneyForm({"command_id": command, "fen": "5", "received_on": "2023-01-07"})
    assert not form.is_valid()
    assert "command_id" in form.errors


def test_the_place_of_goods_is_looked_for_where_the_account_may_edit(world: World) -> None:
    from tongzhou.supplies.forms import GoodsForm

    field = GoodsForm(make_account("coordinator", world.county)).fields["place"]
    assert isinstance(field, PlaceField)
    assert field.within.contains(world.county)
    assert not field.within.contains(world.gansu)
