"""What if: ask what a change would make of a plan, see the answer beside it, keep it as a plan."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Json
from tongzhou.people.queries import actor, scope
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused
from tongzhou.plans.actions.goods import goods_by_step
from tongzhou.plans.actions.whatif import ASKABLE, KEPT
from tongzhou.plans.forms import KINDS, Asker, ChangeForm, changes_in, offered, written_change
from tongzhou.plans.models import Run
from tongzhou.plans.queries.runs import sums_at
from tongzhou.plans.queries.ways import ways_of
from tongzhou.plans.queries.whatif import KIND, figures_in, questions, rows_in
from tongzhou.plans.rules import CHANGES_AT_MOST

from .change_words import change_words, forced_words
from .comparing import Side, finding, measures
from .pages import run_crumbs, run_or_404, run_within_or_404
from .pictures import Coverage, coverage_curve, days_of

ROWS_SHOWN = 20
ANSWERS_SHOWN = 5


@requires("plans.view")
def whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """The present plan in figures, the changes chosen so far, and a form for one more."""
    run = run_or_404(request, pk)
    seen = scope(request.user, "plans.view")
    sent = request.POST if request.method == "POST" else request.GET
    changes, lost = _fitting(run, *changes_in(sent.getlist("change")), seen)
    refused = ""
    if request.method == "POST":
        try:
            job = actions.ask(run, changes, by=actor(request))
            return redirect("job", pk=job.pk)
        except PlanRefused as refusal:
            refused = str(refusal)
    asker = _asker(run, changes, seen)
    kinds = offered(asker) if run.state in ASKABLE and len(changes) < CHANGES_AT_MOST else {}
    kind = sent.get("kind", "")
    form = _form(request, kind, asker) if kind in kinds else None
    if form is not None and form.is_bound and form.is_valid():
        return redirect(_address(run, [*changes, form.change()]))
    return render(
        request,
        "plans/whatif.html",
        {
            "run": run,
            "top": sums_at(run, run.campaign.division),
            "askable": run.state in ASKABLE,
            "refused": refused,
            "lost": lost,
            "chosen": _chips(run, changes, seen),
            "written": [written_change(change) for change in changes],
            "full": len(changes) >= CHANGES_AT_MOST,
            "kinds": [
                (name, _address(run, changes, kind=of) + "#add", of == kind)
                for of, name in kinds.items()
            ],
            "kind": kind,
            "form": form,
            "title": KINDS[kind][1] if form is not None else "",
            "back": _address(run, changes),
            "answers": _answers(request, run, seen),
            "crumbs": [*run_crumbs(run), (_("What if"), "")],
        },
    )


@requires("plans.view")
def run_answer(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """The plan with the changes beside the present one; for who asked and who sees all of it."""
    run = run_or_404(request, pk)
    row = _question_or_404(request, run, job)
    if row.state != Job.State.DONE or row.result is None:
        return redirect("job", pk=row.pk)
    seen = scope(request.user, "plans.view")
    within = None
    if code := request.GET.get("within", ""):
        within = get_object_or_404(Division.objects.filter(seen.q()), code=code[:24])
    result, changes = row.result, row.payload["changes"]
    names = [_("Plan %(number)d") % {"number": run.number}, _("With the changes")]
    before, after = (_side(run, result[name]) for name in ("before", "after"))
    rows = rows_in(result, seen, within)
    return render(
        request,
        "plans/answer.html",
        {
            "run": run,
            "job": row,
            "until": row.created_at + KEPT,
            "moved": result["moved"],
            "within": within,
            "steps": list(
                zip(change_words(changes, seen), map(forced_words, result["steps"]), strict=True)
            ),
            "again": _address(run, changes),
            "names": names,
            "finding": _finding(names[0], before, after),
            "curve": coverage_curve(
                [(names[0], before.line), (names[1], after.line)],
                _("Share of places served by day, both plans"),
            ),
            "days": [
                (at, before.line.on(at), after.line.on(at))
                for at in days_of(before.line, after.line)
            ],
            "measures": measures(before, after),
            "rows": rows[:ROWS_SHOWN],
            "more_rows": max(0, len(rows) - ROWS_SHOWN),
            "may_keep": request.user.has_perm("plans.run", run.campaign.division),
            "crumbs": [
                *run_crumbs(run),
                (_("What if"), _address(run, changes)),
                (_("Answer"), ""),
            ],
        },
    )


@require_POST
@requires("plans.run")
def keep_answer(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """Open a new plan with the changes of an answer; a refusal is said on the answer's page."""
    run = run_within_or_404(request, pk, "plans.run")
    row = _question_or_404(request, run, job)
    try:
        made = actions.keep_answer(run, row, by=actor(request))
    except PlanRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("run-answer", pk=run.pk, job=row.pk)
    return redirect("run", pk=made.pk)


def _question_or_404(request: HttpRequest, run: Run, job: int) -> Job:
    """Somebody's own question, or anybody's for whoever sees the whole plan; for 24 hours."""
    kept = Job.objects.filter(kind=KIND, payload__run=run.pk, created_at__gte=clock.now() - KEPT)
    row = get_object_or_404(kept, pk=job)
    if row.by != str(actor(request)) and not request.user.has_perm(
        "plans.view", run.campaign.division
    ):
        raise Http404
    return row


def _asker(run: Run, changes: Sequence[Json], seen: Scope) -> Asker:
    ways = ways_of(run)
    return Asker(run, ways, seen, goods_by_step(run, ways, changes)[-1])


def _fitting(run: Run, changes: list[Json], lost: bool, seen: Scope) -> tuple[list[Json], bool]:
    """The changes of an address that this plan can take; what somebody wrote there by hand may
    name what is not in it or not in their area."""
    asker = Asker(run, ways_of(run), seen, ())
    known = [change for change in changes if asker.knows(change)]
    while known:
        try:
            goods_by_step(run, asker.ways, known)
            break
        except PlanRefused:
            known.pop()
    return known, lost or len(known) < len(changes)


def _form(request: HttpRequest, kind: str, asker: Asker) -> ChangeForm:
    made, _name = KINDS[kind]
    return made(request.GET if "add" in request.GET else None, asker=asker)


def _address(run: Run, changes: Sequence[Json], **more: str) -> str:
    pairs = [("change", written_change(change)) for change in changes]
    query = urlencode([*pairs, *more.items()])
    return reverse("run-whatif", args=[run.pk]) + (f"?{query}" if query else "")


def _chips(run: Run, changes: Sequence[Json], seen: Scope) -> list[tuple[str, str]]:
    """Each change in words, with the address of the page without it."""
    words = change_words(changes, seen)
    return [
        (text, _address(run, [*changes[:at], *changes[at + 1 :]])) for at, text in enumerate(words)
    ]


def _answers(request: HttpRequest, run: Run, seen: Scope) -> list[dict[str, Any]]:
    """What the reader asked of this plan in the last 24 hours."""
    rows = questions(actor(request), run, clock.now() - KEPT, most=ANSWERS_SHOWN)
    return [
        {
            "job": row,
            "done": row.state == Job.State.DONE,
            "words": change_words(row.payload["changes"], seen),
        }
        for row in rows
    ]


def _side(run: Run, plain: Json) -> Side:
    found = figures_in(plain)
    return Side(found.metrics, found.fairness, Coverage(run, found.steps))


def _finding(name: str, before: Side, after: Side) -> str:
    """What differs most, by day; else what differs in the end."""
    gained = after.metrics["served"] - before.metrics["served"]
    units = after.metrics["units"] - before.metrics["units"]
    if before.line.steps == after.line.steps and not gained and units:
        return (
            ngettext(
                "As many places are served on every day; %(units)s unit more is given",
                "As many places are served on every day; %(units)s units more are given",
                units,
            )
            if units > 0
            else ngettext(
                "As many places are served on every day; %(units)s unit fewer is given",
                "As many places are served on every day; %(units)s units fewer are given",
                -units,
            )
        ) % {"units": f"{abs(units):,}"}
    return finding(name, before, after)
