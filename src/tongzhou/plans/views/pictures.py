"""The pictures of a run: who is served after each wave, on maps, and by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.pictures import Curve, Line, Mark, Tile, curve, tiles
from tongzhou.kit.templatetags.look import day, percent
from tongzhou.places.queries.tiles import tile_layout
from tongzhou.plans.models import Run, RunWave
from tongzhou.plans.queries.received import received_by_day
from tongzhou.plans.queries.summary import SHARES, Standing, summary

DAYS_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class WaveMap:
    """One wave: its map, and to whom it is directed (empty: to everybody)."""

    wave: RunWave
    share: float
    hubs: list[str]
    map: SafeString


def wave_maps(
    waves: Sequence[RunWave], rows: Sequence[Standing], whole: list[float]
) -> list[WaveMap]:
    """One grid of provinces a wave, all on one scale: the share of places served after it.

    `whole`: the share of all places, before the run and after each wave. Empty where the tree has
    no tile layout: the table below shows the same.
    """
    layout = tile_layout()
    known = [row for row in rows if row.division.code in layout]
    if len(known) < 2:
        return []
    return [
        WaveMap(
            wave=wave,
            share=whole[at],
            hubs=[hub.name for hub in wave.hubs.all()],
            map=tiles(
                _("Wave %(number)s: share of places served by province") % {"number": wave.number},
                [_tile(row, at, _reached(wave, row)) for row in known],
                small=True,
            ),
        )
        for at, wave in enumerate(waves[: len(whole) - 1], start=1)
    ]


def _reached(wave: RunWave, row: Standing) -> bool:
    """Whether a directed wave names a recipient of this province."""
    at = row.division
    return any(at.first <= hub.division.first <= at.last for hub in wave.hubs.all())


def _tile(row: Standing, wave: int, marked: bool) -> Tile:
    at, share = tile_layout()[row.division.code], row.served[wave] / row.places
    return Tile(
        row=at.row,
        column=at.column,
        label=at.short,
        share=share,
        value=percent(share),
        title=_("%(name)s: %(served)s of %(places)s places served")
        % {
            "name": row.division.name,
            "served": number_format(row.served[wave], force_grouping=True),
            "places": number_format(row.places, force_grouping=True),
        },
        marked=marked,
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """A plan's share of places served: (day, share) where it rises, in the order of the days."""

    run: Run
    steps: list[tuple[date, float]]

    def on(self, when: date) -> float | None:
        """The share at the end of a day, None for days before the plan."""
        return max((share for at, share in self.steps if at <= when), default=None)

    def day_of(self, share: float) -> date | None:
        """The first day by which so much is served, None where the plan does not come to it."""
        return next((at for at, reached in self.steps if reached >= share), None)


def coverage(run: Run, waves: Sequence[RunWave]) -> Coverage:
    """From what earlier plans gave by the day the plan was made, to its last wave; of the days
    before, the plan says nothing."""
    shares = summary(run).shares()
    start = min([timezone.localdate(run.created_at), *(wave.day for wave in waves)])
    rises = sorted((wave.day, share) for wave, share in zip(waves, shares[1:], strict=False))
    return Coverage(run, [(start, shares[0]), *rises])


def received_so_far(planned: Coverage) -> Coverage | None:
    """What clinics really got, from the plan's first day to today; None while nothing arrived."""
    rises = received_by_day(planned.run)
    if not rises:
        return None
    start = min(planned.steps[0][0], rises[0][0])
    return Coverage(planned.run, [(start, 0.0), *rises, (_latest(rises), rises[-1][1])])


def _latest(rises: Sequence[tuple[date, float]]) -> date:
    """A fact goes on until today; a forecast of it would be none."""
    return max(clock.today(), rises[-1][0])


def coverage_curve(
    lines: Sequence[tuple[str, Coverage]], name: str, *, fact: Coverage | None = None
) -> SafeString:
    """Plans are dashed, at most two; `fact` is solid. The deadline and today are marked."""
    campaign = lines[0][1].run.campaign
    days = days_of(*(line for _label, line in lines), fact=fact)
    drawn = [*lines, *([(_("Received"), fact)] if fact else [])]
    marks = [(campaign.deadline, _("Deadline")), (clock.today(), _("Today"))]
    return curve(
        Curve(
            name=name,
            days=[f"{at.month}-{at.day}" for at in days],
            lines=[
                Line(
                    label,
                    _points(line, days, to_the_end=line is not fact),
                    dashed=line is not fact,
                    series=series,
                )
                for series, (label, line) in enumerate(drawn, start=1)
            ],
            marks=[Mark((at - days[0]).days, word) for at, word in marks if at in days],
        )
    )


def _points(line: Coverage, days: list[date], *, to_the_end: bool) -> list[tuple[float, float]]:
    """What a plan gives stays given, so its line goes on to the last day; a fact ends today."""
    steps = [*line.steps, (days[-1], line.steps[-1][1])] if to_the_end else line.steps
    return [((min(at, days[-1]) - days[0]).days, share) for at, share in steps]


def days_of(*lines: Coverage, fact: Coverage | None = None) -> list[date]:
    """From the campaign's first day to its deadline, or the last wave or the last rise of what was
    received where that is later."""
    campaign = lines[0].run.campaign
    known = [at for line in lines for at, _share in line.steps]
    known += [at for at, _share in fact.steps[:-1]] if fact else []
    first, last = min(campaign.opened_on, *known), max(campaign.deadline, *known)
    return [first + timedelta(days=n) for n in range(min((last - first).days + 1, DAYS_AT_MOST))]


def finding(line: Coverage, fact: Coverage | None = None) -> str:
    """When half, 95 and 99 % of the places are served, and how many have received something."""
    reached = [(share, line.day_of(share / 100)) for share in SHARES]
    opened = line.run.campaign.opened_on
    told = [
        _("%(share)s%% by day %(number)s (%(day)s)")
        % {"share": share, "number": (at - opened).days + 1, "day": day(at)}
        for share, at in reached
        if at is not None
    ]
    missed = [f"{share}%" for share, at in reached if at is None]
    words = []
    if told:
        words.append(_("Places served: %(list)s.") % {"list": _(", ").join(told)})
    if missed:
        words.append(
            _("The goods known to this plan do not reach %(shares)s.")
            % {"shares": _(", ").join(missed)}
        )
    if fact:
        now = {"share": percent(fact.steps[-1][1]), "day": day(fact.steps[-1][0])}
        words.append(_("Received by %(day)s: %(share)s.") % now)
    return " ".join(words)
