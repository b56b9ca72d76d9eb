"""A file on its way in: stored, previewed, written whole as a job.

Each kind of import is registered by its app; the pages and jobs are the same for all.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tongzhou.interchange import messages
from tongzhou.interchange.tables import Column, Table, TableRefused
from tongzhou.kit import clock, jobs
from tongzhou.kit.actions import record
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor, Json

from .. import queries
from ..models import Division, ImportBatch
from ..rules import Scope
from ..rules.problems import told
from .reports import ImportRefused, Progress, Report, silent

LARGEST_FILE = 256 * 2**20
# A larger file is previewed by a job, for nobody should wait for a page so long.
PREVIEWED_AT_ONCE = 2**20
PROBLEMS_SHOWN = 20
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".parquet")


@dataclass(frozen=True, slots=True)
class Task:
    """What an import is for: the part of the tree it may touch, and its context."""

    within: Scope
    context: str
    source: str
    by: Actor
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How files of one kind are read and written, and what their pages say.

    `permission` is needed at the batch's division. `back` gives the address of the page such an
    import belongs to, from its context. `known` says whether a context exists.
    """

    name: str
    title: str | Promise
    permission: str
    columns: Sequence[Column]
    read: Callable[[Path], Table]
    preview: Callable[[Table, Task], Report]
    apply: Callable[[Table, Task], Report]
    back: Callable[[str], str]
    known: Callable[[str], bool] = lambda context: not context


_kinds: dict[str, ImportKind] = {}


def register_import(kind: ImportKind) -> None:
    """Called from an app's `ready`; its pages are at /desk/imports/<name>/."""
    _kinds[kind.name] = kind


def import_kinds() -> list[ImportKind]:
    return list(_kinds.values())


def import_kind(name: str) -> ImportKind:
    """Raises KeyError for a kind that no app registered."""
    return _kinds[name]


class UploadRefused(ValueError):
    """The file cannot be stored; the text says why."""


def upload(
    kind: ImportKind,
    file_name: str,
    chunks: Iterable[bytes],
    *,
    division: Division,
    context: str = "",
    by: Actor,
) -> ImportBatch:
    """Keep a file and a batch for it, event "import.uploaded". The same file for the same end, not
    yet written, gives its batch again. Raises UploadRefused."""
    path, digest = _kept(file_name, chunks)
    same = ImportBatch.objects.filter(
        kind=kind.name, context=context, division=division, file_sha256=digest
    ).exclude(state=ImportBatch.State.DONE)
    if (batch := same.order_by("-pk").first()) is not None:
        return batch
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            kind=kind.name,
            context=context,
            division=division,
            file_name=Path(file_name).name[:200],
            file_sha256=digest,
            stored_as=path.name,
            by=str(by),
            created_at=clock.now(),
        )
        after = {"kind": kind.name, "sha256": digest, "context": context}
        chain = queries.chain_of(division)
        record("import.uploaded", batch, by=by, chain=chain, after=after)
    return batch


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept(file_name: str, chunks: Iterable[bytes]) -> tuple[Path, str]:
    """Store a file under its digest; written beside and renamed, so that it is there whole."""
    ending = Path(file_name).suffix.lower()
    if ending not in ENDINGS:
        raise UploadRefused(_("Choose a CSV, XLSX or Parquet file."))
    digest, size = hashlib.sha256(), 0
    part = _folder() / f"part-{clock.now().timestamp()}-{id(chunks)}"
    try:
        with part.open("wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise UploadRefused(_("A file may have 256 MiB. Split it into several."))
                digest.update(chunk)
                out.write(chunk)
        path = _folder() / f"{digest.hexdigest()}{ending}"
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path, digest.hexdigest()


def is_small(batch: ImportBatch) -> bool:
    """Whether a preview is a matter of a second or two."""
    return _path(batch).stat().st_size <= PREVIEWED_AT_ONCE


def _path(batch: ImportBatch) -> Path:
    return _folder() / batch.stored_as


def _problems_path(batch: ImportBatch) -> Path:
    return _folder() / f"problems-{batch.pk}.parquet"


def preview_batch(batch: ImportBatch, *, by: Actor, progress: Progress = silent) -> ImportBatch:
    """Read the file and keep what an import would do. A preview changes nothing but the batch."""
    kind = import_kind(batch.kind)
    task = _task(batch, by, progress)
    progress("reading")
    try:
        table = kind.read(_path(batch))
        report = kind.preview(table, task)
    except TableRefused as refused:
        return _unreadable(batch, refused)
    _keep(batch, report)
    return batch


def _task(batch: ImportBatch, by: Actor, progress: Progress) -> Task:
    if batch.division is None:
        raise ValueError("An import batch has a division.")
    within = queries.scope_of(batch.division)
    return Task(within, batch.context, batch.file_name, by, progress)


def _unreadable(batch: ImportBatch, refused: TableRefused) -> ImportBatch:
    batch.state = ImportBatch.State.REFUSED
    batch.preview = {"unreadable": {"code": refused.code, "params": refused.params}}
    batch.save(update_fields=["state", "preview"])
    return batch


def _keep(batch: ImportBatch, report: Report) -> None:
    batch.state = ImportBatch.State.PREVIEW if report.sound else ImportBatch.State.REFUSED
    batch.encoding = report.encoding[:20]
    batch.rows, batch.refused_rows = report.rows, report.refused
    batch.new_rows, batch.changed_rows = report.new, report.changed
    batch.preview = {
        "shown": [{name: _plain(value) for name, value in row.items()} for row in report.shown],
        "notes": [{"code": note.code, "params": note.params} for note in report.notes],
        "matched": report.matched,
        "warnings": report.warnings(),
    }
    report.problems.write_parquet(_problems_path(batch))
    batch.save()


def _plain(value: object) -> object:
    """As JSON keeps it; a whole number without its decimals."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def problems_of(batch: ImportBatch, *, limit: int | None = None) -> pl.DataFrame:
    """row, column, value, problem, cure of a batch in the reader's language."""
    path = _problems_path(batch)
    if not path.exists():
        return pl.DataFrame(schema=["row", "column", "value", "problem", "cure"])
    found = pl.read_parquet(path).sort("warning", "row", maintain_order=True)
    return told(found if limit is None else found.head(limit))


def notes_of(batch: ImportBatch, lang: str) -> list[str]:
    """What the reader did with the file, or why it could not be read, in sentences."""
    unreadable = batch.preview.get("unreadable")
    told_of = [unreadable] if unreadable else batch.preview.get("notes", [])
    return [messages.sentence(note, lang) for note in told_of]


def start_preview(batch: ImportBatch, *, by: Actor, return_to: str) -> Job:
    return _start("places.preview", batch, by, return_to)


def start_import(batch: ImportBatch, *, by: Actor, return_to: str) -> Job:
    """Write the batch as a job, once however often the button is pressed."""
    ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.PREVIEW).update(
        state=ImportBatch.State.APPLYING
    )
    return _start("places.import", batch, by, return_to)


def _start(job: str, batch: ImportBatch, by: Actor, return_to: str) -> Job:
    payload: Json = {
        "batch": batch.pk,
        "by": [by.kind, by.ref, by.device],
        "return_to": return_to,
        "permission": import_kind(batch.kind).permission,
    }
    return jobs.enqueue(job, _job_key(job, batch), payload, by=by, total=3)


def _job_key(job: str, batch: ImportBatch) -> str:
    """One job for a batch, however often it is asked for, until it has ended: then one more, for a
    file that was refused while it was written may be taken after the tree was mended."""
    key = f"{job}:{batch.pk}"
    ended = Job.objects.filter(
        Q(key=key) | Q(key__startswith=f"{key}:"),
        state__in=(Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED),
    ).count()
    return f"{key}:{ended}" if ended else key


def apply_batch(batch: ImportBatch, table: Table, *, by: Actor) -> ImportBatch:
    """Write a file that was read, and say so on its batch, in one transaction: a crash leaves
    nothing, and a second run after it finds either all to do or nothing."""
    kind = import_kind(batch.kind)
    try:
        with transaction.atomic():
            now = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            if now.state == ImportBatch.State.DONE:
                return now
            report = kind.apply(table, _task(now, by, silent))
            now.state, now.done_at = ImportBatch.State.DONE, clock.now()
            now.new_rows, now.changed_rows = report.new, report.changed
            now.save()
            return now
    except ImportRefused as refused:
        # Something changed between preview and import: what is refused now is shown again.
        _keep(batch, refused.report)
        return batch


def read_batch(batch: ImportBatch) -> Table:
    return import_kind(batch.kind).read(_path(batch))


def listed(problem: Mapping[str, Any]) -> str:
    """One line for a list: row, column, what and cure."""
    return "{row} · {column}: {problem} {cure}".format_map(problem)
