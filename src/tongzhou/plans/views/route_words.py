"""What the pages of routes say: hours, lengths, why a county failed or a place is left out."""

from collections.abc import Callable

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tongzhou.planning.routing.answer import Answer
from tongzhou.plans.models import CountyRoutes

FAILURES: dict[str, Callable[[], str]] = {
    "failed": lambda: _("Its routes could not be found"),
    "late": lambda: _("It took longer than a county may"),
    "poison": lambda: _("It ended the process that computed it, each time it was tried"),
}
LEFT_OUT: dict[str, Callable[[], str]] = {
    "no_point": lambda: _("Nobody knows where it is"),
    "too_large": lambda: _("It gets more than the largest vehicle holds"),
    "too_far": lambda: _("It cannot be reached and left within the working day"),
}


def clock_text(seconds: int | None) -> str:
    """08:05; the day after counts on: 25:10. A dash where time does not matter."""
    if seconds is None:
        return "—"
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"


def duration_text(seconds: int | None) -> str:
    """9 h 57 min, the way the reader's language says it."""
    if seconds is None:
        return "—"
    hours, minutes = divmod(round(seconds / 60), 60)
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}


def left_out_words(why: str) -> str:
    return LEFT_OUT[why]()


def road_notes(row: CountyRoutes, answer: Answer) -> list[str]:
    """What a reader has to know before trusting the metres: where they come from, which points are
    estimates, where the routes begin, and whether the fleet does."""
    return [
        *_days(answer),
        _roads(answer),
        *_points(answer),
        *_start(row),
        *([answer.roads.note] if answer.roads.note else []),
    ]


def _n(value: float) -> str:
    return number_format(value, force_grouping=True)


def _days(answer: Answer) -> list[str]:
    if answer.totals.days <= answer.days:
        return []
    return [
        _("With this fleet it takes %(needed)s days; the plan gives %(given)s.")
        % {"needed": _n(answer.totals.days), "given": _n(answer.days)}
    ]


def _roads(answer: Answer) -> str:
    if answer.roads.source == "straight":
        return _(
            "Roads are estimates: the straight line times %(circuity)s, at %(speed)s km an hour."
        ) % {"circuity": f"{answer.roads.circuity:g}", "speed": f"{answer.roads.speed_kmh:g}"}
    return _("Roads come from the service %(name)s.") % {"name": answer.roads.source}


def _points(answer: Answer) -> list[str]:
    guessed = sum(stop.estimated for stop in answer.stops)
    if not guessed:
        return []
    return [
        _("%(guessed)s of %(stops)s stops stand at estimated points: ask the way in the village.")
        % {"guessed": _n(guessed), "stops": _n(len(answer.stops))}
    ]


def _start(row: CountyRoutes) -> list[str]:
    if row.depot == CountyRoutes.Depot.SEAT:
        return [_("The county has no depot with a point: the routes begin at the county's seat.")]
    if row.depot == CountyRoutes.Depot.MIDDLE:
        return [
            _("The county has no depot and no seat with a point: the routes begin in its middle.")
        ]
    return []
