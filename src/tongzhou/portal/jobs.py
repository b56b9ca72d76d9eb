"""Channel pages as files, renewed by the clock and when somebody decides on a page; the kind of
file that the table of medicine codes comes in."""

import gzip
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tongzhou.interchange.tables import Table
from tongzhou.kit.handlers import on
from tongzhou.kit.jobs import Running, enqueue, runner
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM, Json
from tongzhou.places.actions import ImportKind, Report, Task, register_import
from tongzhou.places.models import Division
from tongzhou.portal.queries import public_files

from . import actions
from .rules.medicine_columns import MEDICINES
from .views.channel import frame_mark, rendered

REPORT_EVERY = 50


@on("channel.set", "portal.pages")
def renew(event: Event) -> None:
    """A decision on a page shows in the files as soon as a worker is free."""
    enqueue("portal.pages", f"portal.pages:{event.pk}", {}, by=SYSTEM)


@runner("portal.pages", title=_("Writing the pages of places"), every=timedelta(minutes=10))
def write_pages(running: Running) -> Json:
    """Write the pages from nation to county whose decisions or figures have changed, all of them
    where the danger signs have, and take away those of divisions that are no more.

    Each file appears whole; a job that is killed goes on where it was, since the list of what is
    done is written with the files.
    """
    divisions = public_files.divisions_with_files()
    done = public_files.read_manifest()
    written = 0
    every = frame_mark()
    for code in done.keys() - {division.code for division in divisions}:
        public_files.take_away(code)
        del done[code]
    for at, (division, own) in enumerate(public_files.stamps(divisions)):
        stamp = f"{every}:{division.name}:{own}"
        if done.get(division.code) != stamp:
            _write(division)
            done[division.code] = stamp
            written += 1
        if at % REPORT_EVERY == 0:
            public_files.write_manifest(done)
            running.report(at, len(divisions), gettext_noop("Writing pages"))
    public_files.write_manifest(done)
    running.report(len(divisions), len(divisions), gettext_noop("The pages are written"))
    return {"pages": len(divisions), "written": written}


def _write(division: Division) -> None:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            page = rendered(division).encode()
        path = public_files.folder() / public_files.path_of(division, language)
        public_files.put(path, page)
        # A front sends the pressed file as it is to whoever takes it, which is everybody.
        public_files.put(path.with_name(f"{path.name}.gz"), gzip.compress(page, 6, mtime=0))


@runner("portal.forget_codes", title=_("Forgetting codes seen long ago"), every=timedelta(hours=1))
def forget_codes(_running: Running) -> Json:
    """Digests of codes are kept for two years, and two million at the most."""
    return {"forgotten": actions.forget_seen()}


def _code_page(_context: str) -> str:
    return reverse("code-check")


def _preview_medicines(table: Table, task: Task) -> Report:
    return actions.preview_medicines(table, within=task.within)


def _import_medicines(table: Table, task: Task) -> Report:
    return actions.import_medicines(table, by=task.by, within=task.within)


register_import(
    ImportKind(
        name="medicines",
        title=_("Import medicine codes"),
        permission="medicines.import",
        columns=MEDICINES,
        read=actions.read_medicines,
        preview=_preview_medicines,
        apply=_import_medicines,
        back=_code_page,
    )
)
