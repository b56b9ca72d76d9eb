"""From what is known about a person to how urgent it is, and to what is still to be asked.

Every rule of the profile says yes, no or unknown. A rule that says yes gives its urgency. One that
is unknown and could give more than `watch` makes the answer at least `ask`; an unknown `watch`
counts as `watch`. So the answer never falls when an input goes missing or a value gets worse:
both can only move a rule from no to unknown to yes, and each step is worth at least as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tongzhou.clinical import rulebook
from tongzhou.clinical.conditions import Truth
from tongzhou.clinical.fields import InputRefused, Inputs, Value, checked
from tongzhou.clinical.rulebook import Profile, Rule, Rulebook, Urgency


class RulesChanged(LookupError):
    """A stored decision whose version of the rules is not the one of that name here."""


@dataclass(frozen=True)
class Fired:
    """A rule that says yes."""

    rule: str
    version: int
    urgency: Urgency


@dataclass(frozen=True)
class Open:
    """A rule that cannot be answered yet, and what it would have to know."""

    rule: str
    version: int
    urgency: Urgency
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What was decided, by which rules, from which inputs; all of it is stored.

    `urgency` is what to act on. `certain` is what the rules that said yes give; `possible` is the
    highest that the open rules could still give. `questions` are fields, the most important first;
    a decision is settled when no question could raise it.
    """

    urgency: Urgency
    certain: Urgency
    possible: Urgency
    fired: tuple[Fired, ...]
    open: tuple[Open, ...]
    questions: tuple[str, ...]
    profile: str
    inputs: Mapping[str, Value]
    version: str
    sha256: str

    @property
    def settled(self) -> bool:
        return not self.questions

    def to_json(self) -> dict[str, Any]:
        """Plain data to be stored: `decide_again` takes it as it is."""
        return {
            "urgency": str(self.urgency),
            "certain": str(self.certain),
            "possible": str(self.possible),
            "fired": [
                {"rule": rule.rule, "version": rule.version, "urgency": str(rule.urgency)}
                for rule in self.fired
            ],
            "open": [
                {
                    "rule": rule.rule,
                    "version": rule.version,
                    "urgency": str(rule.urgency),
                    "missing": list(rule.missing),
                }
                for rule in self.open
            ],
            "questions": list(self.questions),
            "profile": self.profile,
            "inputs": dict(self.inputs),
            "version": self.version,
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Decision:
        """The decision that `to_json` wrote; nothing is decided anew."""
        still = [row | {"missing": tuple(row["missing"])} for row in stored["open"]]
        changed: dict[str, Any] = {
            "fired": tuple(Fired(**_with_urgency(row)) for row in stored["fired"]),
            "open": tuple(Open(**_with_urgency(row)) for row in still),
            "questions": tuple(stored["questions"]),
        }
        changed |= {name: Urgency(stored[name]) for name in ("urgency", "certain", "possible")}
        return cls(**dict(stored) | changed)


def decide(inputs: Inputs, profile: str, *, rules: Rulebook | None = None) -> Decision:
    """How urgent it is for a person of this profile. `inputs`: field id to value, None if unknown.

    InputRefused for a value outside its plausible range, for an unknown field or profile, and for
    an age that is not of the profile. `rules` is the newest version unless another is given.
    """
    book = rules or rulebook.load()
    known = checked(book.fields, inputs)
    asked = _profile(book, profile, known)
    truths = [(rule, rule.when.truth(known)) for rule in asked.rules]
    fired = tuple(
        Fired(rule.id, rule.version, rule.urgency) for rule, truth in truths if truth is True
    )
    still = tuple(
        Open(rule.id, rule.version, rule.urgency, _in_order(book, rule.when.missing(known)))
        for rule, truth in truths
        if truth is None
    )
    certain = _highest(rule.urgency for rule in fired)
    possible = _highest([certain, *(rule.urgency for rule in still)])
    return Decision(
        urgency=_highest(_worth(rule, truth) for rule, truth in truths),
        certain=certain,
        possible=possible,
        fired=fired,
        open=still,
        questions=_questions(book, still, certain),
        profile=profile,
        inputs=known,
        version=book.version,
        sha256=book.sha256,
    )


def decide_again(stored: Mapping[str, Any]) -> Decision:
    """The decision anew, from the inputs and by the version that a stored one names.

    LookupError where that version is not in this release, RulesChanged where its content differs.
    """
    book = rulebook.load(stored["version"])
    if book.sha256 != stored["sha256"]:
        raise RulesChanged(
            f"Version {book.version} of the health rules is not what decided: its content has "
            f"changed. Install the release that holds {stored['sha256'][:12]}."
        )
    return decide(stored["inputs"], stored["profile"], rules=book)


def profile_for(
    *, age_months: float | None, pregnant: bool | None = None, chronic_lung: bool | None = None
) -> str:
    """The profile of a person seen at home. An unknown age asks the rules of all ages; an unknown
    lung disease keeps the usual limits of saturation, which are the stricter ones. The rules of
    pregnancy are asked only where pregnancy is known: ask for it before, of whoever may be."""
    profiles = rulebook.load().profiles
    if age_months is None:
        return "pregnant" if pregnant else "anyone"
    if pregnant and age_months >= profiles["pregnant"].from_months:
        return "pregnant"
    if age_months < profiles["child"].to_months:
        return "child"
    return "chronic_lung" if chronic_lung else "adult"


def _with_urgency(row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(row) | {"urgency": Urgency(row["urgency"])}


def _profile(book: Rulebook, name: str, known: Mapping[str, Value]) -> Profile:
    if name not in book.profiles:
        raise InputRefused("profile", f"There is no profile {name}.", f"没有{name}这一类人群。")
    profile = book.profiles[name]
    age = known.get("age_months")
    if age is not None and not profile.from_months <= float(age) < profile.to_months:
        raise InputRefused(
            "age_months",
            f"An age of {age:g} months is not of the profile: {profile.name['en']}.",
            f"{age:g} 月龄不属于“{profile.name['zh']}”。",
        )
    return profile


def _worth(rule: Rule, truth: Truth) -> Urgency:
    if truth is False:
        return Urgency.NONE
    if truth is True or rule.urgency is Urgency.WATCH:
        return rule.urgency
    return Urgency.ASK


def _highest(urgencies: Iterable[Urgency]) -> Urgency:
    return max(urgencies, key=lambda urgency: urgency.rank, default=Urgency.NONE)


def _in_order(book: Rulebook, names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in book.fields if name in names)


def _questions(book: Rulebook, still: tuple[Open, ...], certain: Urgency) -> tuple[str, ...]:
    """The fields whose answer could raise the urgency: those of the most urgent rules first."""
    worth: dict[str, int] = {}
    for rule in still:
        if rule.urgency.rank > certain.rank:
            for name in rule.missing:
                worth[name] = max(worth.get(name, 0), rule.urgency.rank)
    return tuple(sorted(_in_order(book, set(worth)), key=lambda name: -worth[name]))
