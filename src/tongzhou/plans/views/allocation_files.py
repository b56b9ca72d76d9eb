"""What a run gives as files: CSV for a spreadsheet, GeoJSON for a map, by place or by division."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _

from tongzhou.interchange import geojson
from tongzhou.interchange.tables import chunks
from tongzhou.kit.access import requires
from tongzhou.people.queries import scope
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Run
from tongzhou.plans.queries import allocation

from .pages import run_or_404

KINDS = {"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}


@requires("plans.view")
def run_places(request: HttpRequest, pk: int, ending: str) -> StreamingHttpResponse:
    """Each place of the reader's area with its units of each wave, and why."""
    run = _computed_or_404(request, pk, ending)
    return places_file(run, scope(request.user, "plans.view"), ending, headings(run))


@requires("plans.view")
def run_sums(request: HttpRequest, pk: int, ending: str) -> StreamingHttpResponse:
    """The sums of the reader's divisions, nation to county."""
    run = _computed_or_404(request, pk, ending)
    return sums_file(run, scope(request.user, "plans.view"), ending, headings(run))


def _computed_or_404(request: HttpRequest, pk: int, ending: str) -> Run:
    run = run_or_404(request, pk)
    if ending not in KINDS or run.computed_at is None:
        raise Http404
    return run


def places_file(
    run: Run, seen: Scope, ending: str, words: dict[str, str] | None = None
) -> StreamingHttpResponse:
    """`words`: the headings of a CSV for people, which then also has the mark by which Excel knows
    UTF-8; programs get the columns' own names and no mark."""
    if ending == "geojson":
        return _answer(geojson.chunks(allocation.place_points(run, seen)), run, "places", ending)
    rows, columns = allocation.place_rows(run, seen), allocation.place_columns(run)
    pieces = chunks(rows, columns, headings=words, bom=words is not None)
    return _answer(pieces, run, "places", ending)


def sums_file(
    run: Run, seen: Scope, ending: str, words: dict[str, str] | None = None
) -> StreamingHttpResponse:
    """As `places_file`."""
    if ending == "geojson":
        pieces = geojson.chunks(allocation.division_points(run, seen))
    else:
        rows, columns = allocation.division_rows(run, seen), allocation.division_columns(run)
        pieces = chunks(rows, columns, headings=words, bom=words is not None)
    return _answer(pieces, run, "divisions", ending)


def _answer(pieces: Iterator[bytes], run: Run, what: str, ending: str) -> StreamingHttpResponse:
    name = f"{what}-{run.campaign.public_id}-{run.number}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type=KINDS[ending], headers=headers)


def headings(run: Run) -> dict[str, str]:
    """The columns of both files in the reader's language; a wave is named with its day."""
    words = {
        "code": _("Code"),
        "name": _("Name"),
        "county": _("County code"),
        "county_name": _("County"),
        "level": _("Level"),
        "item": _("Item"),
        "weight": _("Weight"),
        "rank": _("Rank"),
        "places": _("Places"),
        "places_served": _("Places served"),
        "units": _("Units of this plan"),
        "given_before": _("Units of earlier plans"),
        "target": _("Target units"),
        "missing": _("Units that still miss"),
    }
    for wave in run.waves.all():
        named = _("Wave %(number)s, %(day)s") % {"number": wave.number, "day": wave.day}
        words[f"wave_{wave.number}"] = named
    return words
