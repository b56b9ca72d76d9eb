"""Parcels of a county, what still waits to be packed, and who holds a slip."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from tongzhou.interchange import receive_tokens
from tongzhou.interchange.refusals import CodeRefused
from tongzhou.interchange.trace_ids import TraceKind, trace_id
from tongzhou.places.models import Division, Place
from tongzhou.plans.models import AllocationLine, Run, RunArrays
from tongzhou.plans.queries.results import read_result

from ..models import Parcel, ParcelLine
from ..rules import Held, Planned
from .shipments import at_depot


def unpacked(run: Run, county: Division) -> list[Planned]:
    """What was published for a county's places that have no parcel of the run, in tree order."""
    rows = (
        AllocationLine.objects.filter(part__run=run, part__county=county)
        .exclude(place__in=Parcel.objects.filter(run=run).values("place"))
        .order_by("part__part", "id")
        .values_list("place_id", "supply__item_id", "supply__lot_id", "supply__fund_id", "units")
    )
    lines: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for place, *line in rows:
        lines[place].append((line[0], line[1], line[2], line[3]))
    return [Planned(place, tuple(of_place)) for place, of_place in lines.items()]


def ranks_of(run: Run, places: Sequence[int]) -> dict[int, int]:
    """Each place's rank in the run's one list; {} for a run whose result is not kept.

    0 in the result means that a place needs nothing more, because its drops came first.
    """
    if not RunArrays.objects.filter(run=run).exists():
        return {}
    found: dict[int, int] = {}
    for result in read_result(run):
        rows = np.flatnonzero(np.isin(result.place, places))
        pairs = zip(result.place[rows].tolist(), result.rank[rows].tolist(), strict=True)
        for place, rank in pairs:
            found[place] = min(rank, found.get(place, rank))
    return found


def served(
    campaign_id: int, places: Sequence[int], *, received: bool = False
) -> set[tuple[int, int]]:
    """(place, item) of which the campaign has packed, or brought, units before."""
    rows = ParcelLine.objects.filter(parcel__place__in=places, parcel__campaign=campaign_id)
    if received:
        rows = rows.filter(received_units__gt=0)
    return set(rows.values_list("parcel__place_id", "item_id"))


def parcel_lines(parcels: Iterable[int]) -> dict[int, list[Held]]:
    """The lines of parcels in one order for ever."""
    rows = ParcelLine.objects.filter(parcel__in=list(parcels)).order_by("id")
    found: dict[int, list[Held]] = defaultdict(list)
    for row in rows.values_list("parcel_id", "id", "item_id", "lot_id", "fund_id", "units"):
        found[row[0]].append(Held(*row[1:]))
    return found


def lines_of(parcels: Iterable[Parcel]) -> QuerySet[ParcelLine]:
    """The lines that were packed; units that came by mistake are not among them."""
    return ParcelLine.objects.filter(parcel__in=[p.pk for p in parcels], units__gt=0).order_by("id")


def parcel_by_token(text: str) -> Parcel | None:
    """The parcel whose slip carries this token; None when there is none, or it is no token."""
    try:
        digest = receive_tokens.token_hash(text)
    except CodeRefused:
        return None
    return (
        Parcel.objects.filter(token_hash=digest)
        .select_related("place__division", "depot__division", "campaign")
        .first()
    )


def parcel_by_public_id(text: str) -> Parcel | None:
    """The parcel of an outer label, also when typed by hand."""
    try:
        public_id = trace_id(text, TraceKind.PARCEL)
    except CodeRefused:
        return None
    return (
        Parcel.objects.filter(public_id=public_id)
        .select_related("place__division", "depot__division", "campaign")
        .first()
    )


@dataclass(frozen=True, slots=True)
class ToPack:
    """A plan of which units lie at a depot: how many, and how many places wait for them."""

    run: Run
    units: int
    places: int


def to_pack(depot: Place) -> list[ToPack]:
    """The plans of which a depot holds units that are in no parcel yet."""
    runs = Run.objects.filter(
        shipments__to_place=depot, shipments__lines__received_units__gt=0
    ).distinct()
    found = []
    for run in runs.select_related("campaign").order_by("pk"):
        units = sum(at_depot(run.pk, depot.pk, depot.division_id).values())
        if units > 0:
            found.append(ToPack(run, units, len(unpacked(run, depot.division))))
    return found
