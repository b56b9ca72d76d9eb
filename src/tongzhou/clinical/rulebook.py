"""One version of the rules, read from its folder of data files and checked while it is read."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from tongzhou.clinical.conditions import Condition, Reader
from tongzhou.clinical.fields import Field, RuleFault, both, fields_from
from tongzhou.clinical.scores import Score, scores_from

LATEST = "1"
KINDS = ("P", "M", "D")
FILES = ("fields", "scores", "profiles", "red_flags")


class Urgency(StrEnum):
    """How soon, lowest first. `ask` stands above what would let somebody go back to sleep."""

    NONE = "none"
    WATCH = "watch"
    ASK = "ask"
    TODAY = "today"
    HOUR = "hour"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        return list(Urgency).index(self)


GIVEN_BY_RULES = (Urgency.WATCH, Urgency.TODAY, Urgency.HOUR, Urgency.EMERGENCY)


@dataclass(frozen=True)
class Rule:
    """A condition, how urgent it is, and what the person is told, with where it comes from."""

    id: str
    version: int
    kind: str
    urgency: Urgency
    urgency_kind: str
    valid_from: dt.date
    source: str
    reviewer: str
    when: Condition
    text: Mapping[str, str]
    action: Mapping[str, str]


@dataclass(frozen=True)
class Profile:
    """The rules that are asked of one sort of person; ages in months."""

    id: str
    name: Mapping[str, str]
    note: Mapping[str, str]
    from_months: int
    to_months: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Rulebook:
    """All data of one version; `sha256` is over its content, not over its layout."""

    version: str
    issued: dt.date
    sha256: str
    fields: Mapping[str, Field]
    scores: Mapping[str, Score]
    rules: Mapping[str, Rule]
    profiles: Mapping[str, Profile]
    urgency_texts: Mapping[Urgency, Mapping[str, str]]

    def unreviewed(self) -> tuple[str, ...]:
        """The ids of the rules that no clinician has signed yet."""
        return tuple(rule.id for rule in self.rules.values() if not rule.reviewer)


@cache
def load(version: str = LATEST) -> Rulebook:
    """A version of the rules. LookupError where this release has none of that name."""
    folder = files("tongzhou.clinical") / "data" / version
    if not version.isalnum() or not folder.is_dir():
        raise LookupError(f"This release has no version {version} of the health rules.")
    return read({name: _toml(folder / f"{name}.toml") for name in FILES})


def _toml(file: Any) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def read(documents: Mapping[str, dict[str, Any]]) -> Rulebook:
    """The rules of parsed data files. RuleFault names the entry that is wrong."""
    about = documents["profiles"]
    fields = fields_from(documents["fields"]["field"])
    scores = scores_from(documents["scores"]["score"], fields)
    rules: dict[str, Rule] = {}
    for row in documents["red_flags"]["rule"]:
        rule = _rule(row, fields, scores, about["issued"])
        if rule.id in rules:
            raise RuleFault(f"rule {rule.id}: is there twice")
        rules[rule.id] = rule
    profiles = {row["id"]: _profile(row, rules) for row in about["profile"]}
    used = {rule.id for profile in profiles.values() for rule in profile.rules}
    if idle := sorted(set(rules) - used):
        raise RuleFault(f"rule {idle[0]}: no profile asks it")
    texts = {urgency: both(about["urgency"], urgency, "urgency") for urgency in Urgency}
    sha256 = hashlib.sha256(_canonical(documents)).hexdigest()
    return Rulebook(
        about["version"], about["issued"], sha256, fields, scores, rules, profiles, texts
    )


def _canonical(documents: object) -> bytes:
    text = json.dumps(documents, sort_keys=True, ensure_ascii=False, default=dt.date.isoformat)
    return text.encode()


def _rule(
    row: dict[str, Any],
    fields: Mapping[str, Field],
    scores: Mapping[str, Score],
    issued: dt.date,
) -> Rule:
    where = f"rule {row.get('id')}"
    needed = set(Rule.__dataclass_fields__)
    if set(row) != needed:
        raise RuleFault(f"{where}: missing or unknown: {', '.join(sorted(needed ^ set(row)))}")
    if row["kind"] not in KINDS or row["urgency_kind"] not in KINDS:
        raise RuleFault(f"{where}: kind and urgency_kind must be one of {', '.join(KINDS)}")
    if row["urgency"] not in GIVEN_BY_RULES:
        raise RuleFault(f"{where}: {row['urgency']} is no urgency that a rule can give")
    if type(row["valid_from"]) is not dt.date or row["valid_from"] > issued:
        raise RuleFault(f"{where}: valid_from must be a day not after {issued}")
    if not row["source"] or type(row["version"]) is not int or row["version"] < 1:
        raise RuleFault(f"{where}: needs a source and a version from 1")
    read_parts = {
        "when": Reader(fields, scores, where).read(row["when"]),
        "urgency": Urgency(row["urgency"]),
        "text": both(row, "text", where),
        "action": both(row, "action", where),
    }
    return Rule(**row | read_parts)


def _profile(row: dict[str, Any], rules: Mapping[str, Rule]) -> Profile:
    where = f"profile {row['id']}"
    if strange := [rule for rule in row["rules"] if rule not in rules]:
        raise RuleFault(f"{where}: there is no rule {strange[0]}")
    ages = row.get("from_months", 0), row.get("to_months", 10_000)
    name, note = both(row, "name", where), both(row, "note", where)
    return Profile(row["id"], name, note, *ages, tuple(rules[rule] for rule in row["rules"]))
