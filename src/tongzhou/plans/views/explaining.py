"""Why one place gets its number: a page of sentences, and for those who may a form to change it."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.places.models import Place
from tongzhou.places.queries import county_of
from tongzhou.plans.actions import PlanRefused, override_line
from tongzhou.plans.forms import OverrideForm
from tongzhou.plans.models import Run
from tongzhou.plans.queries.explain import Fact, explain

from .figures import FigureRow, figure_row, number
from .list_bar import ListBar, list_bar
from .pages import division_crumbs, run_crumbs, run_or_404
from .steps import approver_of, steps_for
from .words import FIGURE_WORDS, Words, words_of


@dataclass(frozen=True, slots=True)
class Explained:
    """One item of a place as its page shows it."""

    fact: Fact
    words: Words
    figures: list[FigureRow]
    weight: str
    bar: ListBar | None


@requires("plans.view")
def run_place(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Why a place gets what it gets, in sentences; for those who may, a form to override it."""
    run = run_or_404(request, pk)
    seen = scope(request.user, "plans.view")
    places = Place.objects.filter(seen.q("division")).select_related("division", "source")
    place = get_object_or_404(places, code=code)
    may_override = request.user.has_perm("plans.override", run.campaign.division)
    form = OverrideForm(request.POST or None)
    if request.method == "POST":
        if not may_override:
            raise PermissionDenied("plans.override")
        if form.is_valid() and _override(request, run, place, form):
            return redirect("run", pk=pk)
    county = county_of(place.division)
    facts = explain(
        run,
        place,
        figures=request.user.has_perm("places.view", place.division),
        county=county is not None and seen.contains(county),
    )
    if not facts:
        raise Http404
    return render(
        request,
        "plans/place.html",
        {
            "run": run,
            "place": place,
            "explanations": [_explained(fact, approver_of(run)) for fact in facts],
            "steps": steps_for(request, run, place),
            "form": form if may_override and run.state in ("computed", "reviewed") else None,
            "crumbs": [*run_crumbs(run), *division_crumbs(run, place.division), (place.name, "")],
        },
    )


def _explained(fact: Fact, approved: str) -> Explained:
    rows = fact.registry.figures if fact.registry else []
    return Explained(
        fact=fact,
        words=words_of(fact, approved),
        figures=[figure_row(row, _figure_name(row.name)) for row in rows],
        weight=number(fact.weight, 1) if fact.weight is not None else "",
        bar=list_bar(fact),
    )


def _figure_name(name: str) -> str:
    return FIGURE_WORDS[name]() if name in FIGURE_WORDS else name


def _override(request: HttpRequest, run: Run, place: Place, form: OverrideForm) -> bool:
    """Override the first item of the place by this form; false with the reason on the form."""
    fact = explain(run, place)[0]
    try:
        override_line(
            run,
            place,
            fact.item,
            form.cleaned_data["units"],
            note=form.cleaned_data["note"],
            by=actor(request),
        )
    except PlanRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
