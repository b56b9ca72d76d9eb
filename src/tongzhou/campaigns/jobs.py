"""The kinds of file that campaigns take in; places runs their pages and jobs."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongzhou.interchange.tables import Table
from tongzhou.places.actions import ImportKind, Report, Task, register_import

from . import actions
from .models import Campaign
from .rules import NEEDS, PROMISES


def _campaign(task: Task) -> Campaign:
    return Campaign.objects.select_related("division").get(public_id=task.context)


def _page(context: str) -> str:
    return reverse("campaign", args=[context])


def _known(context: str) -> bool:
    return Campaign.objects.filter(public_id=context).exists()


def _preview_needs(table: Table, task: Task) -> Report:
    return actions.preview_needs(
        table, campaign=_campaign(task), within=task.within, progress=task.progress
    )


def _import_needs(table: Table, task: Task) -> Report:
    return actions.import_needs(
        table, by=task.by, campaign=_campaign(task), within=task.within, progress=task.progress
    )


def _preview_promises(table: Table, task: Task) -> Report:
    return actions.preview_promises(table, campaign=_campaign(task), within=task.within)


def _import_promises(table: Table, task: Task) -> Report:
    return actions.import_promises(table, by=task.by, campaign=_campaign(task), within=task.within)


register_import(
    ImportKind(
        name="needs",
        title=_("Import needs"),
        permission="needs.import",
        columns=NEEDS,
        read=actions.read_needs,
        preview=_preview_needs,
        apply=_import_needs,
        back=_page,
        known=_known,
    )
)
register_import(
    ImportKind(
        name="promises",
        title=_("Import promises"),
        permission="promises.edit",
        columns=PROMISES,
        read=actions.read_promises,
        preview=_preview_promises,
        apply=_import_promises,
        back=_page,
        known=_known,
    )
)
