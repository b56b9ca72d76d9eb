"""Why a node gets what it gets: its bounds, the rank of each of its drops, each wave, the next."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger
from ..problem.model import NO_REQUEST
from ..waves import OPEN, Cut
from .standing import Standing
from .transport import Price
from .whole import whole

if TYPE_CHECKING:
    from .model import Plan

DROPS_SHOWN = 200

LIMITS = {
    "cap": "It holds what the registry says it can use at most.",
    "request": "It holds what it asked for.",
    "stock": "Its verified stock already covers what it can use.",
    "drop": "What it could still use is less than one drop, and drops are not split.",
    "supply": "The supply ends before its next drop.",
    "lane": "What can be brought to its hub ends before its next drop.",
    "unreached": "No lane leads to it.",
    "direction": "A wave was directed to other hubs and served claims that come after its next.",
    "person": "A named person fixed its units; they are not ranked.",
}


@dataclass(frozen=True, slots=True)
class RankedDrop:
    """One drop of a node: its place in the list (from 1), and the wave that gave it, if any."""

    number: int
    stage: str
    key: float
    rank: int
    wave: int | None


@dataclass(frozen=True, slots=True)
class WaveLine:
    """One wave as this node sees it; cut_rank: drops of the list up to the last one given."""

    wave: int
    day: int
    hubs: tuple[str, ...]
    reached: bool
    published: bool
    units: int
    cut_stage: str | None
    cut_key: float | None
    cut_rank: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that decided the units of one node, as figures.

    validated: min(request, cap); held: stock and units of this plan; drops: the first 200 of the
    `own_drops` it has among `list_drops`; limit: a key of LIMITS; more_units: how many more units
    must arrive before its next drop is given in a wave open to all; with lanes, arrive at its hub.
    None when none can come or more than 2,000,000 drops would have to be ranked for it. hub: where
    it shares a cut, None where the list is one for all; binding: the limit on the way to the hub
    that one unit more of would be worth most.
    """

    node: str
    item: str
    weight: float
    estimated: bool
    floor: int
    cap: int
    request: int | None
    validated: int
    stock: int
    drop: int
    units: int
    held: int
    drops: tuple[RankedDrop, ...]
    own_drops: int
    list_drops: int
    waves: tuple[WaveLine, ...]
    limit: str
    next: RankedDrop | None
    more_units: int | None
    hub: str | None = None
    binding: Price | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a key without end (weight 0) becomes None."""
        plain = asdict(self)
        for drop in [*plain["drops"], *([plain["next"]] if plain["next"] else [])]:
            drop["key"] = drop["key"] if np.isfinite(drop["key"]) else None
        return plain

    def sentences(self) -> list[str]:
        """The same in English, for the command line."""
        return list(_sentences(self))


def explain(plan: "Plan", node: str, item: str) -> Explanation:
    """The explanation of one node and item; KeyError when the problem has no such need."""
    problem = plan.need_problem()
    row = problem.row_of(node, item)
    needs = problem.needs
    standing = plan.standing(int(needs.item[row]))
    units = plan.units_of(row)
    held = int(needs.stock[row] + units.sum())
    request, cap = int(needs.request[row]), int(needs.cap[row])
    # Not by the column of all rows, which nothing may have asked for yet.
    validated = cap if request == NO_REQUEST else min(request, cap)
    drops, own_drops = _drops(standing, row)
    following = next((drop for drop in drops if drop.wave is None), None)
    waves = tuple(_waves(plan, standing, row, units))
    return Explanation(
        node=node,
        item=item,
        weight=float(needs.weight[row]),
        estimated=bool(needs.estimated[row]),
        floor=int(needs.floor[row]),
        cap=cap,
        request=None if request == NO_REQUEST else request,
        validated=validated,
        stock=int(needs.stock[row]),
        drop=int(needs.drop[row]),
        units=int(units.sum()),
        held=held,
        drops=tuple(drops[:DROPS_SHOWN]),
        own_drops=own_drops,
        list_drops=len(standing.ledger),
        waves=waves,
        limit=_limit(plan, row, validated, held, following, waves),
        next=following,
        more_units=_more_units(plan, standing, row, following),
        **_way(plan, row),
    )


def _way(plan: "Plan", row: int) -> dict[str, Any]:
    """The hub of a row and what binds on the way to it; nothing where the list is one for all."""
    if not plan.by_hub:
        return {}
    needs = plan.need_problem().needs
    hub = int(plan.hubs.of_node[needs.node[row]])
    if hub < 0:
        return {"hub": ""}
    item = plan.item_ids[needs.item[row]]
    return {
        "hub": plan.hubs.labels[hub],
        "binding": plan.hubs.binding(plan.prices, hub, item),
    }


def _drops(standing: Standing, row: int) -> tuple[list[RankedDrop], int]:
    """The drops of a row that are shown, with its next one, and how many it has."""
    ledger = standing.ledger
    own = ledger.ranks_of(ledger.position(row))
    given = int(np.count_nonzero(standing.wave_of[own] != OPEN))
    ranks = own.tolist()
    wanted = [*range(min(len(ranks), DROPS_SHOWN))]
    # Beyond those shown, only the next one is looked for.
    if DROPS_SHOWN <= given < len(ranks):
        wanted.append(given)
    shown = [
        RankedDrop(
            number=number + 1,
            stage=ledger.stage(ranks[number]),
            key=ledger.key_of(ranks[number], number),
            rank=ranks[number] + 1,
            wave=None if number >= given else int(standing.wave_of[ranks[number]]),
        )
        for number in wanted
    ]
    return shown, len(ranks)


def _waves(plan: "Plan", standing: Standing, row: int, units: NDArray[Any]) -> Iterator[WaveLine]:
    problem = plan.need_problem()
    node, item = int(problem.needs.node[row]), standing.ledger.item
    above = set(problem.path(node))
    cuts: dict[int, Cut] = plan.cuts_of(item, node)
    for number, wave in enumerate(plan.waves):
        cut = cuts.get(number)
        last = standing.last.get(number)
        if plan.by_hub:
            last = cut.last if cut else None
        yield WaveLine(
            wave=number,
            day=wave.day,
            hubs=wave.hubs,
            reached=not wave.hubs or not above.isdisjoint(wave.hubs),
            published=number in plan.published,
            units=int(units[number]),
            cut_stage=cut.stage if cut else None,
            cut_key=cut.key if cut else None,
            cut_rank=None if last is None else last + 1,
        )


def _limit(
    plan: "Plan",
    row: int,
    validated: int,
    held: int,
    following: RankedDrop | None,
    waves: tuple[WaveLine, ...],
) -> str:
    needs = plan.need_problem().needs
    stock, drop = int(needs.stock[row]), int(needs.drop[row])
    if plan.is_fixed(row):
        return "person"
    if plan.by_hub and plan.hubs.of_node[needs.node[row]] < 0:
        return "unreached"
    if following and plan.by_hub:
        return "lane"
    if following:
        # A wave elsewhere only binds when it served a claim that this one comes before.
        passed = any(
            not wave.reached and wave.cut_rank is not None and wave.cut_rank > following.rank
            for wave in waves
        )
        return "direction" if passed else "supply"
    if stock >= validated:
        return "stock"
    if validated - held >= drop:
        return "supply"  # all supply together does not fill its next drop
    if validated > held:
        return "drop"
    return "request" if validated < int(needs.cap[row]) else "cap"


def _more_units(
    plan: "Plan", standing: Standing, row: int, following: RankedDrop | None
) -> int | None:
    if following is None:
        return None
    ledger = whole(plan, standing.ledger.item)
    if ledger is None:
        return None
    drop = int(plan.need_problem().needs.drop[row])
    if not plan.by_hub and ledger is standing.ledger:
        return max(0, standing.waiting(following.rank - 1) + drop - standing.left)
    left = standing.left
    if plan.by_hub:
        cuts = plan.cuts_of(ledger.item, int(plan.need_problem().needs.node[row]))
        if not cuts:
            return None
        left = cuts[max(cuts)].left
    return max(0, _waiting(plan, standing, ledger, row) + drop - left)


def _waiting(plan: "Plan", standing: Standing, ledger: Ledger, row: int) -> int:
    """Units of drops not given that come before the next one of a row, in its hub's list where
    lanes limit; `ledger`: the whole list."""
    taken = standing.ledger.row_of[standing.wave_of != OPEN]
    given = np.bincount(taken, minlength=len(ledger.rows))
    at = ledger.position(row)
    before = slice(int(ledger.ranks_of(at)[given[at]]))
    rows = ledger.row_of[before]
    # The drops of a row are given in their order.
    waits = ledger.order[before] - ledger.offset[rows] >= given[rows]
    if plan.by_hub:
        hub_of = plan.hubs.of_node[plan.need_problem().needs.node[ledger.rows]]
        waits &= hub_of[rows] == hub_of[at]
    return int(ledger.drop[rows[waits]].sum())


def _sentences(why: Explanation) -> Iterator[str]:
    yield (
        f"Node {why.node} gets {why.units:,} units of {why.item} and then holds {why.held:,}; "
        f"it can use {why.validated:,} (registry cap {why.cap:,}, request "
        f"{'none' if why.request is None else format(why.request, ',')}, stock {why.stock:,})."
    )
    estimated = " (partly the median of its parent, a figure is missing)" if why.estimated else ""
    yield (
        f"Its weight is {why.weight:g}{estimated}, its floor {why.floor:,}, "
        f"one drop is {why.drop:,} units."
    )
    for drop in why.drops[:20]:
        fate = "waits" if drop.wave is None else f"was given in wave {drop.wave}"
        yield (
            f"Drop {drop.number} ranks {drop.rank:,} of {why.list_drops:,} "
            f"({drop.stage}, key {drop.key:.6g}) and {fate}."
        )
    if why.own_drops > 20:
        yield f"It has {why.own_drops - 20:,} drops more."
    for wave in why.waves:
        yield _wave_sentence(wave)
    yield LIMITS[why.limit]
    if why.binding:
        yield f"What binds most on the way to its hub is {_limit_words(why.binding)}."
    if why.more_units is not None:
        where = "for all hubs" if why.hub is None else f'at hub "{why.hub}"'
        yield f"Its next drop comes when {why.more_units:,} more units arrive {where}."


def _limit_words(price: Price) -> str:
    days = f"days {price.first_day} to {price.last_day}"
    if price.kind == "supply":
        return f'the supply of producer "{price.what[0]}" up to day {price.last_day}'
    if price.kind == "lane":
        return f'the lane from "{price.what[0]}" to "{price.what[1]}" ({days})'
    return f'what node "{price.what[0]}" can take in ({days})'


def _wave_sentence(wave: WaveLine) -> str:
    start = f"Wave {wave.wave} on day {wave.day}"
    if wave.published:
        return f"{start} was published with {wave.units:,} units for it."
    if not wave.reached:
        return f"{start} was directed to {', '.join(wave.hubs)} and did not reach it."
    if wave.cut_rank is None:
        return f"{start} gave {wave.units:,} units to it and ranked no drop."
    return (
        f"{start} gave {wave.units:,} units to it; the list was cut after rank {wave.cut_rank:,}."
    )
