"""What somebody has in the drawer and who is to take it: taken in, checked, recognised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tongzhou.clinical.fields import InputRefused
from tongzhou.clinical.medicines.catalogue import Catalogue, Ingredient, Product, Texts
from tongzhou.clinical.medicines.findings import MICROGRAMS, alike
from tongzhou.clinical.medicines.names import index_of, plain, recognise, strength_in

MOST_ITEMS = 60
MOST_OTHERS = 60
LONGEST_NAME = 200
# Units at one time (500 ml of a solution at the most), times in 24 hours, mg in one unit.
LIMITS = {"count": (0.01, 500.0), "times": (1.0, 24.0), "strength_mg": (0.001, 10_000.0)}


@dataclass(frozen=True)
class Item:
    """A product by one of its names and numbers; how many units at a time, how often in 24 hours.

    `strength_mg` tells products of one name apart, and is the strength where `name` is an
    ingredient. What is not known stays empty or None.
    """

    name: str = ""
    product: str = ""
    approval: str = ""
    code: str = ""
    strength_mg: float | None = None
    count: float | None = None
    times: int | None = None


@dataclass(frozen=True)
class Person:
    """Who takes it; None is not known, and is asked for wherever it matters.

    `other` are the names of other medicines taken anyway: they clash and repeat, unmeasured.
    """

    age_months: float | None = None
    weight_kg: float | None = None
    pregnant: bool | None = None
    pregnancy_weeks: float | None = None
    liver: bool | None = None
    kidney: bool | None = None
    alcohol: bool | None = None
    other: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Line:
    """An item as recognised. Lines of one `key` are one product; `mg` is by ingredient."""

    index: int
    name: Texts
    key: str
    known: bool
    written: str = ""
    several: bool = False
    mg: Mapping[str, float] = field(default_factory=dict)
    count: float | None = None
    times: int | None = None
    measured: bool = True

    def one_dose(self, ingredient: str) -> int | None:
        """Micrograms of an ingredient at one time; None if not known."""
        if self.count is None or not self.mg[ingredient]:
            return None
        return micrograms(self.mg[ingredient] * self.count)

    def one_day(self, ingredient: str) -> int | None:
        """Micrograms of an ingredient in 24 hours; None if not known."""
        if self.count is None or self.times is None or not self.mg[ingredient]:
            return None
        return micrograms(self.mg[ingredient] * self.count * self.times)


def micrograms(milligrams: float) -> int:
    """To the nearest; the browser rounds the same way."""
    return math.floor(milligrams * MICROGRAMS + 0.5)


def lines_of(catalogue: Catalogue, items: Sequence[Item], person: Person) -> list[Line]:
    """The items, then the other medicines. InputRefused for what cannot be."""
    others = person.other or ()
    if len(items) > MOST_ITEMS or len(others) > MOST_OTHERS:
        raise InputRefused(
            "items",
            f"At most {MOST_ITEMS} medicines can be checked at once.",
            f"一次最多检查 {MOST_ITEMS} 种药。",
        )
    for item in items:
        _check_item(item)
    lines = [_line(catalogue, index, item) for index, item in enumerate(items)]
    for index, name in enumerate(others, start=len(items)):
        _check_item(Item(name=name))
        lines.append(_line(catalogue, index, Item(name=name), measured=False))
    return lines


def check_person(catalogue: Catalogue, person: Person) -> None:
    """InputRefused for a number that cannot be, or a yes that is none."""
    for question in catalogue.person.values():
        value = getattr(person, question.id)
        if value is None or question.id == "other":
            continue
        if question.least is None or question.most is None:
            if not isinstance(value, bool):
                raise InputRefused(
                    question.id,
                    f"Say {question.text['en']}: yes or no.",
                    f"请回答{question.text['zh']}：是或否。",
                )
        else:
            _within(question.id, value, question.least, question.most, question.text)


def _check_item(item: Item) -> None:
    if any(len(text) > LONGEST_NAME for text in (item.name, item.approval, item.code)):
        raise InputRefused(
            "name",
            f"A name has at most {LONGEST_NAME} letters.",
            f"名称最多 {LONGEST_NAME} 个字。",
        )
    for name, (least, most) in LIMITS.items():
        value = getattr(item, name)
        if value is not None:
            _within(name, value, least, most, TEXTS[name])
    if item.times is not None and item.times != math.floor(item.times):
        raise InputRefused("times", "How often must be a whole number.", "次数须为整数。")


TEXTS: dict[str, Texts] = {
    "count": {"en": "the units at one time", "zh": "每次用量"},
    "times": {"en": "the times in 24 hours", "zh": "24 小时内的次数"},
    "strength_mg": {"en": "the strength in mg", "zh": "规格（毫克）"},
}


def _within(name: str, value: object, least: float, most: float, what: Texts) -> None:
    number = None if isinstance(value, bool) else value
    if not (isinstance(number, (int, float)) and least <= number <= most):
        raise InputRefused(
            name,
            f"Check {what['en']}: it must be {least:g} to {most:g}.",
            f"请核对{what['zh']}：须在 {least:g} 至 {most:g} 之间。",
        )


def _line(catalogue: Catalogue, index: int, item: Item, *, measured: bool = True) -> Line:
    written = item.name or item.approval or item.code or item.product
    products, ingredient = _found(catalogue, item)
    if ingredient:
        mg = {ingredient.id: item.strength_mg or strength_in(item.name) or 0.0}
        key = f"ingredient {ingredient.id}"
        return Line(
            index, ingredient.name, key, True, written, False, mg, item.count, item.times, measured
        )
    if len({frozenset(product.mg) for product in products}) != 1:
        return Line(index, alike(written), f"unknown {plain(written)}", False, written)
    stated = _stated(item, products[0])
    fitting = tuple(one for one in products if stated in one.mg.values()) or products
    mg = {name: max(one.mg[name] for one in fitting) for name in products[0].mg}
    several = len(fitting) > 1
    if stated and len(mg) == 1 and stated not in mg.values():
        # A strength that the catalogue does not have: never reckoned as less than what is said.
        mg = {name: max(strength, stated) for name, strength in mg.items()}
        several = True
    key = " ".join(product.id for product in fitting)
    name, unsure = products[0].name, several and measured
    return Line(index, name, key, True, written, unsure, mg, item.count, item.times, measured)


def _stated(item: Item, product: Product) -> float | None:
    """The strength that was told, or is written in the name; of a liquid "100 ml: 2 g" is none."""
    if item.strength_mg or product.unit == "ml":
        return item.strength_mg
    return strength_in(item.name)


def _found(catalogue: Catalogue, item: Item) -> tuple[tuple[Product, ...], Ingredient | None]:
    """By the surest that is given: our own id, the number on the pack, its code, its name."""
    index = index_of(catalogue)
    if item.product:
        sure = catalogue.products.get(item.product)
    elif item.approval:
        sure = index.approvals.get(plain(item.approval))
    elif item.code:
        sure = index.codes.get(plain(item.code))
    else:
        return recognise(catalogue, item.name)
    return ((sure,) if sure else ()), None
