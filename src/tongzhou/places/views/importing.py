"""The pages of an import: upload, preview, write. The same for every registered kind of file."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongzhou.interchange.tables import (
    ERROR_COLUMNS,
    HEADINGS,
    Column,
    Kind,
    chunks,
    example_of,
    template_book,
)
from tongzhou.kit import access

from ..actions import imports
from ..actions.imports import ImportKind
from ..forms import UploadForm
from ..models import ImportBatch
from .changing import actor

RECENT = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
View = Callable[..., Any]


def addresses() -> list[URLPattern]:
    """The addresses of all kinds, each guarded by the permission of its kind."""
    return [pattern for kind in imports.import_kinds() for pattern in _addresses(kind)]


def _addresses(kind: ImportKind) -> Iterator[URLPattern]:
    at = f"desk/imports/{kind.name}/"
    for suffix, view, name in (
        ("", start, ""),
        ("template.csv", template, "-template"),
        ("template.xlsx", workbook, "-workbook"),
        ("<int:pk>/", batch, "-batch"),
        ("<int:pk>/apply/", apply, "-apply"),
        ("<int:pk>/errors.csv", errors, "-errors"),
    ):
        guarded = access.requires(kind.permission)(partial(view, kind=kind))
        yield path(at + suffix, guarded, name=f"import-{kind.name}{name}")


def start(request: HttpRequest, kind: ImportKind) -> HttpResponse:
    """The upload form and the last files of this kind."""
    context = request.GET.get("context", "")
    if not kind.known(context):
        raise Http404
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        initial={"division": request.GET.get("division", "")},
    )
    if request.method == "POST" and form.is_valid() and (done := _stored(request, kind, form)):
        return done
    rows = ImportBatch.objects.filter(kind=kind.name, context=context).select_related("division")
    recent = [b for b in rows.order_by("-pk")[:RECENT] if _may_see(request, kind, b)]
    page = {
        "kind": kind,
        "form": form,
        "batches": [(one, _address(kind, "-batch", one.pk)) for one in recent],
        "template": _address(kind, "-template"),
        "workbook": _address(kind, "-workbook"),
        "columns": kind.columns,
        "crumbs": _crumbs(kind, context),
    }
    return render(request, "places/import.html", page, status=422 if form.errors else 200)


def _stored(request: HttpRequest, kind: ImportKind, form: UploadForm) -> HttpResponse | None:
    """Store the file and go to its preview; None with an error on the form."""
    if not request.user.has_perm(kind.permission, form.area):
        form.add_error("division", _("You may not import for this division. Choose one of yours."))
        return None
    try:
        one = imports.upload(
            kind,
            form.upload.name or "",
            form.upload.chunks(),
            division=form.area,
            context=request.GET.get("context", ""),
            by=actor(request),
        )
    except imports.UploadRefused as refused:
        form.add_error("file", str(refused))
        return None
    to = _address(kind, "-batch", one.pk)
    if imports.is_small(one):
        imports.preview_batch(one, by=actor(request))
        return redirect(to)
    return redirect("job", imports.start_preview(one, by=actor(request), return_to=to).pk)


@require_GET
def batch(request: HttpRequest, kind: ImportKind, pk: int) -> HttpResponse:
    """What the file would do, or has done."""
    one = _batch(request, kind, pk)
    context = {
        "kind": kind,
        "batch": one,
        "notes": imports.notes_of(one, "zh" if _chinese() else "en"),
        "problems": imports.problems_of(one, limit=imports.PROBLEMS_SHOWN).to_dicts(),
        "shown": _shown(kind, one),
        "apply": _address(kind, "-apply", pk),
        "errors": _address(kind, "-errors", pk),
        "again": _address(kind) + _query(one.context),
        "back": kind.back(one.context),
        "crumbs": [
            *_crumbs(kind, one.context)[:-1],
            (kind.title, _address(kind) + _query(one.context)),
            (one.file_name, ""),
        ],
    }
    return render(request, "places/import_batch.html", context)


@require_POST
def apply(request: HttpRequest, kind: ImportKind, pk: int) -> HttpResponse:
    """Write the file as a job; a second press finds the same job."""
    one = _batch(request, kind, pk)
    to = _address(kind, "-batch", pk)
    if one.state not in (ImportBatch.State.PREVIEW, ImportBatch.State.APPLYING):
        return redirect(to)
    return redirect("job", imports.start_import(one, by=actor(request), return_to=to).pk)


@require_GET
def errors(request: HttpRequest, kind: ImportKind, pk: int) -> StreamingHttpResponse:
    """Every problem by row and column, as a file to work through."""
    one = _batch(request, kind, pk)
    headings = HEADINGS["zh" if _chinese() else "en"]
    rows = chunks(imports.problems_of(one), ERROR_COLUMNS, headings=headings, bom=True)
    return _download(rows, f"errors-{pk}.csv")


@require_GET
def template(request: HttpRequest, kind: ImportKind) -> StreamingHttpResponse:
    """An empty file with the headers we read."""
    return _download(
        chunks([], kind.columns, headings=_headers(kind), bom=True), f"{kind.name}.csv"
    )


@require_GET
def workbook(request: HttpRequest, kind: ImportKind) -> HttpResponse:
    """The same for a spreadsheet: one row of example, and a sheet that says what goes where."""
    body = _book(kind.name, get_language() or "")
    response = HttpResponse(body, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{kind.name}.xlsx"'
    return response


@lru_cache(maxsize=32)
def _book(name: str, language: str) -> bytes:
    """Made once a language, which is the one spoken now: a workbook holds the second it was made,
    and the same file should have the same bytes."""
    kind = imports.import_kind(name)
    return template_book(
        kind.columns,
        headings=_headers(kind),
        sheets=(_("Table"), _("Notes")),
        notes=list(_notes(kind)),
    )


def _notes(kind: ImportKind) -> Iterator[list[str]]:
    """A header, a row for each column, and what holds for the whole file."""
    yield [_("Column"), _("Also read as"), _("What goes in"), _("Required"), _("Example")]
    for column in kind.columns:
        own = _headers(kind)[column.name]
        others = ", ".join(head for head in column.headers if head != own)
        required = _("yes") if column.required else ""
        yield [own, others, _what_goes_in(column), required, example_of(column)]
    for sentence in (
        _("The first row of the table is an example. Delete it: a file that has it is refused."),
        _("The order of the columns does not matter; columns that are not needed may go."),
        _("Only the first sheet is read. An empty cell changes nothing."),
    ):
        yield [sentence, "", "", "", ""]


def _what_goes_in(column: Column) -> str:
    words = {
        Kind.CODE: _("A code, as text: zeros in front count"),
        Kind.TEXT: _("Text"),
        Kind.WHOLE: _("A whole number"),
        Kind.DECIMAL: _("A number"),
        Kind.DATE: _("A day: 2023-01-08"),
        Kind.YES_NO: _("yes or no"),
        Kind.PHONE: _("A telephone number"),
    }
    if column.kind not in (Kind.WHOLE, Kind.DECIMAL):
        return words[column.kind]
    limits = {"least": f"{column.least:,g}", "most": f"{column.most:,.0f}"}
    return words[column.kind] + " " + _("(%(least)s to %(most)s)") % limits


def _download(rows: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _batch(request: HttpRequest, kind: ImportKind, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.select_related("division")
    one = get_object_or_404(rows, pk=pk, kind=kind.name)
    if not _may_see(request, kind, one):
        raise Http404
    return one


def _may_see(request: HttpRequest, kind: ImportKind, one: ImportBatch) -> bool:
    return one.division is not None and request.user.has_perm(kind.permission, one.division)


def _shown(kind: ImportKind, one: ImportBatch) -> dict[str, Any]:
    """The first rows under the headers of our own template."""
    rows = one.preview.get("shown", [])
    names = [name for name in rows[0] if name != "state"] if rows else []
    heads = {"row": _("Row"), **_headers(kind)}
    cells = [[(heads.get(name, name), row[name]) for name in names] for row in rows]
    return {
        "heads": [heads.get(name, name) for name in names],
        "rows": list(zip(cells, (row["state"] for row in rows), strict=True)),
    }


def _headers(kind: ImportKind) -> dict[str, str]:
    """The header of each column in the reader's language."""
    at = 1 if _chinese() else 0
    return {c.name: (c.headers[at] if len(c.headers) > at else c.header) for c in kind.columns}


def _crumbs(kind: ImportKind, context: str) -> list[tuple[Any, str]]:
    return [(_("Back"), kind.back(context)), (kind.title, "")]


def _address(kind: ImportKind, suffix: str = "", *args: object) -> str:
    return reverse(f"import-{kind.name}{suffix}", args=args)


def _query(context: str) -> str:
    return f"?context={context}" if context else ""


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")
