"""What was short, over, damaged or wrong: the list, and one of them until it is settled."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope

from ..actions.discrepancies import STILL_OPEN, explain, resolve, write_off
from ..forms import FORM_ID, ResolveForm
from ..models import Discrepancy
from ..queries import desk
from .pages import account_of, done, listed, new_command
from .words import KINDS, METHODS, SETTLED

LIST = (gettext_lazy("Discrepancies"), "/desk/discrepancies/")


@requires("discrepancies.view")
@require_GET
def discrepancies(request: HttpRequest) -> HttpResponse:
    """Differences of the area: the open ones, oldest due day first, or all."""
    rows = desk.discrepancies_in(scope(account_of(request), "discrepancies.view"))
    everything = request.GET.get("all") == "1"
    rows = rows if everything else rows.filter(state__in=STILL_OPEN)
    found, pager = listed(request, rows, "due_on", "pk")
    context = {
        "rows": [(row, KINDS[row.kind], SETTLED[row.state]) for row in found.rows],
        "count": rows.count(),
        "everything": everything,
        "today": clock.today(),
        "as_of": clock.now(),
        "pager": pager,
    }
    return render(request, "delivery/discrepancies.html", context)


@requires("discrepancies.view")
def discrepancy(request: HttpRequest, pk: int) -> HttpResponse:
    """One difference, and the question what turned out."""
    account = account_of(request)
    row = desk.discrepancies_in(scope(account, "discrepancies.view")).filter(pk=pk).first()
    if row is None:
        raise Http404
    mine = scope(account, "discrepancies.resolve")
    may_settle = row.state in STILL_OPEN and mine.contains(row.place.division)
    shortages = desk.shortages_like(row, mine)
    form = ResolveForm(row.kind, shortages, request.POST or None, initial=new_command())
    if request.method == "POST":
        if not may_settle:
            raise Http404
        if done(form, lambda given: _settle(request, row, given)):
            messages.success(request, _("What turned out is recorded."))
            return redirect("discrepancy", row.pk)
    receipt = row.receipt
    context = {
        "row": row,
        "kind": KINDS[row.kind],
        "state": SETTLED[row.state],
        "method": METHODS[receipt.method],
        "form": form if may_settle else None,
        "today": clock.today(),
        "crumbs": [LIST, (f"{KINDS[row.kind]} · {row.place.name}", "")],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "delivery/discrepancy.html", context, status=status)


def _settle(request: HttpRequest, row: Discrepancy, given: dict[str, Any]) -> None:
    by, outcome, note = actor(request), given["outcome"], given["note"]
    command_id = FORM_ID + given["command"]
    if outcome == "explained":
        explain(row, note, by=by)
    elif outcome == "written_off":
        write_off(row, note, command_id=command_id, by=by)
    else:
        resolve(row, outcome, note, command_id=command_id, by=by, other=given.get("other"))
