"""Open a run of a campaign with lanes: which goods may go where, from which day, and the waves.

With lanes a wave is not a batch but a day: it gives what has arrived at the recipients by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.places.models import Place
from tongzhou.plans.models import Run, RunSupply, RunWave, RunWays
from tongzhou.plans.queries.lanes import inbound_of, open_lanes
from tongzhou.plans.queries.ways import Given, Source, given_to
from tongzhou.plans.rules import LaneDays, wave_days

from .refusal import PlanRefused

Hubs = frozenset[int]
# The dock and the recipients that its goods may go to; none named: all.
Key = tuple[int, tuple[int, ...]]


def add_ways(
    run: Run,
    on_hand: Iterable[tuple[Hubs, Sequence[RunSupply]]],
    promised: Iterable[tuple[date, Sequence[RunSupply]]],
) -> None:
    """Write the run's supply, its waves and the lanes it plans with, as they are now.

    Raises PlanRefused where a dock with goods has no lane, or nothing can arrive by any.
    """
    today = clock.today()
    goods: dict[Key, list[RunSupply]] = defaultdict(list)
    for hubs, rows in on_hand:
        for row in rows:
            row.day = today
            goods[row.dock_id, tuple(sorted(hubs))].append(row)
    for day, rows in promised:
        for row in rows:
            row.day = day
            goods[row.dock_id, ()].append(row)
    if not goods:
        return
    lanes = open_lanes(run.campaign, today) or _everywhere(run, {dock for dock, _hubs in goods})
    _refuse_without_lane(goods, lanes)
    days = _waves(run, goods, lanes, today)
    sources = _store(run, goods, lanes, days, today)
    inbound = dict(inbound_of(run.campaign).values_list("recipient", "units_a_day"))
    given = Given(today, tuple(lanes), inbound, tuple(sources))
    RunWays.objects.create(run=run, opened_on=today, given=given_to(given))


def _everywhere(run: Run, docks: Iterable[int]) -> list[LaneDays]:
    """Where only what hubs take in is stated: from each dock to each recipient at once."""
    if run.campaign.lanes.exists():
        return []
    recipients = run.campaign.recipients.order_by("pk").values_list("pk", flat=True)
    return [LaneDays(d, r, 0, None, 0, 0, None) for d in sorted(docks) for r in recipients]


def _refuse_without_lane(goods: Iterable[Key], lanes: Sequence[LaneDays]) -> None:
    """With lanes named there is no other way: a dock left out is a slip of the pen."""
    lost = {dock for dock, _hubs in goods} - {lane.dock for lane in lanes}
    if lost:
        names = Place.objects.filter(pk__in=lost).order_by("division__first", "pk")
        raise PlanRefused(
            _("No lane that is open starts at %(docks)s. Add one, then run the plan again.")
            % {"docks": ", ".join(names.values_list("name", flat=True))}
        )


def lanes_from(source: Key, lanes: Iterable[LaneDays]) -> list[LaneDays]:
    """The lanes that goods of a dock may take."""
    dock, hubs = source
    return [r for r in lanes if r.dock == dock and (not hubs or r.recipient in hubs)]


def _waves(
    run: Run, goods: dict[Key, list[RunSupply]], lanes: Sequence[LaneDays], today: date
) -> list[int]:
    """Cut the run's waves; returns the day of each one, counted from today."""
    arrivals = [
        arrival
        for key, rows in goods.items()
        for ready in {(row.day - today).days for row in rows}
        for arrival in _arrivals(ready, lanes_from(key, lanes))
    ]
    limited = run.campaign.inbound.exists() or any(r.units_a_day is not None for r in lanes)
    deadline = (run.campaign.deadline - today).days
    days = wave_days(arrivals, deadline, limited=limited)
    if not days:
        raise PlanRefused(
            _("No goods can arrive by any lane. Look at the dates of the lanes, then run it again.")
        )
    RunWave.objects.bulk_create(
        [
            RunWave(run=run, number=number, day=today + timedelta(days=day))
            for number, day in enumerate(days, start=1)
        ]
    )
    return days


def _arrivals(ready: int, lanes: Iterable[LaneDays]) -> list[int]:
    """The days on which goods that are ready on a day, and leave at once, are there."""
    leaves = [(max(ready, lane.from_day), lane) for lane in lanes if lane.units_a_day != 0]
    return [
        day + lane.lead_days
        for day, lane in leaves
        if lane.until_day is None or day <= lane.until_day
    ]


def _store(
    run: Run,
    goods: dict[Key, list[RunSupply]],
    lanes: Sequence[LaneDays],
    days: Sequence[int],
    today: date,
) -> list[Source]:
    """Store the supply, each row with the first wave that could give it; returns its sources."""
    sources = []
    for number, (key, rows) in enumerate(goods.items()):
        dock, hubs = key
        for row in rows:
            there = min(_arrivals((row.day - today).days, lanes_from(key, lanes)), default=days[-1])
            first = next((n for n, day in enumerate(days, start=1) if day >= there), len(days))
            row.run, row.wave = run, first
        stored = RunSupply.objects.bulk_create(rows)
        name = f"dock:{dock}:{number}" if hubs else f"dock:{dock}"
        sources.append(Source(name, dock, hubs, tuple(row.pk for row in stored)))
    return sources
