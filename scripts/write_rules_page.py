"""Write docs/rules.md from the data files of tongzhou.clinical.

Usage: python scripts/write_rules_page.py [--check]
With --check nothing is written: exit 1 when the page is not what the data gives.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tongzhou import clinical
from tongzhou.clinical.edges import Edge, edges_of
from tongzhou.clinical.fields import Field, Value
from tongzhou.clinical.medicines.catalogue import Ingredient
from tongzhou.clinical.rulebook import Rule, Rulebook
from tongzhou.clinical.scores import Part

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
NOT_REVIEWED = "not yet reviewed by a clinician 尚未经临床医生审核"
MARKS = "[P] seen on a stored page of the source, [M] from memory and unverified, [D] our default"


def page() -> str:
    """The page in Markdown; the same data gives the same text."""
    return "\n".join([*_head(), *_rules(), *_medicines()]) + "\n"


def _head() -> Iterator[str]:
    book = clinical.load()
    yield "# Health rules 健康规则"
    yield ""
    yield "Written by `scripts/write_rules_page.py` from `src/tongzhou/clinical/data`; a test finds"
    yield "the page equal to the data. Change the data, then run the script."
    yield ""
    yield f"Rule set {book.version} of {book.issued}, SHA-256 `{book.sha256}`."
    yield f"{len(book.unreviewed())} of {len(book.rules)} rules are {NOT_REVIEWED}."
    yield f"Kinds: {MARKS}. The kind of an urgency is given beside it: most"
    yield 'sources say "go to hospital" and know no scale. What is not known is neither yes nor no:'
    yield "it is asked, and never taken for normal."
    yield ""
    yield "## Urgency 紧急程度"
    yield "Lowest first. A rule that is unknown and could give more than `watch` makes it `ask`."
    yield ""
    yield from _table(
        ("urgency", "what is said", "中文"),
        [(f"`{u}`", text["en"], text["zh"]) for u, text in book.urgency_texts.items()],
    )


def _rules() -> Iterator[str]:
    book = clinical.load()
    yield "## Who is asked what 适用人群"
    yield from _table(
        ("profile", "for", "note", "rules"),
        [
            (
                f"`{one.id}`",
                f"{one.name['en']} {one.name['zh']}",
                f"{one.note['en']} {one.note['zh']}",
                ", ".join(rule.id for rule in one.rules),
            )
            for one in book.profiles.values()
        ],
    )
    yield "## What is asked 询问内容"
    yield "In the order of importance. A value outside its range is refused, never clipped."
    yield ""
    yield from _table(
        ("input", "question", "问题", "range", "worse"),
        [
            (f"`{one.id}`", one.question["en"], one.question["zh"], _range(one), _worse(one))
            for one in book.fields.values()
        ],
    )
    yield "## Scores 评分"
    for score in book.scores.values():
        yield f"**{score.id}**, version {score.version} [{score.kind}]. {score.text['en']}"
        yield f"{score.text['zh']} Source: {score.source}. {score.reviewer or NOT_REVIEWED}."
        yield ""
        yield from _table(
            ("sign", "points"), [(f"`{one.field}`", _bands(one)) for one in score.parts]
        )
    yield "## Rules 规则"
    for rule in book.rules.values():
        yield from _rule(rule, book)


def _rule(rule: Rule, book: Rulebook) -> Iterator[str]:
    yield f"### {rule.id}"
    yield f"{rule.text['en']} {rule.text['zh']}"
    yield ""
    yield f"- urgency: `{rule.urgency}` [{rule.urgency_kind}]"
    yield f"- what to do: {rule.action['en']} {rule.action['zh']}"
    yield f"- source [{rule.kind}]: {rule.source}; version {rule.version}, from {rule.valid_from}"
    yield f"- reviewer: {rule.reviewer or NOT_REVIEWED}"
    for _, edge in edges_of(rule, book):
        yield f"- edge: {_edge(edge) if edge else 'none'}"
    yield ""


def _edge(edge: Edge) -> str:
    rest = {name: value for name, value in edge.inputs.items() if name != edge.field}
    given = ", ".join(f"{name} {_said(value)}" for name, value in sorted(rest.items()))
    sides = f"`{edge.field}` {_said(edge.yes)}: yes; {_said(edge.no)}: no"
    return f"{sides} (with {given})" if given else sides


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, (int, float)) else value


def _range(field: Field) -> str:
    if field.kind == "yesno":
        return "yes, no"
    return f"{field.least:g} to {field.most:g} {field.unit['en']}"


def _worse(field: Field) -> str:
    return f"away from {field.best[0]:g} to {field.best[1]:g}" if field.best else field.worse


def _bands(part: Part) -> str:
    if not part.bands:
        return f"yes: {part.yes}"
    return ", ".join(
        f"{'to ' + format(up_to, 'g') if up_to < 1e9 else 'above'}: {points}"
        for up_to, points in part.bands
    )


def _medicines() -> Iterator[str]:
    book = clinical.load_catalogue()
    yield "## Medicine check 用药检查"
    yield f"Catalogue {book.version} of {book.issued}: {len(book.products)} products by generic"
    yield f"name, {len(book.ingredients)} ingredients, {len(book.checks)} checks;"
    yield f"{len(book.unreviewed())} of these entries are {NOT_REVIEWED}."
    yield "A product that the catalogue does not have is `cannot check`, never `no problem`. The"
    yield "products are in `data/medicines/products.toml`, one a line."
    yield ""
    yield "### Limits 限量"
    yield "mg of the active ingredient. Under 12 years by weight, and asked of a doctor where no"
    yield "dose by weight is here. An empty cell is no statement that there is no limit."
    yield ""
    limited = [one for one in book.ingredients.values() if _limits(one)[2:] != ("",) * 4]
    yield from _table(
        ("ingredient", "成分", "adult, 24 h", "one dose", "child", "not under"),
        [_limits(one) for one in limited],
    )
    for source in dict.fromkeys(one.source for one in limited):
        names = [one.id for one in limited if one.source == source]
        yield f"Source of {names[0] if len(names) == 1 else 'the others'}: {source}."
    yield ""
    yield "### Checks 检查项"
    yield from _table(
        ("check", "severity", "looks for", "text", "中文", "source"),
        [
            (
                f"`{one.id}`",
                one.severity,
                " + ".join(one.classes) or f"{one.person} {one.about}".strip() or one.kind,
                one.text["en"],
                one.text["zh"],
                f"[{one.mark}] {one.source}",
            )
            for one in book.checks
        ],
    )


def _limits(one: Ingredient) -> tuple[str, ...]:
    dose = f"{one.dose_mg:g}" if one.dose_mg else ""
    if one.times:
        dose += f", {one.times} times a day"
    child = ""
    if one.child_dose_mg_kg and one.child_day_mg_kg:
        low, high = one.child_dose_mg_kg
        child = f"{low:g} to {high:g} mg/kg a dose, {one.child_day_mg_kg:g} mg/kg in 24 h"
    day = f"{one.day_mg:g}" if one.day_mg else ""
    young = f"{one.from_months} months" if one.from_months else ""
    return one.name["en"], one.name["zh"], day, dose, child, young


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    cells = [cell.replace("|", "\\|") for cell in head]
    yield "| " + " | ".join(cells) + " |"
    yield "|" + "---|" * len(cells)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    if parser.parse_args().check:
        same = PAGE.read_text(encoding="utf-8") == page()
        print("docs/rules.md is what the data gives." if same else "Run this script again.")
        return 0 if same else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
