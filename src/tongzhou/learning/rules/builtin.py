"""The guides that come with a release, read from data/*.toml.

A line "@rule r6-fever" in a body becomes the text and the action of that rule of `clinical`, and
its source joins those of the guide; {day_g} and its kind become the limits of paracetamol. So no
number of a rule is written twice.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tongzhou import clinical

from .guides import GuideText, Source

RULE = re.compile(r"^@rule ([\w-]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Builtin:
    """A guide of the release."""

    slug: str
    audience: str
    topic: str
    text: GuideText


@cache
def builtin_guides() -> tuple[Builtin, ...]:
    """All of them by slug. LookupError where one names a rule that there is not."""
    folder = files("tongzhou.learning") / "data"
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(_read(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
                 for file in found if file.name.endswith(".toml"))  # fmt: skip


def _read(slug: str, row: Mapping[str, object]) -> Builtin:
    title, body, named = row["title"], row["body"], row.get("source", [])
    assert isinstance(title, dict)
    assert isinstance(body, dict)
    assert isinstance(named, list)
    ids = list(dict.fromkeys(RULE.findall(body["zh"])))
    if ids != list(dict.fromkeys(RULE.findall(body["en"]))):
        raise LookupError(f"guide {slug}: the two languages name different rules")
    sources = [Source(**one) for one in named]
    text = GuideText(
        title=title,
        body={language: _filled(body[language], language) for language in ("zh", "en")},
        sources=tuple(dict.fromkeys([*_sources_of(ids), *sources])),
        as_of=row["as_of"],  # type: ignore[arg-type]
        valid_from=row["valid_from"],  # type: ignore[arg-type]
    )
    text.check()
    return Builtin(slug, str(row["audience"]), str(row["topic"]), text)


def _sources_of(ids: list[str]) -> Iterator[Source]:
    rules = clinical.load().rules
    for one in ids:
        if one not in rules:
            raise LookupError(f"There is no rule {one}.")
        rule = rules[one]
        yield Source(rule.source, rule.source, rule.kind)


def _filled(body: str, language: str) -> str:
    rules = clinical.load().rules

    def said(match: re.Match[str]) -> str:
        rule = rules[match[1]]
        space = "" if language == "zh" else " "
        return f"- **{rule.text[language]}**{space}{rule.action[language]}"

    paracetamol = clinical.load_catalogue().ingredients["paracetamol"]
    low, high = paracetamol.child_dose_mg_kg or (0, 0)
    limits = {
        "{day_g}": f"{(paracetamol.day_mg or 0) / 1000:g}",
        "{child_low}": f"{low:g}",
        "{child_high}": f"{high:g}",
        "{child_day}": f"{paracetamol.child_day_mg_kg or 0:g}",
    }
    filled = RULE.sub(said, body.strip())
    for name, value in limits.items():
        filled = filled.replace(name, value)
    return filled
