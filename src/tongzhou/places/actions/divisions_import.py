"""Changes of the tree by import: new, renamed, moved, merged and closed divisions, or a country."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction

from tongzhou.interchange.tables import Table, read
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor, Json

from .. import queries
from ..models import Division
from ..rules import Scope, initials_of, pinyin_of
from ..rules.columns import DIVISIONS
from . import bulk, index
from .divisions_judged import OFFSET, Judged, attributes, judge
from .renumber import renumber
from .reports import ROWS_SHOWN, ImportRefused, Progress, Report, report_of, silent
from .staging import Counts

CODES_IN_EVENT = 200


def read_division_table(source: Path | bytes | str) -> Table:
    """A CSV, XLSX or Parquet file of divisions. Raises TableRefused."""
    return read(source, DIVISIONS)


def preview_divisions(
    table: Table, *, within: Scope | None = None, progress: Progress = silent
) -> Report:
    """What an import of this table would do; writes nothing."""
    with transaction.atomic():
        progress("checking")
        return _report(table, judge(table.frame, within))


def import_divisions(
    table: Table, *, by: Actor, within: Scope | None = None, progress: Progress = silent
) -> Report:
    """Change the tree as the table says, in one transaction, or raise ImportRefused.

    A row's key is its code. Every division keeps its id, so every record stays where it is; numbers
    change only where a gap is too small. A division with a successor is closed and lies inside it
    from then on, its children move to it. The same file a second time has no effect.
    """
    with transaction.atomic():
        progress("checking")
        judged = judge(table.frame, within)
        report = _report(table, judged)
        if not report.sound:
            raise ImportRefused(report)
        if report.new or report.changed:
            progress("writing")
            _apply(judged)
            _record(judged, report, by)
    return report


def _report(table: Table, judged: Judged) -> Report:
    there = Division.objects.in_bulk([judged.known[r["code"]].id for r in judged.rows])
    states = {r["row"]: _state(judged, r, there) for r in judged.rows}
    kinds = list(states.values())
    counts = Counts(kinds.count("new"), kinds.count("changed"), kinds.count("same"))
    shown = [
        {
            **{name: row[name] for name in ("row", "code", "name", "parent", "successor")},
            "state": states[row["row"]],
        }
        for row in islice(judged.rows, ROWS_SHOWN)
    ]
    return report_of(table, judged.found, counts, shown)


def _state(judged: Judged, row: dict[str, Any], there: dict[int, Division]) -> str:
    known = judged.known[row["code"]]
    if known.new:
        return "new"
    division = there[known.id]
    moving = known.id in judged.moved or known.id in judged.closing
    differs = any(getattr(division, name) != value for name, value in attributes(row))
    return "changed" if moving or differs else "same"


def _apply(judged: Judged) -> None:
    new = [_division(judged, row) for row in judged.new]
    frame = pl.DataFrame([_stored(division) for division in new], infer_schema_length=None)
    if new:
        bulk.insert_frame("places_division", frame)
        bulk.keep_sequence(Division)
    renumber(new, judged.moved)
    _change(judged)
    today = clock.today()
    for pk, successor in judged.closing.items():
        closed = Division.objects.filter(pk=pk)
        closed.update(successor=successor)
        closed.filter(valid_to=None).update(valid_to=today)


def _division(judged: Judged, row: dict[str, Any]) -> Division:
    """A new division, below all numbers until it gets its own."""
    known = judged.known[row["code"]]
    given = dict(attributes(row))
    name = given.pop("name", row["code"])
    return Division(
        id=known.id,
        code=row["code"],
        name=name,
        pinyin=pinyin_of(name),
        initials=initials_of(name),
        level=known.level,
        parent_id=known.parent,
        first=-(OFFSET + known.id),
        last=-(OFFSET + known.id),
        **given,
    )


def _stored(division: Division) -> Json:
    fields = [f.attname for f in Division._meta.concrete_fields]
    return {name: getattr(division, name) for name in fields}


def _change(judged: Judged) -> None:
    """Names and other attributes of divisions that were there, the name index with them."""
    rows = [row for row in judged.rows if not judged.known[row["code"]].new]
    there = Division.objects.in_bulk([judged.known[row["code"]].id for row in rows])
    for row in rows:
        division = there[judged.known[row["code"]].id]
        given = dict(attributes(row))
        if any(getattr(division, name) != value for name, value in given.items()):
            _update(division, given)


def _update(division: Division, given: dict[str, Any]) -> None:
    if given.get("name", division.name) != division.name:
        index.remove([(division.level, division.first, division.name)])
        index.fill([(division.level, division.first, given["name"])])
        given |= {"pinyin": pinyin_of(given["name"]), "initials": initials_of(given["name"])}
    if "lat" in given:
        given["placed"] = False
    Division.objects.filter(pk=division.pk).update(**given)


def _record(judged: Judged, report: Report, by: Actor) -> None:
    """One event on the top of the tree, with the codes that were merged or moved."""
    subject = _top(judged)
    code = {known.id: name for name, known in judged.known.items()}
    closed = {code[pk]: code.get(to) if to else None for pk, to in _some(judged.closing.items())}
    moved = {code[pk]: code.get(to) for pk, to in _some(judged.moved.items()) if pk in code}
    record(
        "divisions.imported",
        subject,
        by=by,
        chain=queries.chain_of(subject),
        after={"new": report.new, "changed": report.changed, "closed": closed, "moved": moved},
    )


def _some(pairs: Iterable[tuple[int, Any]]) -> Iterable[tuple[int, Any]]:
    return islice(pairs, CODES_IN_EVENT)


def _top(judged: Judged) -> Division:
    division = Division.objects.get(code=judged.rows[0]["code"])
    return next(iter(queries.ancestors(division)), division)
