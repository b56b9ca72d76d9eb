"""Take in what carriers say of their shipments, from a table or a program; never a posting."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tongzhou.interchange.tables import Column, Table
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of

from ..models import Shipment, StatusReport
from ..rules import Refused
from ..rules.moments import moment_in
from .hops import far_end

MOST_ROWS = 50_000
LONGEST_WHERE = 120
# The business steps of the Core Business Vocabulary (GS1 CBV 2.0) that a carrier can see.
EVENTS = (
    "loading",
    "departing",
    "shipping",
    "transporting",
    "arriving",
    "unloading",
    "receiving",
    "holding",
    "inspecting",
    "returning",
)
COLUMNS = (
    Column("shipment", ("Shipment or tracking number", "运单或物流号"), required=True, key=True),
    Column("event", ("Event", "事件"), required=True, key=True),
    Column("at", ("Time", "时间"), required=True, key=True),
    Column("where", ("Where", "地点")),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One row of a carrier: shipment (public id or tracking number), EPCIS step, when, where."""

    row: int
    shipment: str
    event: str
    at: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken."""

    row: int
    column: str
    value: str
    text: str


class TrackingRefused(Refused):
    """Nothing was taken in; `faults` says which rows are wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(
            "tracking.rows",
            _("Row %(row)d, %(column)s: %(text)s Nothing was taken in.")
            % {"row": first.row, "column": first.column, "text": first.text},
        )
        self.faults = tuple(faults)


def words_of(table: Table) -> list[Word]:
    """The rows of a table read with COLUMNS."""
    names = ("row", "shipment", "event", "at", "where")
    rows = table.frame.select(names).iter_rows()
    return [Word(row, shipment, event, at, where or "") for row, shipment, event, at, where in rows]


@transaction.atomic
def import_tracking(words: Sequence[Word], shipments: QuerySet[Shipment], *, by: Actor) -> int:
    """Store carriers' words on shipments out of those given (what the sender may report on).

    All or nothing; the same word again has no effect. Returns how many were new. One event for
    each shipment. Raises TrackingRefused.
    """
    if len(words) > MOST_ROWS:
        raise Refused("tracking.many", _("At most %(n)d rows are read at once.") % {"n": MOST_ROWS})
    known = _shipments(words, shipments)
    faults = [fault for word in words for fault in _faults(word, known)]
    if faults:
        raise TrackingRefused(faults)
    # By key, since a carrier's file may itself say the same thing twice.
    rows = {row.row_key: row for word in words for row in [_report(word, known, by)]}
    there = set(StatusReport.objects.filter(row_key__in=rows).values_list("row_key", flat=True))
    fresh = [row for key, row in rows.items() if key not in there]
    StatusReport.objects.bulk_create(fresh, batch_size=500)
    for shipment in {row.shipment_id: row.shipment for row in fresh}.values():
        _tell(shipment, [row for row in fresh if row.shipment_id == shipment.pk], by)
    return len(fresh)


def _shipments(words: Sequence[Word], among: QuerySet[Shipment]) -> dict[str, Shipment]:
    # PostgreSQL cannot even be asked for a text with a NUL in it.
    names = {word.shipment.strip() for word in words if "\x00" not in word.shipment}
    upper = {name.upper() for name in names}
    rows = among.filter(Q(public_id__in=upper) | Q(tracking_number__in=names))
    found: dict[str, Shipment] = {}
    for row in rows.select_related("from_place__division", "to_place__division"):
        found[row.public_id] = row
        if row.tracking_number:
            found[row.tracking_number] = row
    return found


def _of(word: Word, known: Mapping[str, Shipment]) -> Shipment | None:
    name = word.shipment.strip()
    return known.get(name.upper()) or known.get(name)


def _faults(word: Word, known: Mapping[str, Shipment]) -> list[Fault]:
    faults = []
    if _of(word, known) is None:
        text = _("No shipment of yours has this number.")
        faults.append(Fault(word.row, "shipment", word.shipment, text))
    if word.event not in EVENTS:
        text = _("Use one of: %(names)s.") % {"names": ", ".join(EVENTS)}
        faults.append(Fault(word.row, "event", word.event, text))
    if moment_in(word.at) is None:
        text = _("Write the time as 2023-01-08 14:05.")
        faults.append(Fault(word.row, "at", word.at, text))
    if len(word.where) > LONGEST_WHERE or "\x00" in word.where:
        text = _("Use at most 120 characters.")
        faults.append(Fault(word.row, "where", word.where[:40], text))
    return faults


def _report(word: Word, known: Mapping[str, Shipment], by: Actor) -> StatusReport:
    shipment, at = _of(word, known), moment_in(word.at)
    assert shipment is not None  # a word without either was a fault
    assert at is not None
    parts = (str(shipment.pk), word.event, at.isoformat(), word.where)
    return StatusReport(
        shipment=shipment,
        event=word.event,
        at=at,
        where=word.where.strip(),
        row_key=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
        by=str(by),
    )


def _tell(shipment: Shipment, rows: Sequence[StatusReport], by: Actor) -> None:
    last = max(rows, key=lambda row: row.at)
    record(
        "shipment.reported",
        shipment,
        by=by,
        chain=chain_of(far_end(shipment).division),
        after={"reports": len(rows), "event": last.event, "at": last.at.isoformat()},
    )
