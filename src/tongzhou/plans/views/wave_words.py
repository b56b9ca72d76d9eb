"""Each wave of a plan in one sentence, as one place saw it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongzhou.kit.templatetags.look import day
from tongzhou.plans.queries.explain import Fact, WaveFact

from .figures import number, weights_apart

HUBS_NAMED = 3


def wave_sentences(fact: Fact) -> list[str]:
    """One for each wave; those after a place has all it may get are one together."""
    words: list[str] = []
    held, last = fact.bounds.stock + fact.given, fact.waves[-1:]
    for at, wave in enumerate(fact.waves):
        left = sum(later.units for later in fact.waves[at:])
        if not left and not fact.waits and at:
            words.append(_over(wave, last[0]))
            break
        words.append(_wave(fact, wave, held))
        held += wave.units
    return words


def _over(first: WaveFact, last: WaveFact) -> str:
    values = {"first": number(first.number), "last": number(last.number)}
    if first.number == last.number:
        return _("Wave %(first)s goes to others: this place has all it may get.") % values
    return _("Waves %(first)s to %(last)s go to others: this place has all it may get.") % values


def _wave(fact: Fact, wave: WaveFact, held: int) -> str:
    """`held`: what the place has before the wave."""
    values = _values(fact, wave)
    if wave.directed_elsewhere:
        return (
            _(
                "%(wave)s is directed to %(hubs)s and cannot come here; the next wave that is open"
                " to all makes up for it."
            )
            % values
        )
    if wave.units:
        return _served(fact, wave, held + wave.units, values)
    if not wave.places:
        if fact.way:
            return _("%(wave)s: nothing more can be brought to %(hub)s by then.") % values
        return _("%(wave)s: nobody in the list gets anything.") % values
    if not fact.rank:
        return _("%(served)s.") % values
    return _passed(fact, wave, held + fact.drop, values)


def _values(fact: Fact, wave: WaveFact) -> dict[str, str]:
    goods = _("goods on hand") if wave.on_hand else _("promised goods")
    named = {"number": number(wave.number), "day": day(wave.day), "goods": goods}
    name = (
        _("Wave %(number)s (%(day)s)") % named
        if wave.on_hand is None
        else _("Wave %(number)s (%(day)s, %(goods)s)") % named
    )
    served = ngettext(
        "%(wave)s serves %(places)s place", "%(wave)s serves %(places)s places", wave.places
    )
    return {
        "wave": name,
        "served": served % {"wave": name, "places": number(wave.places)},
        "units": number(wave.units),
        "before": number(wave.before),
        "hub": fact.recipient,
        "hubs": _(", ").join(wave.hubs[:HUBS_NAMED]) + ("…" if len(wave.hubs) > HUBS_NAMED else ""),
    }


def _served(fact: Fact, wave: WaveFact, then: int, values: Mapping[str, str]) -> str:
    """`then`: what the place holds after the wave."""
    if fact.override and not fact.rank:
        return _("%(wave)s brings the %(units)s units that a person settled.") % values
    if not _comparable(fact, wave, then):
        return _("%(wave)s brings it %(units)s units.") % values
    mine, last = weights_apart(fact.weight or 0.0, _weight(wave))
    values = {**values, "mine": mine, "last": last}
    if mine == last:
        return (
            _(
                "%(wave)s brings it %(units)s units; it ends at the weight %(last)s, which is the"
                " weight here too."
            )
            % values
        )
    return (
        _(
            "%(wave)s brings it %(units)s units; it ends at the weight %(last)s, and here it is"
            " %(mine)s."
        )
        % values
    )


def _passed(fact: Fact, wave: WaveFact, then: int, values: Mapping[str, str]) -> str:
    """`then`: what the place would hold with one drop more."""
    if not _comparable(fact, wave, then):
        return _("%(served)s, before this one's turn.") % values
    mine, last = weights_apart(fact.weight or 0.0, _weight(wave))
    values = {**values, "mine": mine, "last": last}
    if mine == last:
        return (
            _(
                "%(served)s and ends at the weight %(last)s. That is the"
                " weight here too; the published seed put this place later."
            )
            % values
        )
    if (fact.weight or 0.0) > _weight(wave):
        return _("%(served)s, before this one's turn.") % values
    return (
        _(
            "%(served)s and ends at the weight %(last)s. Here it is"
            " %(mine)s, so the turn comes later."
        )
        % values
    )


def _comparable(fact: Fact, wave: WaveFact, then: int) -> bool:
    """Weights alone say who is first only among places that come to the same number of units."""
    return (
        fact.weight is not None
        and wave.cut is not None
        and "weight" in wave.cut
        and wave.cut.get("held") == then
    )


def _weight(wave: WaveFact) -> float:
    return wave.cut["weight"] if wave.cut else 0.0
