"""Sentences that a county officer accepts, made from the facts of an explanation.

First the answer in one or two sentences, then the reasons in the order in which they decide, then
wave by wave, then what must still come. A reader who may not see a place's registry figures is told
neither these nor its weight, from which they could be reckoned.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongzhou.kit.templatetags.look import day
from tongzhou.plans.queries.explain import Fact

from .figures import number, weights_apart
from .lane_words import limit_words
from .wave_words import wave_sentences


@dataclass(frozen=True, slots=True)
class Words:
    """An explanation in sentences."""

    answer: list[str]
    reasons: list[str]
    waves: list[str]
    coming: list[str]

    def __iter__(self) -> Iterator[str]:
        for part in (self.answer, self.reasons, self.waves, self.coming):
            yield from part


def words_of(fact: Fact, approved: str = "") -> Words:
    """`approved`: who approved the plan, in words; empty where nobody has."""
    return Words(
        answer=[_answer(fact), *_rest(fact)],
        reasons=[
            *_override(fact, approved),
            *_supposed(fact),
            *_floor(fact),
            *_rank(fact),
            *_missing(fact),
            *_register(fact),
            *_county(fact),
            _cap(fact),
            *_bounds(fact),
            *_drops(fact),
        ],
        waves=wave_sentences(fact),
        coming=list(_coming(fact)),
    )


def sentences(fact: Fact) -> list[str]:
    """All of them in order."""
    return list(words_of(fact))


# ------------------------------------------------------------------------ the answer


def _answer(fact: Fact) -> str:
    values = {"place": fact.place.name, "item": fact.item.name, "hub": fact.recipient}
    if fact.units:
        return _gets(fact, values)
    if fact.override and fact.override.units_after == 0:
        return _("%(place)s gets no %(item)s in this plan: a person set its line to 0.") % values
    if not fact.waits:
        return _has_all(fact, values)
    if not fact.recipient:
        return _("%(place)s gets no %(item)s: no recipient of the campaign serves it.") % values
    if fact.way and not fact.way.reached:
        return _("%(place)s gets no %(item)s: no lane leads to %(hub)s, which serves it.") % values
    if fact.waves and all(wave.directed_elsewhere for wave in fact.waves):
        return (
            _("%(place)s waits: the %(item)s of this plan is directed to other recipients.")
            % values
        )
    if fact.way:
        return (
            _("%(place)s waits: what the lanes bring to %(hub)s in time ends before its turn.")
            % values
        )
    return _("%(place)s waits: the %(item)s of this plan ends before its turn.") % values


def _gets(fact: Fact, values: dict[str, str]) -> str:
    waves = [wave for wave in fact.waves if wave.units]
    values = values | {
        "units": number(fact.units),
        "wave": number(waves[0].number),
        "day": day(waves[0].day),
        "last": number(waves[-1].number),
        "end": day(waves[-1].day),
    }
    if len(waves) > 1:
        return (
            _(
                "%(place)s gets %(units)s units of %(item)s, from wave %(wave)s (%(day)s) to wave"
                " %(last)s (%(end)s)."
            )
            % values
        )
    if waves[0].on_hand is not False:
        text = ngettext(
            "%(place)s gets %(units)s unit of %(item)s in wave %(wave)s (%(day)s).",
            "%(place)s gets %(units)s units of %(item)s in wave %(wave)s (%(day)s).",
            fact.units,
        )
    else:
        text = ngettext(
            "%(place)s gets %(units)s unit of %(item)s in wave %(wave)s (%(day)s), once the"
            " promised goods are there.",
            "%(place)s gets %(units)s units of %(item)s in wave %(wave)s (%(day)s), once the"
            " promised goods are there.",
            fact.units,
        )
    return text % values


def _has_all(fact: Fact, values: dict[str, str]) -> str:
    if fact.given:
        text = _("%(place)s gets no more %(item)s: earlier plans gave it all it may get.")
    elif fact.bounds.stock:
        text = _("%(place)s gets no %(item)s: its verified stock covers what it may get.")
    elif fact.bounds.asked is not None and fact.bounds.asked < fact.drop:
        text = _("%(place)s gets no %(item)s: it asked for less than one drop.")
    else:
        text = _("%(place)s gets no %(item)s: it may get less than one drop.")
    return text % values


def _rest(fact: Fact) -> list[str]:
    """After a place got something, or had it before: does it still wait?"""
    if not fact.waits:
        return [_("It then has all it may get.")] if fact.units else []
    if not (fact.units or fact.given):
        return []
    text = (
        _("It holds %(held)s units then and still waits for %(units)s.")
        if fact.units
        else _("It holds %(held)s units and still waits for %(units)s.")
    )
    return [text % {"held": number(fact.held), "units": number(fact.waiting)}]


# ------------------------------------------------------------------------ the reasons


def _rank(fact: Fact) -> list[str]:
    if not fact.rank:
        return []
    words = [
        _("The largest weight comes first. It comes from the register, never from a request.")
        if fact.bounds.target <= fact.drop
        else _(
            "The order is by weight, measured against what a place already holds. Weights come from"
            " the register, never from a request."
        )
    ]
    values = {
        "rank": number(fact.rank),
        "ranked": number(fact.ranked),
        "hub": fact.recipient,
        "weight": number(fact.weight, 1) if fact.weight is not None else "",
    }
    if fact.way:
        words.append(
            _("Lanes limit what %(hub)s can get, so its places have a list of their own.") % values
        )
    if fact.weight is None:
        text = _(
            "Before this plan it stood at number %(rank)s of the %(ranked)s places in the list."
        )
    else:
        text = _(
            "The weight here is %(weight)s. Before this plan it stood at number %(rank)s of the"
            " %(ranked)s places in the list."
        )
    return [*words, text % values]


def _county(fact: Fact) -> list[str]:
    county = fact.county
    if county is None or fact.weight is None or county.places < 2:
        return []
    mine, middle = weights_apart(fact.weight, county.median_weight)
    values = {
        "county": county.division.name,
        "middle": middle,
        "weight": mine,
        "places": number(county.places),
        "heavier": number(county.heavier),
        "before": number(county.served_before),
        "served": number(county.served),
    }
    return [
        _(
            "In %(county)s the middle weight is %(middle)s; %(heavier)s of its %(places)s places"
            " have a larger weight than this one."
        )
        % values,
        _(
            "Of these %(places)s places, %(before)s were served before this plan and %(served)s are"
            " with it."
        )
        % values,
    ]


def _missing(fact: Fact) -> list[str]:
    if not fact.missing or fact.registry is None:
        return []
    names = _(", ").join(FIGURE_WORDS[name]() for name in fact.missing)
    return [
        _(
            "Missing in the register when the plan was computed: %(names)s. The median of its"
            " county was counted instead."
        )
        % {"names": names}
    ]


FIGURE_WORDS = {
    "people65": lambda: _("People aged 65 and over"),
    "risk_share": lambda: _("Share at risk"),
    "remoteness": lambda: _("Remoteness"),
    "growth": lambda: _("Growth of need"),
}


def _supposed(fact: Fact) -> list[str]:
    """A plan kept from a question answers it, and not what is recorded."""
    differs = fact.bounds.changed or (fact.registry is not None and fact.registry.changed)
    if not (fact.supposed and differs):
        return []
    return [
        _(
            "This plan was computed with other needs or stock than those recorded; its page names"
            " the changes."
        )
    ]


def _register(fact: Fact) -> list[str]:
    """What the register says today, where that is no longer what was counted."""
    if fact.registry is None or fact.weight is None or fact.supposed:
        return []
    if not fact.registry.changed:
        return []
    _then, now = weights_apart(fact.weight, fact.registry.weight or 0.0)
    return [
        _(
            "The register has changed since: today its figures give the weight %(now)s. The next"
            " plan counts that."
        )
        % {"now": now}
    ]


def _floor(fact: Fact) -> list[str]:
    """With one drop for each place the floor changes no order, so it need not be told."""
    if not fact.floor or not fact.rank or fact.bounds.target <= fact.drop:
        return []
    had = fact.bounds.stock + fact.given
    if had < fact.floor:
        text = _(
            "Places that hold less than the floor of %(floor)s units come first. This one held"
            " %(had)s before the plan, so it is among them."
        )
    else:
        text = _(
            "Places that hold less than the floor of %(floor)s units come first. This one held"
            " %(had)s before the plan, so it comes after them."
        )
    return [text % {"floor": number(fact.floor), "had": number(had)}]


def _cap(fact: Fact) -> str:
    bounds = fact.bounds
    values = {
        "cap": number(fact.cap),
        "target": number(bounds.target),
        "asked": number(bounds.asked or 0),
        "stock": number(bounds.stock),
    }
    if bounds.changed:
        return _("When the plan was computed it could get %(cap)s units in all.") % values
    low = bounds.asked is not None and bounds.asked < bounds.target
    if low and bounds.stock:
        text = _(
            "It may get %(cap)s units in all: it asked for %(asked)s, less than the target of"
            " %(target)s, and %(stock)s were counted there and verified."
        )
    elif low:
        text = _(
            "It may get %(cap)s units in all: it asked for %(asked)s, less than the target of"
            " %(target)s."
        )
    elif bounds.stock:
        text = _(
            "It may get %(cap)s units in all: the target is %(target)s, and %(stock)s were counted"
            " there and verified."
        )
    else:
        text = _("It may get %(cap)s units in all: that is the target for every place of its kind.")
    return text % values


def _bounds(fact: Fact) -> list[str]:
    bounds, words = fact.bounds, []
    if bounds.asked is not None and bounds.asked > bounds.target:
        words.append(
            _("It asked for %(asked)s; a request above the target changes nothing.")
            % {"asked": number(bounds.asked)}
        )
    if bounds.unverified is not None:
        words.append(
            _(
                "A count of %(units)s units has come in. It counts once another office has verified"
                " it."
            )
            % {"units": number(bounds.unverified)}
        )
    if bounds.changed and not fact.supposed:
        words.append(
            _("Its request, its stock or the target has changed since; the next plan counts that.")
        )
    return words


def _drops(fact: Fact) -> list[str]:
    if fact.drop < 2:
        return []
    text = _("Units go in drops of %(drop)s, which are never split.")
    if 0 < fact.waiting < fact.drop:
        text = _(
            "Units go in drops of %(drop)s, which are never split; the last %(rest)s make no drop."
        )
    return [text % {"drop": number(fact.drop), "rest": number(fact.waiting)}]


def _override(fact: Fact, approved: str) -> list[str]:
    if fact.override is None:
        return []
    return [
        _("A person changed this line from %(before)s to %(after)s units. The reason: %(note)s")
        % {
            "before": number(fact.override.units_before),
            "after": number(fact.override.units_after),
            "note": fact.override.note,
        },
        _("A second person approved the plan with this change: %(who)s.") % {"who": approved}
        if approved
        else _("The plan with this change waits for the approval of a second person."),
    ]


# ------------------------------------------------------------------------ what comes


def _coming(fact: Fact) -> Iterator[str]:
    if not fact.waits:
        return
    if fact.more_units is not None and fact.ahead_units is not None:
        yield _next(fact, fact.ahead_units, fact.more_units)
        yield _("No goods that this plan knows of reach so far down the list.")
    if fact.way and fact.way.limit:
        yield limit_words(fact.way.limit)
    if fact.override and fact.more_units is None:
        yield _("A line that a person settled takes no more part in this plan.")


def _next(fact: Fact, ahead: int, more: int) -> str:
    values = {"ahead": number(ahead), "more": number(more), "hub": fact.recipient}
    if fact.way:
        if not ahead:
            text = ngettext(
                "It is the next: its drop comes when %(more)s unit more is there at %(hub)s.",
                "It is the next: its drop comes when %(more)s units more are there at %(hub)s.",
                more,
            )
        else:
            text = _(
                "%(ahead)s units for other places of %(hub)s come first. So its next drop comes"
                " when %(more)s units more are there."
            )
    elif not ahead:
        text = ngettext(
            "It is the next: its drop comes when %(more)s unit more is there.",
            "It is the next: its drop comes when %(more)s units more are there.",
            more,
        )
    else:
        text = _(
            "%(ahead)s units for other places come first. So its next drop comes when %(more)s"
            " units more are there."
        )
    return text % values
