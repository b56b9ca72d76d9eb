"""Why one place gets its number, as facts; views/words.py makes sentences of them."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from tongzhou.campaigns.models import CampaignItem
from tongzhou.places.models import Division, Place
from tongzhou.plans.models import Override, Run, RunWave
from tongzhou.plans.rules import FIGURE_BITS, Mask
from tongzhou.supplies.models import Item

from .behind import Bounds, Registry, bounds_of, registry_of
from .lane_use import Limit, limit_of
from .results import NO_NEXT, CutRow, Result, read_result
from .ways import carried_in, given_in, ways_of

# In a smaller county its figures would tell a neighbour's.
PLACES_AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class WaveFact:
    """One wave as this place saw it. `places`, `list_units`, `waiting`: served, given and still
    open in its list; `before`: of the places served, those that stand before this one, where it is
    one of them; `on_hand`: whether its goods are there, None with lanes, where goods of both kinds
    travel together; `cut`: where the wave ended in its list, None in runs that did not keep it."""

    number: int
    day: date
    units: int
    places: int
    list_units: int
    waiting: int
    before: int
    directed_elsewhere: bool
    hubs: list[str]
    on_hand: bool | None
    cut: CutRow | None


@dataclass(frozen=True, slots=True)
class WayFact:
    """What lanes mean for this place. `reached` False: no lane leads to its recipient; else what
    limits most on the way there."""

    reached: bool
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class CountyFact:
    """The other places of its county: how many are served before and after the run, the median
    weight, and how many have a larger one."""

    division: Division
    places: int
    served_before: int
    served: int
    median_weight: float
    heavier: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Everything that decided one place's units of one item.

    `rank` of `ranked`: the place's number in its list by its first open drop, 0 where a person
    settled it or it needs none; the list is that of its recipient where lanes limit. `ahead_units`:
    units of others that come before its next drop and that the plan does not give; `more_units`:
    how many must still come until it gets that drop. Both are None where it has no next drop or the
    run did not keep them. `supposed`: the run was computed with other needs or stock than those
    recorded. `held`: verified stock and what earlier plans gave. `registry` and all
    weights are left out for a reader who may not see the figures.
    """

    item: Item
    place: Place
    cap: int
    given: int
    units: int
    drop: int
    floor: int
    rank: int
    ranked: int
    waves: list[WaveFact]
    bounds: Bounds
    weight: float | None = None
    registry: Registry | None = None
    county: CountyFact | None = None
    missing: list[str] = field(default_factory=list)
    ahead_units: int | None = None
    more_units: int | None = None
    override: Override | None = None
    tie_seed: str = ""
    recipient: str = ""
    way: WayFact | None = None
    supposed: bool = False

    @property
    def waiting(self) -> int:
        return max(0, self.cap - self.given - self.units)

    @property
    def waits(self) -> bool:
        """Whether a whole drop is still open; less than one is never given."""
        return self.waiting >= self.drop

    @property
    def held(self) -> int:
        return self.bounds.stock + self.given + self.units

    @property
    def digest(self) -> str:
        """Orders it among places of equal weight, smallest first (planning/ties.py)."""
        return hashlib.sha256(f"{self.tie_seed}:{self.place.code}".encode()).hexdigest()


def explain(run: Run, place: Place, *, figures: bool = True, county: bool = True) -> list[Fact]:
    """The facts for one place, one for each item the campaign gives to its kind.

    `figures`: whether the reader may see the place's registry figures, and so its weight; `county`:
    whether the reader may see the whole county, however small it is.
    """
    facts = []
    waves = list(run.waves.order_by("number").prefetch_related("hubs"))
    for result in read_result(run):
        at = result.position(place.pk)
        if at is not None:
            fact = _fact(run, waves, place, result, at)
            if figures:
                fact = _with_figures(fact, run, result, at, whole=county)
            facts.append(fact)
    return facts


def _fact(run: Run, waves: list[RunWave], place: Place, result: Result, at: int) -> Fact:
    """All but the figures of the register."""
    way = _way(run, result, at)
    item = _item(run, place, result.item_id)
    mine = result.recipient == result.recipient[at] if way else result.recipient != 0
    listed = mine & (result.rank > 0)
    rank = int(result.rank[at])
    recipient = run.campaign.recipients.filter(pk=int(result.recipient[at])).first()
    seen = _waves(run, waves, result, at, mine, by_hub=way is not None)
    ahead = None if result.ahead is None else int(result.ahead[at])
    ahead = None if ahead == NO_NEXT else ahead
    return Fact(
        item=item.item,
        place=place,
        cap=int(result.cap[at]),
        given=int(result.given[at]),
        units=int(result.units[at].sum()),
        drop=item.drop_units,
        floor=item.floor_units,
        rank=int(np.count_nonzero(listed & (result.rank <= rank))) if rank else 0,
        ranked=int(np.count_nonzero(listed)),
        waves=seen,
        bounds=bounds_of(run, item, place, int(result.cap[at]), int(result.given[at])),
        ahead_units=ahead,
        more_units=None if ahead is None else _more(ahead, item.drop_units, seen),
        override=Override.objects.filter(run=run, place=place, item_id=result.item_id).first(),
        tie_seed=run.seed,
        recipient=recipient.name if recipient else "",
        way=way,
        supposed=any(change["kind"] in ("need", "recount") for change in run.changes),
    )


def _with_figures(fact: Fact, run: Run, result: Result, at: int, *, whole: bool) -> Fact:
    """With weight, register and county; not where they would tell a neighbour's figures: a small
    county to a reader of less than it (`whole` False)."""
    missing = [name for bit, name in FIGURE_BITS if int(result.flags[at]) & bit]
    inside = result.county == result.county[at]
    small = not whole and int(np.count_nonzero(inside)) < PLACES_AT_LEAST
    if small and missing:
        return fact  # its weight is made of the median of the others
    weight = float(result.weight[at])
    around = Division.objects.filter(pk=int(result.county[at])).first()
    item = _item(run, fact.place, result.item_id)
    return replace(
        fact,
        weight=weight,
        missing=missing,
        registry=registry_of(run, item, fact.place, around, weight),
        county=None if small or around is None else _county(result, at, around, inside),
    )


def _item(run: Run, place: Place, item_id: int) -> CampaignItem:
    rows = run.campaign.items.select_related("item").filter(item_id=item_id)
    return rows.filter(place_kind=place.kind).first() or rows.get()


def _way(run: Run, result: Result, at: int) -> WayFact | None:
    """None where no lane limits anything: then one list is for all."""
    ways = ways_of(run)
    if ways is None or not carried_in(ways).by_hub:
        return None
    recipient = int(result.recipient[at])
    lanes = given_in(ways).lanes
    if not any(lane.recipient == recipient and lane.units_a_day != 0 for lane in lanes):
        return WayFact(reached=False)
    return WayFact(True, limit_of(ways, recipient))


def _more(ahead: int, drop: int, waves: list[WaveFact]) -> int:
    """What is left over counts, but not what a directed wave left: it stays with its recipients."""
    last = waves[-1] if waves else None
    left = last.cut["left"] if last and last.cut and not last.hubs else 0
    return max(1, ahead + drop - left)


def _county(result: Result, at: int, around: Division, inside: Mask) -> CountyFact:
    weight, given = result.weight[inside], result.given[inside]
    held = given + result.units[inside].sum(axis=1, dtype=np.int64)
    return CountyFact(
        division=around,
        places=len(weight),
        served_before=int(np.count_nonzero(given)),
        served=int(np.count_nonzero(held)),
        median_weight=float(np.median(weight)),
        heavier=int(np.count_nonzero(weight > result.weight[at])),
    )


def _waves(
    run: Run, waves: list[RunWave], result: Result, at: int, mine: Mask, *, by_hub: bool
) -> list[WaveFact]:
    on_hand = set(run.supply.filter(on_hand=True).values_list("wave", flat=True))
    recipient, travels = int(result.recipient[at]), ways_of(run) is not None
    facts = []
    for wave in waves:
        hubs = list(wave.hubs.all())
        cut = _cut(wave, result.item_id, recipient if by_hub else None)
        units = result.units[:, wave.number - 1]
        mine_now = int(units[at])
        facts.append(
            WaveFact(
                number=wave.number,
                day=wave.day,
                units=mine_now,
                places=cut["places"] if cut else int(np.count_nonzero(units[mine])),
                list_units=cut["units"] if cut else int(units[mine].sum()),
                waiting=cut["waiting"] if cut else 0,
                before=int(np.count_nonzero(mine & (units > 0) & (result.rank < result.rank[at])))
                if mine_now
                else 0,
                directed_elsewhere=bool(hubs) and recipient not in {hub.pk for hub in hubs},
                hubs=[hub.name for hub in hubs],
                on_hand=None if travels else wave.number in on_hand,
                cut=cut,
            )
        )
    return facts


def _cut(wave: RunWave, item: int, hub: int | None) -> CutRow | None:
    rows: list[CutRow] = wave.cut.get("lists", [])
    return next((row for row in rows if (row["item"], row["hub"]) == (item, hub)), None)
