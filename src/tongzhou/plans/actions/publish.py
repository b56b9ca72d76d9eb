"""Publish a run: a short freeze of what it gives, then a resumable job that posts part after
part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter, sleep

import numpy as np
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock, jobs
from tongzhou.kit.actions import Told, record, record_each
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.plans.models import AllocationLine, PublishPart, Run, RunSupply, RunWays
from tongzhou.plans.queries.results import Result, read_result
from tongzhou.plans.queries.ways import (
    Source,
    by_recipient,
    on_hand_of,
    on_hand_units,
    sent_on_hand,
    ways_of,
)
from tongzhou.plans.rules import (
    Ints,
    joined,
    lines_from_sources,
    packed_table,
    parts_of,
    unpacked_table,
)
from tongzhou.supplies.actions import Command, Leg, ManyLegs, post
from tongzhou.supplies.models import Bucket

from .refusal import PlanRefused

Report = Callable[[int, int, str], None]
LINES_A_TRANSACTION = 850
# SQLite has no queue for writers: one that waits looks again every tenth of a second. So after each
# transaction the door stays open for a part of the time for which it was shut.
SHARE_FOR_OTHERS = 0.5


@dataclass(frozen=True, slots=True)
class _Cut:
    """Lines of one item with everything that names them, all int64[m] in tree order."""

    place: Ints
    county: Ints
    recipient: Ints
    supply: Ints
    units: Ints


@transaction.atomic
def publish_run(run: Run, *, by: Actor) -> Run:
    """Freeze an approved run into parts by county and set its posting going.

    Raises PlanRefused unless a second person has approved it, the campaign is not closed and
    nothing was published since it was computed; then it has to be run again, since it does not
    know what was given meanwhile.
    """
    # With its campaign: two runs of one are not published at once.
    runs = Run.objects.select_for_update(of=("self", "campaign"))
    run = runs.select_related("campaign__division").get(pk=run.pk)
    if run.state != Run.State.REVIEWED:
        raise PlanRefused(_("A second person has to approve this run before it is published."))
    _refuse_if_closed(run)
    _refuse_if_overtaken(run)
    count = 0
    for result in read_result(run):
        cut = _cut(run, result)
        count += _freeze_parts(run, cut)
    if not count:
        raise PlanRefused(
            _("This run gives nothing that is on hand now; there is nothing to publish.")
        )
    run.state = Run.State.PUBLISHING
    run.save(update_fields=["state"])
    record(
        "plan.publishing",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": Run.State.REVIEWED},
        after={"state": Run.State.PUBLISHING, "parts": count, "run": run.pk},
    )
    start_posting(run, by=by, total=count)
    return run


def start_posting(run: Run, *, by: Actor, total: int) -> Job:
    """Set the posting going; each start is a job of its own, and leads back to the run's page."""
    starts = Job.objects.filter(kind="plans.publish", payload__run=run.pk).count()
    payload = {"run": run.pk, "return_to": reverse("run", args=[run.pk])}
    return jobs.enqueue(
        "plans.publish", f"publish:{run.pk}:{starts + 1}", payload, by=by, total=total
    )


def _refuse_if_closed(run: Run) -> None:
    """Read under a lock: a campaign is not closed while its plan is being frozen."""
    campaign = Campaign.objects.select_for_update().get(pk=run.campaign_id)
    if campaign.state == Campaign.State.CLOSED:
        raise PlanRefused(_("The campaign is closed. Open it again, then publish the plan."))


def _refuse_if_overtaken(run: Run) -> None:
    others = Run.objects.filter(campaign=run.campaign).exclude(pk=run.pk)
    later = others.filter(published_at__gt=run.computed_at).first()
    if later or others.filter(state=Run.State.PUBLISHING).exists():
        raise PlanRefused(
            _(
                "Another run was published after this one was computed. Run the plan again, so"
                " that it counts what was given meanwhile."
            )
        )


def _cut(run: Run, result: Result) -> _Cut:
    """What comes out of goods on hand, by county, then recipient, then place: each part is then one
    run of lines."""
    ways = ways_of(run)
    pieces = list(_by_wave(run, result) if ways is None else _by_recipient(run, ways, result))
    empty = np.zeros(0, dtype=np.int64)
    if not pieces:
        return _Cut(empty, empty, empty, empty, empty)
    names = ("place", "county", "recipient", "supply", "units")
    whole = [np.concatenate([getattr(piece, name) for piece in pieces]) for name in names]
    order = np.lexsort((whole[0], whole[2], whole[1]))
    return _Cut(*(column[order] for column in whole))


def _by_wave(run: Run, result: Result) -> Iterator[_Cut]:
    """Serve each wave on hand from its own sources, places in tree order."""
    for wave in run.waves.order_by("number"):
        # By id, so that which place is served from which lot does not hang on chance.
        sources = list(
            run.supply.filter(wave=wave.number, item_id=result.item_id, on_hand=True).order_by("pk")
        )
        if sources:
            held = [(source.pk, source.units) for source in sources]
            yield _lines(result, on_hand_of(run, result, wave.number), held)


def _by_recipient(run: Run, ways: RunWays, result: Result) -> Iterator[_Cut]:
    """Serve each recipient's places from the docks that the plan's shipments come from, and from
    none of them with more than these carry."""
    units = on_hand_units(run, result)
    supply = run.supply.filter(item_id=result.item_id, on_hand=True)
    left = dict(supply.order_by("pk").values_list("pk", "units"))
    for recipient, sources in by_recipient(sent_on_hand(ways, result.item_id)).items():
        held = [part for source, most in sources for part in _take(source, most, left)]
        yield _lines(result, np.where(result.recipient == recipient, units, 0), held)


def _take(source: Source, most: int, left: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Out of a source's lots and donations in their order; what is taken is no longer left."""
    for pk in sorted(source.supply):
        units = min(most, left.get(pk, 0))
        if units:
            left[pk] -= units
            most -= units
            yield pk, units


def _lines(result: Result, units: Ints, held: Sequence[tuple[int, int]]) -> _Cut:
    lines = lines_from_sources(units, [count for _pk, count in held])
    ids = np.array([pk for pk, _count in held], dtype=np.int64)
    return _Cut(
        result.place[lines.place],
        result.county[lines.place],
        result.recipient[lines.place],
        ids[lines.source],
        lines.units,
    )


def _freeze_parts(run: Run, cut: _Cut) -> int:
    # One number for county and recipient, since a part belongs to one of each.
    group = cut.county * (cut.recipient.max(initial=0) + 1) + cut.recipient
    table = np.stack((cut.place, cut.supply, cut.units))
    numbers: dict[tuple[int, int], int] = {}
    rows = []
    for start, end in parts_of(group):
        key = (int(cut.county[start]), int(cut.recipient[start]))
        numbers[key] = numbers.get(key, 0) + 1
        rows.append(
            PublishPart(
                run=run,
                county_id=key[0],
                recipient_id=key[1],
                part=numbers[key],
                lines=end - start,
                units=int(cut.units[start:end].sum()),
                data=packed_table(table[:, start:end]),
            )
        )
    PublishPart.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def post_parts(run: Run, report: Report, *, by: Actor) -> int:
    """Post every part that is not posted yet, a few to a transaction; returns how many there are.

    Safe to stop anywhere and start again: a part is posted with its mark or not at all.
    """
    total = run.parts.count()
    waiting = list(
        run.parts.filter(posted_at__isnull=True)
        .order_by("county__first", "part")
        .values_list("pk", "lines")
    )
    supply = {source.pk: source for source in run.supply.filter(on_hand=True)}
    done = total - len(waiting)
    for ids in joined(waiting, LINES_A_TRANSACTION):
        start = perf_counter()
        with transaction.atomic():
            refuse_unless_publishing(Run.objects.select_for_update().get(pk=run.pk))
            # The run first, then its parts, as whoever takes one back does: no two wait in a ring.
            parts = _locked(ids)
            _post([parts[pk] for pk in ids if parts[pk].posted_at is None], supply, by)
        done += len(ids)
        if connection.vendor == "sqlite":
            # PostgreSQL lets others write beside us; SQLite has one writer, and its door must open.
            sleep(SHARE_FOR_OTHERS * (perf_counter() - start))
        report(done, total, gettext_noop("Publishing"))
    return total


def _locked(ids: Sequence[int]) -> dict[int, PublishPart]:
    """Parts by id, locked; not their counties, which others refer to meanwhile."""
    rows = PublishPart.objects.select_for_update(of=("self",)).select_related("county")
    return rows.in_bulk(ids)


def refuse_unless_publishing(run: Run) -> None:
    """Raises PlanRefused once the rest of a run was taken back: it must not be posted any more."""
    if run.state != Run.State.PUBLISHING:
        raise PlanRefused(_("This run is not being published; nothing more of it is posted."))


def _post(parts: Sequence[PublishPart], supply: dict[int, RunSupply], by: Actor) -> None:
    """Reserve the units of parts for their places: for each one move, its lines, one event, its
    mark."""
    tables = [unpacked_table(bytes(part.data)) for part in parts]
    moves = _reserve(parts, tables, supply, by)
    _write_lines(parts, tables)
    PublishPart.objects.filter(pk__in=[part.pk for part in parts]).update(
        posted_at=clock.now(), data=b""
    )
    record_each(
        "plan.part_published",
        [
            Told(
                part,
                chain_of(part.county),
                after={
                    "run": part.run_id,
                    "lines": part.lines,
                    "units": part.units,
                    "move": move,
                },
            )
            for part, move in zip(parts, moves, strict=True)
        ],
        by=by,
    )


def _reserve(
    parts: Sequence[PublishPart], tables: Sequence[Ints], supply: dict[int, RunSupply], by: Actor
) -> list[int | None]:
    """The ids of the moves. Raises PlanRefused for the first part that the ledger refuses."""
    now = clock.now()
    results = post(
        [
            Command(
                command_id=f"publish:{part.run_id}:{part.pk}",
                kind="reserve",
                occurred_at=now,
                by=by,
                legs=_legs(table, supply),
            )
            for part, table in zip(parts, tables, strict=True)
        ]
    )
    for part, result in zip(parts, results, strict=True):
        if result.status not in ("done", "duplicate"):
            raise PlanRefused(
                _("County %(code)s cannot be reserved: %(reason)s")
                % {"code": part.county.code, "reason": result.reason}
            )
    return [result.move_id for result in results]


def _legs(table: Ints, supply: dict[int, RunSupply]) -> list[Leg | ManyLegs]:
    """Out of each dock's source in one leg, to the reserved stock of each place in many."""
    place, source, units = table
    legs: list[Leg | ManyLegs] = []
    for pk in np.unique(source).tolist():
        rows = source == pk
        origin = supply[pk]
        # Goods on hand always have both: a constraint of the table says so.
        assert origin.lot_id is not None
        assert origin.fund_id is not None
        known = (origin.item_id, origin.lot_id, origin.fund_id)
        legs.append(Leg(origin.dock_id, Bucket.ON_HAND, *known, -int(units[rows].sum())))
        legs.append(ManyLegs(place[rows].tolist(), Bucket.RESERVED, *known, units[rows].tolist()))
    return legs


def _write_lines(parts: Sequence[PublishPart], tables: Sequence[Ints]) -> None:
    with connection.cursor() as cursor:
        # A nation has some 600,000 lines: bulk_create takes eight times as long for them.
        cursor.executemany(
            f"INSERT INTO {AllocationLine._meta.db_table}"
            " (run_id, place_id, supply_id, part_id, units) VALUES (%s, %s, %s, %s, %s)",
            [
                (part.run_id, place, source, part.pk, units)
                for part, table in zip(parts, tables, strict=True)
                for place, source, units in table.T.tolist()
            ],
        )


@transaction.atomic
def finish_publishing(run: Run, *, by: Actor) -> Run:
    """Say that every part is posted; what follows (shipments, notices) starts from this event."""
    runs = Run.objects.select_for_update(of=("self",)).select_related("campaign__division")
    run = runs.get(pk=run.pk)
    # A job that was tried again after its last step comes here twice.
    if run.state != Run.State.PUBLISHING:
        return run
    if run.parts.filter(posted_at__isnull=True).exists():
        raise PlanRefused(_("Some counties are not posted yet; the run is not published."))
    run.state, run.published_at = Run.State.PUBLISHED, clock.now()
    run.take_back_by = run.take_back_note = ""
    run.save(update_fields=["state", "published_at", "take_back_by", "take_back_note"])
    record(
        "plan.published",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": Run.State.PUBLISHING},
        after={"state": Run.State.PUBLISHED, "run": run.pk, "campaign": run.campaign.public_id},
    )
    return run
