"""The catalogue of medicines and the checks, read from data/medicines and checked while read."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from tongzhou.clinical.fields import RuleFault, both

FILES = ("ingredients", "products", "checks")
SEVERITIES = ("stop", "ask", "note")
MARKS = ("P", "M", "D")
Texts = Mapping[str, str]
# What a check of each kind has to say beside its texts.
KINDS: dict[str, set[str]] = {
    "unknown_product": set(),
    "clue": set(),
    "which_strength": set(),
    "amount_missing": set(),
    "day_limit": set(),
    "dose_limit": set(),
    "times_limit": set(),
    "no_child_dose": set(),
    "too_young": set(),
    "duplicate": set(),
    "clash": {"classes"},
    "person": {"person", "about"},
    "class": {"about"},
    "tell": set(),
}


@dataclass(frozen=True)
class Ingredient:
    """An active ingredient; limits in mg, None where the catalogue has none."""

    id: str
    name: Texts
    also: tuple[str, ...]
    classes: frozenset[str]
    day_mg: float | None
    dose_mg: float | None
    child_dose_mg_kg: tuple[float, float] | None
    child_day_mg_kg: float | None
    times: int | None
    from_months: int
    repeated: str
    source: str
    reviewer: str


@dataclass(frozen=True)
class Product:
    """A product by its generic name; `mg` of each ingredient in one unit, 0 if not stated."""

    id: str
    name: Texts
    unit: str
    mg: Mapping[str, float]
    also: tuple[str, ...]
    approval: tuple[str, ...]
    codes: tuple[str, ...]
    source: str
    reviewer: str


@dataclass(frozen=True)
class Check:
    """One thing that is looked for, by kind."""

    id: str
    kind: str
    severity: str
    mark: str
    text: Texts
    source: str
    reviewer: str
    classes: tuple[str, ...] = ()
    about: str = ""
    person: str = ""
    from_weeks: int = 0


@dataclass(frozen=True)
class Question:
    """Something to be known about the person; a range where it is a number."""

    id: str
    text: Texts
    least: float | None
    most: float | None
    not_under_months: int


@dataclass(frozen=True)
class Clue:
    """Signs in a name that tell of an ingredient or a class."""

    signs: tuple[str, ...]
    about: str
    what: Texts


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All of it, by id, in the order of the files."""

    version: str
    issued: dt.date
    child_under_months: int
    ingredients: Mapping[str, Ingredient]
    products: Mapping[str, Product]
    checks: tuple[Check, ...]
    person: Mapping[str, Question]
    clues: tuple[Clue, ...]
    verdicts: Mapping[str, Texts]

    def unreviewed(self) -> tuple[str, ...]:
        """Ids of ingredients, products and checks that nobody with the role has signed."""
        rows: Iterable[Ingredient | Product | Check] = (
            *self.ingredients.values(),
            *self.products.values(),
            *self.checks,
        )
        return tuple(row.id for row in rows if not row.reviewer)


One = TypeVar("One", Ingredient, Product, Check, Question)


@cache
def load() -> Catalogue:
    """The catalogue of this release."""
    folder = files("tongzhou.clinical") / "data" / "medicines"
    texts = {name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in FILES}
    return read({name: tomllib.loads(text) for name, text in texts.items()})


def read(documents: Mapping[str, dict[str, Any]]) -> Catalogue:
    """The catalogue of parsed data files. RuleFault names the entry that is wrong."""
    versions = {document["version"] for document in documents.values()}
    if len(versions) != 1:
        raise RuleFault(f"medicines: the files are of different versions: {sorted(versions)}")
    about = documents["checks"]
    ingredients = _by_id(_ingredient(row) for row in _rows(documents["ingredients"], "ingredients"))
    products = _by_id(
        _product(row, ingredients) for row in _rows(documents["products"], "products")
    )
    known = {name for one in ingredients.values() for name in one.classes} | set(ingredients)
    questions = _by_id(_question(row) for row in about["person"])
    checks = _by_id(_check(row, known, questions) for row in _rows(about, "check"))
    return Catalogue(
        version=about["version"],
        issued=about["issued"],
        child_under_months=about["child_under_months"],
        ingredients=ingredients,
        products=products,
        checks=tuple(checks.values()),
        person=questions,
        clues=tuple(_clue(row, known) for row in about["clue"]),
        verdicts={
            name: both(about["verdict"], name, "verdict") for name in (*SEVERITIES, "nothing")
        },
    )


def _rows(document: Mapping[str, Any], key: str) -> Iterable[dict[str, Any]]:
    """The entries, each with the source and the reviewer of its file unless it names its own."""
    common = {"source": document["source"], "reviewer": document["reviewer"]}
    return (common | row for row in document[key])


def _by_id(rows: Iterable[One]) -> dict[str, One]:
    found: dict[str, One] = {}
    for row in rows:
        if row.id in found:
            raise RuleFault(f"{row.id}: is there twice")
        found[row.id] = row
    return found


def _ingredient(row: dict[str, Any]) -> Ingredient:
    where = f"ingredient {row['id']}"
    unusual = () if row.get("in_pregnancy") == "usual" else ("ask_in_pregnancy",)
    limits = [row.get(name) for name in ("day_mg", "dose_mg", "child_day_mg_kg", "times")]
    if any(limit is not None and limit <= 0 for limit in limits):
        raise RuleFault(f"{where}: a limit must be above 0")
    dose = row.get("child_dose_mg_kg")
    if dose is not None and not 0 < dose[0] <= dose[1]:
        raise RuleFault(f"{where}: child_dose_mg_kg must rise from above 0")
    return Ingredient(
        id=row["id"],
        name=both({"name": row}, "name", where),
        also=tuple(row.get("also", ())),
        classes=frozenset((*row.get("classes", ()), *unusual)),
        day_mg=row.get("day_mg"),
        dose_mg=row.get("dose_mg"),
        child_dose_mg_kg=tuple(dose) if dose else None,
        child_day_mg_kg=row.get("child_day_mg_kg"),
        times=row.get("times"),
        from_months=row.get("from_months", 0),
        repeated=row.get("repeated", "stop"),
        source=row["source"],
        reviewer=row["reviewer"],
    )


def _product(row: dict[str, Any], ingredients: Mapping[str, Ingredient]) -> Product:
    where = f"product {row['id']}"
    if not row["mg"] or not row["source"]:
        raise RuleFault(f"{where}: needs ingredients and a source")
    for name, strength in row["mg"].items():
        if name not in ingredients:
            raise RuleFault(f"{where}: there is no ingredient {name}")
        if strength < 0 or (strength == 0 and ingredients[name].day_mg is not None):
            raise RuleFault(f"{where}: {name} has a limit, so its strength must be stated")
    return Product(
        id=row["id"],
        name=both({"name": row}, "name", where),
        unit=row["unit"],
        mg=row["mg"],
        also=tuple(row.get("also", ())),
        approval=tuple(row.get("approval", ())),
        codes=tuple(row.get("codes", ())),
        source=row["source"],
        reviewer=row["reviewer"],
    )


def _check(row: dict[str, Any], known: set[str], questions: Mapping[str, Question]) -> Check:
    where = f"check {row['id']}"
    if row["kind"] not in KINDS or row["severity"] not in SEVERITIES or row["mark"] not in MARKS:
        raise RuleFault(f"{where}: its kind, severity or mark is not one of those there are")
    more = {"classes", "about", "person", "from_weeks"} & set(row)
    if more - {"from_weeks"} != KINDS[row["kind"]]:
        raise RuleFault(f"{where}: a check of kind {row['kind']} says {sorted(KINDS[row['kind']])}")
    for name in (*row.get("classes", ()), *([row["about"]] if "about" in row else ())):
        if name not in known:
            raise RuleFault(f"{where}: no ingredient is of the class {name}")
    if "person" in row and row["person"] not in questions:
        raise RuleFault(f"{where}: nothing is asked about {row['person']}")
    texts = {"text": both(row, "text", where), "classes": tuple(row.get("classes", ()))}
    return Check(**row | texts)


def _question(row: dict[str, Any]) -> Question:
    where = f"person {row['id']}"
    limits = row.get("least"), row.get("most")
    return Question(
        row["id"], both(row, "question", where), *limits, row.get("not_under_months", 0)
    )


def _clue(row: dict[str, Any], known: set[str]) -> Clue:
    if row["about"] not in known:
        raise RuleFault(f"clue {row['signs']}: no ingredient is of the class {row['about']}")
    return Clue(tuple(row["signs"]), row["about"], both(row, "what", f"clue {row['signs']}"))
