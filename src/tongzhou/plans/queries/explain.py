"""Why one place gets its number, as facts; words.py makes sentences of them."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from tongzhou.places.models import Place
from tongzhou.plans.models import Override, Run
from tongzhou.plans.rules import FIGURE_BITS
from tongzhou.supplies.models import Item

from .lane_use import Limit, limit_of, rank_at_hub
from .results import Result, read_result
from .ways import carried_in, given_in, ways_of


@dataclass(frozen=True, slots=True)
class WaveFact:
    """One wave as this place saw it."""

    number: int
    day: date
    units: int
    places_served: int
    directed_elsewhere: bool
    hubs: list[str]
    on_hand: bool


@dataclass(frozen=True, slots=True)
class WayFact:
    """What lanes mean for this place. `reached` False: no lane leads to its recipient; else its
    rank among `ranked` places that the recipient serves, and what limits most on the way there."""

    reached: bool
    rank: int = 0
    ranked: int = 0
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Everything that decided one place's units of one item.

    `rank` of `ranked`: its first open drop in the one list (0: it needs none); `ahead_units`: units
    still to come before its next drop, None where it is served in full.
    """

    item: Item
    place: Place
    cap: int
    given: int
    units: int
    drop: int
    weight: float
    county_weight: float
    rank: int
    ranked: int
    waves: list[WaveFact]
    missing: list[str] = field(default_factory=list)
    ahead_units: int | None = None
    override: Override | None = None
    tie_seed: str = ""
    recipient: str = ""
    way: WayFact | None = None

    @property
    def waiting(self) -> int:
        return max(0, self.cap - self.given - self.units)


def explain(run: Run, place: Place) -> list[Fact]:
    """The facts for one place, one for each item the campaign gives to its kind."""
    facts = []
    for result in read_result(run):
        at = result.position(place.pk)
        if at is not None:
            facts.append(_fact(run, place, result, at))
    return facts


def _way(run: Run, result: Result, at: int) -> WayFact | None:
    """None where no lane limits anything: then one list is for all."""
    ways = ways_of(run)
    if ways is None or not carried_in(ways).by_hub:
        return None
    recipient = int(result.recipient[at])
    lanes = given_in(ways).lanes
    if not any(lane.recipient == recipient and lane.units_a_day != 0 for lane in lanes):
        return WayFact(reached=False)
    rank, ranked = rank_at_hub(result, at)
    return WayFact(True, rank, ranked, limit_of(ways, recipient))


def _fact(run: Run, place: Place, result: Result, at: int) -> Fact:
    way = _way(run, result, at)
    item = run.campaign.items.select_related("item").get(item_id=result.item_id)
    inside = result.county == result.county[at]
    recipient = run.campaign.recipients.filter(pk=int(result.recipient[at])).first()
    return Fact(
        item=item.item,
        place=place,
        cap=int(result.cap[at]),
        given=int(result.given[at]),
        units=int(result.total[at]),
        drop=item.drop_units,
        weight=float(result.weight[at]),
        county_weight=float(np.median(result.weight[inside])),
        rank=int(result.rank[at]),
        ranked=int((result.rank > 0).sum()),
        waves=_waves(run, result, at, by_hub=way is not None),
        missing=[name for bit, name in FIGURE_BITS if int(result.flags[at]) & bit],
        ahead_units=_ahead(result, at, item.drop_units, by_hub=way is not None),
        override=Override.objects.filter(run=run, place=place, item_id=result.item_id).first(),
        tie_seed=run.seed,
        recipient=recipient.name if recipient else "",
        way=way,
    )


def _waves(run: Run, result: Result, at: int, *, by_hub: bool) -> list[WaveFact]:
    """With `by_hub` only places of the same recipient stand in its list."""
    mine = result.recipient == result.recipient[at]
    on_hand = set(run.supply.filter(on_hand=True).values_list("wave", flat=True))
    facts = []
    for wave in run.waves.order_by("number").prefetch_related("hubs"):
        hubs = list(wave.hubs.all())
        facts.append(
            WaveFact(
                number=wave.number,
                day=wave.day,
                units=int(result.units[at, wave.number - 1]),
                places_served=int(np.count_nonzero(result.units[mine, wave.number - 1]))
                if by_hub
                else wave.places_served,
                directed_elsewhere=bool(hubs)
                and int(result.recipient[at]) not in {hub.pk for hub in hubs},
                hubs=[hub.name for hub in hubs],
                on_hand=wave.number in on_hand,
            )
        )
    return facts


def _ahead(result: Result, at: int, drop: int, *, by_hub: bool) -> int | None:
    """Units that go to places ranked before this one, beyond what the run gives; then its own. With
    `by_hub` only places of its recipient come before it."""
    if result.cap[at] - result.given[at] - result.total[at] < drop:
        return None
    open_first = (result.rank > 0) & (result.rank <= result.rank[at]) & (result.total == 0)
    if by_hub:
        open_first &= result.recipient == result.recipient[at]
    return int(open_first.sum()) * drop
