"""What the finder does by the clock, and the kind of file it takes in."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongzhou.interchange.tables import Table
from tongzhou.kit.jobs import Running, runner
from tongzhou.kit.rules import SYSTEM, Json
from tongzhou.places.actions import ImportKind, Report, Task, register_import

from . import actions
from .rules.columns import FACILITIES


@runner(
    "finder.release_calls", title=_("Freeing sites whose call is over"), every=timedelta(minutes=10)
)
def release_calls(run: Running) -> Json:
    """Free the sites whose caller never came back; the page of the calls does it as well."""
    return {"released": actions.release_overdue(by=SYSTEM)}


def _page(context: str) -> str:
    return reverse("finder")


def _preview(table: Table, task: Task) -> Report:
    return actions.preview_facilities(table, within=task.within, progress=task.progress)


def _import(table: Table, task: Task) -> Report:
    return actions.import_facilities(
        table, by=task.by, within=task.within, source=task.source, progress=task.progress
    )


register_import(
    ImportKind(
        name="facilities",
        title=_("Import facilities"),
        permission="facilities.import",
        columns=FACILITIES,
        read=actions.read_facilities,
        preview=_preview,
        apply=_import,
        back=_page,
    )
)
