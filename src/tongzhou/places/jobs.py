"""Long imports as jobs, and the two kinds of file that places takes in."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tongzhou.interchange.tables import Table
from tongzhou.kit.jobs import Running, runner
from tongzhou.kit.rules import Actor, Json

from . import actions
from .actions import imports
from .actions.imports import ImportKind, Task
from .actions.reports import Report
from .models import ImportBatch
from .rules import columns

STEPS = 3


@runner("places.preview", title=_("Reading a file before it is imported"))
def preview(run: Running) -> Json:
    """Read and check a file; nothing is written but what the preview shows."""
    run.report(1, STEPS, gettext_noop("Reading and checking"))
    batch = imports.preview_batch(_batch(run), by=_by(run))
    run.report(STEPS, STEPS, gettext_noop("Checked"))
    return {"rows": batch.rows, "refused": batch.refused_rows}


@runner("places.import", title=_("Importing a file"))
def write(run: Running) -> Json:
    """Write a file whole, in one transaction; a run after a crash starts over or finds it done."""
    run.report(0, STEPS, gettext_noop("Reading the file"))
    batch = _batch(run)
    table = imports.read_batch(batch)
    run.report(1, STEPS, gettext_noop("Checking and writing"))
    batch = imports.apply_batch(batch, table, by=_by(run))
    run.report(STEPS, STEPS, gettext_noop("The file is written"))
    return {"state": batch.state, "new": batch.new_rows, "changed": batch.changed_rows}


def _batch(run: Running) -> ImportBatch:
    return ImportBatch.objects.select_related("division").get(pk=run.payload["batch"])


def _by(run: Running) -> Actor:
    return Actor(*run.payload["by"])


def _places_page(context: str) -> str:
    return reverse("places")


def _preview_places(table: Table, task: Task) -> Report:
    return actions.preview_places(table, within=task.within, progress=task.progress)


def _import_places(table: Table, task: Task) -> Report:
    return actions.import_places(table, by=task.by, within=task.within, source=task.source)


def _preview_divisions(table: Table, task: Task) -> Report:
    return actions.preview_divisions(table, within=task.within, progress=task.progress)


def _import_divisions(table: Table, task: Task) -> Report:
    return actions.import_divisions(table, by=task.by, within=task.within)


imports.register_import(
    ImportKind(
        name="places",
        title=_("Import places"),
        permission="places.import",
        columns=columns.PLACES,
        read=actions.read_places,
        preview=_preview_places,
        apply=_import_places,
        back=_places_page,
    )
)
imports.register_import(
    ImportKind(
        name="divisions",
        title=_("Import divisions"),
        permission="places.import",
        columns=columns.DIVISIONS,
        read=actions.read_division_table,
        preview=_preview_divisions,
        apply=_import_divisions,
        back=_places_page,
    )
)
