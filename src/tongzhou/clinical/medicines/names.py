"""From what is written on a pack to a product of the catalogue, or to nothing at all.

Full width, spaces, brackets and capital letters make no difference. Of several products with one
name all are returned; the caller reckons with the strongest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tongzhou.clinical.medicines.catalogue import Catalogue, Ingredient, Product

NOT_LETTERS = re.compile(r"[\W_]+")
STRENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(毫克|毫升|克|mg|ml|g)")
# What stands in brackets, but for the Roman numerals that tell one product from another.
BRACKETS = re.compile(r"\((?![ivx]+\))[^()]*\)")
# 1,500 mg: read from its last comma on it would be a third of what it is.
THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
MILLIGRAMS = {"毫克": 1, "mg": 1, "克": 1000, "g": 1000}


@dataclass(frozen=True)
class Index:
    """The products by each of their names, and the ingredients by theirs."""

    products: Mapping[str, tuple[Product, ...]]
    ingredients: Mapping[str, Ingredient]
    approvals: Mapping[str, Product]
    codes: Mapping[str, Product]


def plain(text: str) -> str:
    """A name without all that people write in different ways."""
    return NOT_LETTERS.sub("", _same_signs(text))


def recognise(catalogue: Catalogue, name: str) -> tuple[tuple[Product, ...], Ingredient | None]:
    """The products of this name, else the ingredient of this name, else nothing."""
    index = index_of(catalogue)
    for written in _spellings(name):
        if written in index.products:
            return index.products[written], None
        if written in index.ingredients:
            return (), index.ingredients[written]
    return (), None


def strength_in(name: str) -> float | None:
    """The milligrams that are written into a name, as in "0.5 g"; None where there are none."""
    for number, unit in STRENGTH.findall(_same_signs(name)):
        if unit in MILLIGRAMS:
            return float(number) * MILLIGRAMS[unit]
    return None


@lru_cache(maxsize=4)
def index_of(catalogue: Catalogue) -> Index:
    """All names of a catalogue, made once."""
    products: dict[str, tuple[Product, ...]] = {}
    for product in catalogue.products.values():
        for name in {plain(text) for text in (*product.name.values(), *product.also)}:
            products[name] = (*products.get(name, ()), product)
    rows = catalogue.products.values()
    return Index(
        products,
        {
            plain(name): one
            for one in catalogue.ingredients.values()
            for name in (*one.name.values(), *one.also)
        },
        {plain(number): product for product in rows for number in product.approval},
        {plain(code): product for product in rows for code in product.codes},
    )


def _spellings(name: str) -> Iterator[str]:
    """The name as it is, without the strength that many write behind it, and without brackets."""
    yield plain(name)
    shorter = STRENGTH.sub("", _same_signs(name))
    yield plain(shorter)
    yield plain(BRACKETS.sub("", shorter))


def _same_signs(text: str) -> str:
    return THOUSANDS.sub("", unicodedata.normalize("NFKC", text).lower())
