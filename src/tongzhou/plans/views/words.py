"""Sentences that a county officer accepts, made from the facts of an explanation."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tongzhou.plans.queries.explain import Fact, WaveFact

from .lane_words import limit_words

FIGURE_WORDS = {
    "people65": lambda: _("people aged 65 and over"),
    "risk_share": lambda: _("share at risk"),
    "remoteness": lambda: _("remoteness"),
    "growth": lambda: _("growth of need"),
}


def sentences(fact: Fact) -> list[str]:
    """The explanation in order: what it gets, what limits it, its place in the list, what comes."""
    return [
        _what(fact),
        _cap(fact),
        *_rank(fact),
        *_hub(fact),
        *(_wave(wave) for wave in fact.waves),
        *_missing(fact),
        *_next(fact),
        *_limit(fact),
        *_override(fact),
    ]


def _n(value: float) -> str:
    return number_format(value, force_grouping=True)


def _what(fact: Fact) -> str:
    if not fact.units and not fact.given:
        return _("%(place)s gets nothing yet.") % {"place": fact.place.name}
    return _("%(place)s had %(given)s units and gets %(units)s more in this plan.") % {
        "place": fact.place.name,
        "given": _n(fact.given),
        "units": _n(fact.units),
    }


def _cap(fact: Fact) -> str:
    return _(
        "It may get %(cap)s units in all: the target of the campaign, or less where it asked for"
        " less or verified stock is there. They go in drops of %(drop)s that are never split."
    ) % {"cap": _n(fact.cap), "drop": fact.drop}


def _rank(fact: Fact) -> list[str]:
    if not fact.rank:
        return [_("It needs nothing more, so it is not in the list.")]
    return [
        _(
            "Its weight is %(weight)s; the middle of its county is %(middle)s. By weight it is"
            " number %(rank)s of %(ranked)s. Where weights are equal, the published seed"
            " %(seed)s decides."
        )
        % {
            "weight": _n(round(fact.weight, 1)),
            "middle": _n(round(fact.county_weight, 1)),
            "rank": _n(fact.rank),
            "ranked": _n(fact.ranked),
            "seed": fact.tie_seed,
        }
    ]


def _hub(fact: Fact) -> list[str]:
    """With lanes: its place among those that the same recipient serves."""
    if fact.way is None or not fact.recipient:
        return []
    if not fact.way.reached:
        return [
            _("No lane leads to %(hub)s, which serves it, so nothing can be brought.")
            % {"hub": fact.recipient}
        ]
    if not fact.rank:
        return []
    return [
        _(
            "Lanes limit what %(hub)s can get, so its places have a list of their own: it is"
            " number %(rank)s of %(ranked)s there."
        )
        % {"hub": fact.recipient, "rank": _n(fact.way.rank), "ranked": _n(fact.way.ranked)}
    ]


def _limit(fact: Fact) -> list[str]:
    """With lanes, of a place that waits: what limits most on the way, and what would change it."""
    if fact.ahead_units is None or fact.way is None or fact.way.limit is None:
        return []
    return [limit_words(fact.way.limit)]


def _wave(wave: WaveFact) -> str:
    values = {
        "number": wave.number,
        "day": wave.day.isoformat(),
        "units": _n(wave.units),
        "served": _n(wave.places_served),
        "hubs": ", ".join(wave.hubs[:3]) + ("…" if len(wave.hubs) > 3 else ""),
    }
    if wave.directed_elsewhere:
        return (
            _(
                "Wave %(number)s on %(day)s is directed to %(hubs)s and cannot come here; later"
                " waves make up for it."
            )
            % values
        )
    if wave.units:
        return _("Wave %(number)s on %(day)s brings it %(units)s units.") % values
    return _("Wave %(number)s on %(day)s reaches %(served)s places that stand before it.") % values


def _missing(fact: Fact) -> list[str]:
    if not fact.missing:
        return []
    names = ", ".join(FIGURE_WORDS[name]() for name in fact.missing)
    return [
        _("Missing in the register, taken as the middle of its county: %(names)s.")
        % {"names": names}
    ]


def _next(fact: Fact) -> list[str]:
    if fact.ahead_units is None:
        return [_("It is served in full.")]
    if fact.way is not None:
        if not fact.way.reached:
            return []
        return [
            _("Its next drop comes when %(units)s more units are there at %(hub)s.")
            % {"units": _n(fact.ahead_units), "hub": fact.recipient}
        ]
    return [
        _("Its next drop comes when %(units)s more units are there.")
        % {"units": _n(fact.ahead_units)}
    ]


def _override(fact: Fact) -> list[str]:
    if fact.override is None:
        return []
    return [
        _("A named person changed %(before)s units to %(after)s: %(note)s")
        % {
            "before": _n(fact.override.units_before),
            "after": _n(fact.override.units_after),
            "note": fact.override.note,
        }
    ]
