"""What a run's plan makes of its lanes: units, use, what limits it, and what would change it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tongzhou.campaigns.models import Recipient
from tongzhou.places.models import Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import RunWays
from tongzhou.supplies.models import Item

from .results import read_result
from .ways import Carried, Given, Worth, carried_in, given_in, on_hand_units, sent_on_hand


@dataclass(frozen=True, slots=True)
class LaneUse:
    """A lane of a run, or what a hub takes in (`dock` None: from all docks).

    units: sent by it in all; most: what its days up to the last wave could carry, None without a
    limit; units_a_day: its limit, None where it has none, the largest where it changes; full_days:
    days on which one unit more would change the plan; last: the last of them; worth: what that is
    worth, for the order only.
    """

    dock: Place | None
    recipient: Recipient
    lead_days: int
    units: int
    most: int | None
    units_a_day: int | None
    full_days: int
    last: date | None
    worth: float


@dataclass(frozen=True, slots=True)
class SentLine:
    """Units of an item that leave a dock for a recipient on a day."""

    dock: Place
    recipient: Recipient
    item: Item
    leaves: date
    arrives: date
    units: int


@dataclass(frozen=True, slots=True)
class Limit:
    """What limits most on the way to a recipient: kind lane, inbound or supply."""

    kind: str
    dock: Place | None
    recipient: Recipient
    full_days: int
    last: date


def lane_uses(ways: RunWays, scope: Scope) -> list[LaneUse]:
    """The lanes to recipients that a scope touches: first those whose limit costs most, then those
    that are used most."""
    given, carried = given_in(ways), carried_in(ways)
    docks, recipients = _named(given)
    end = _last_day(ways)
    rows = [
        _lane_use(given, carried, docks[dock], recipients[hub], end)
        for dock, hub in dict.fromkeys((lane.dock, lane.recipient) for lane in given.lanes)
        if hub in recipients
    ]
    rows += [
        _hub_use(given, carried, recipients[hub], most, end)
        for hub, most in given.inbound.items()
        if hub in recipients
    ]
    seen = [row for row in rows if touches(scope, row.recipient)]
    return sorted(seen, key=lambda row: (-row.worth, -_share(row)))


def sent_lines(ways: RunWays, scope: Scope) -> Iterator[SentLine]:
    """What the plan sends day by day, goods still promised included."""
    given, carried = given_in(ways), carried_in(ways)
    docks, recipients = _named(given)
    items = Item.objects.in_bulk({row.item for row in carried.sent})
    for row in sorted(carried.sent, key=lambda row: (row.ship_day, row.source, row.recipient)):
        recipient = recipients.get(row.recipient)
        if recipient is not None and touches(scope, recipient):
            yield SentLine(
                docks[given.sources[row.source].dock],
                recipient,
                items[row.item],
                given.opened_on + timedelta(days=row.ship_day),
                given.opened_on + timedelta(days=row.arrive_day),
                row.units,
            )


def unreached_in(ways: RunWays) -> list[Recipient]:
    """Recipients to which no lane of the run leads."""
    reached = {lane.recipient for lane in given_in(ways).lanes if lane.units_a_day != 0}
    rows = ways.run.campaign.recipients.exclude(pk__in=reached)
    return list(rows.select_related("division").order_by("division__first"))


def not_followed(ways: RunWays) -> int:
    """Units on hand that the plan sends and publishing leaves at their dock, since they make no
    whole drop where they arrive."""
    run = ways.run
    if not ways.data:
        return 0
    sent = covered = 0
    for result in read_result(run):
        sent += sum(units for _source, _hub, units in sent_on_hand(ways, result.item_id))
        covered += int(on_hand_units(run, result).sum())
    return sent - covered


def limit_of(ways: RunWays, recipient: int) -> Limit | None:
    """What limits most on the way to a recipient, by the prices of the plan; None if nothing."""
    given, carried = given_in(ways), carried_in(ways)
    docks, recipients = _named(given)
    if recipient not in recipients:
        return None
    sources = {lane.dock for lane in given.lanes if lane.recipient == recipient}
    found = [
        row
        for row in carried.worths
        if row.stage == "days"
        and (
            given.sources[row.source].dock in sources
            if row.kind == "supply"
            else row.recipient == recipient
        )
    ]
    if not found:
        return None
    best = max(found, key=lambda row: row.price)
    same = [r for r in found if (r.kind, r.source) == (best.kind, best.source)]
    days, last = _days(same)
    dock = None if best.kind == "inbound" else docks[given.sources[best.source].dock]
    when = given.opened_on + timedelta(days=last)
    return Limit(best.kind, dock, recipients[recipient], days, when)


def _lane_use(
    given: Given, carried: Carried, dock: Place, recipient: Recipient, end: int
) -> LaneUse:
    lanes = [r for r in given.lanes if (r.dock, r.recipient) == (dock.pk, recipient.pk)]
    numbers = [n for n, source in enumerate(given.sources) if source.dock == dock.pk]
    units = sum(
        r.units for r in carried.sent if r.source in numbers and r.recipient == recipient.pk
    )
    limits = [r.units_a_day for r in lanes]
    most = sum(
        (lane.units_a_day or 0) * max(0, min(end - lane.lead_days, until) - lane.from_day + 1)
        for lane in lanes
        for until in [end if lane.until_day is None else lane.until_day]
    )
    prices = [
        r
        for r in carried.worths
        if r.kind == "lane" and r.source in numbers and r.recipient == recipient.pk
    ]
    days, last = _days(prices)
    return LaneUse(
        dock=dock,
        recipient=recipient,
        lead_days=min(lane.lead_days for lane in lanes),
        units=units,
        most=None if None in limits else most,
        units_a_day=None if None in limits else max(limit or 0 for limit in limits),
        full_days=days,
        last=given.opened_on + timedelta(days=last) if days else None,
        worth=_worth(prices),
    )


def _hub_use(
    given: Given, carried: Carried, recipient: Recipient, units_a_day: int, end: int
) -> LaneUse:
    """What a hub takes in; its days begin with the first that anything can arrive on."""
    prices = [r for r in carried.worths if r.kind == "inbound" and r.recipient == recipient.pk]
    leads = [r.from_day + r.lead_days for r in given.lanes if r.recipient == recipient.pk]
    days, last = _days(prices)
    return LaneUse(
        dock=None,
        recipient=recipient,
        lead_days=0,
        units=sum(r.units for r in carried.sent if r.recipient == recipient.pk),
        most=units_a_day * max(0, end - min(leads, default=end) + 1),
        units_a_day=units_a_day,
        full_days=days,
        last=given.opened_on + timedelta(days=last) if days else None,
        worth=_worth(prices),
    )


def _days(prices: Iterable[Worth]) -> tuple[int, int]:
    """How many days the limits of these prices last, and the last of them."""
    days = {day for row in prices for day in range(row.first_day, row.last_day + 1)}
    return len(days), max(days, default=0)


def _worth(prices: Iterable[Worth]) -> float:
    """Of the stage that counts most: a floor that is missed weighs more than any coverage."""
    by_stage: dict[str, float] = defaultdict(float)
    for row in prices:
        by_stage[row.stage] += row.price * (row.last_day - row.first_day + 1)
    return by_stage["floor"] * 1e6 + by_stage["days"]


def _share(row: LaneUse) -> float:
    return row.units / row.most if row.most else 0.0


def _last_day(ways: RunWays) -> int:
    last = ways.run.waves.order_by("number").last()
    return (last.day - ways.opened_on).days if last else 0


def _named(given: Given) -> tuple[dict[int, Place], dict[int, Recipient]]:
    docks = Place.objects.in_bulk({source.dock for source in given.sources})
    docks |= Place.objects.in_bulk({lane.dock for lane in given.lanes} - docks.keys())
    hubs = {lane.recipient for lane in given.lanes} | given.inbound.keys()
    return docks, Recipient.objects.select_related("division").in_bulk(hubs)


def touches(scope: Scope, recipient: Recipient) -> bool:
    """Whether a recipient stands in a scope, or the scope in its division."""
    division = recipient.division
    return any(first <= division.last and division.first <= last for first, last in scope.intervals)
