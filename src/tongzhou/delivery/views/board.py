"""The deadline board: which counties and clinics will be late, and the tasks that follow."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors

from ..actions.tasks import close_task
from ..queries import board as looked
from ..queries import desk
from .pages import account_of, listed, with_query
from .words import EN_ROUTE, STEPS

BOARD = (gettext_lazy("Deadline"), "/desk/board/")
ROWS = 100


@requires("board.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Counties whose clinics still wait, the latest first, each with a bar of what has arrived."""
    campaigns = list(Campaign.objects.exclude(state=Campaign.State.DRAFT).order_by("-pk")[:50])
    campaign = _chosen(request, campaigns)
    if campaign is None:
        return render(request, "delivery/board.html", {"campaign": None})
    rows = looked.counties_due(campaign, scope(account_of(request), "board.view"))
    start = _start(request)
    late = sum(row.late for row in rows)
    more = start + ROWS < len(rows)
    context = {
        "campaign": campaign,
        "campaigns": campaigns,
        "rows": [(row, EN_ROUTE[row.step.leg, row.step.waits]) for row in rows[start:][:ROWS]],
        "count": len(rows),
        "late": late,
        "overdue": sum(row.overdue for row in rows),
        "as_of": clock.now(),
        "pager": {
            "next_url": with_query(request, start=str(start + ROWS)) if more else "",
            "previous_url": with_query(request, start=str(max(0, start - ROWS))) if start else "",
        },
    }
    return render(request, "delivery/board.html", context)


@requires("board.view")
@require_GET
def county(request: HttpRequest, code: str) -> HttpResponse:
    """The clinics of one county that wait, the latest first."""
    area = scope(account_of(request), "board.view")
    division = Division.objects.filter(area.q(), code=code, level=Division.Level.COUNTY).first()
    campaigns = list(Campaign.objects.exclude(state=Campaign.State.DRAFT).order_by("-pk")[:50])
    campaign = _chosen(request, campaigns)
    if division is None or campaign is None:
        raise Http404
    rows = looked.clinics_due(campaign, division)
    start = _start(request)
    context = {
        "campaign": campaign,
        "county": division,
        "above": " › ".join(row.name for row in ancestors(division)[1:]),
        "rows": rows[start : start + ROWS],
        "count": len(rows),
        "waiting": looked.unpacked_places(campaign, division),
        "sums": [s for s in desk.progress_of([division])[division.pk] if s.campaign == campaign],
        "as_of": clock.now(),
        "pager": {
            "next_url": with_query(request, start=str(start + ROWS))
            if start + ROWS < len(rows)
            else "",
            "previous_url": with_query(request, start=str(max(0, start - ROWS))) if start else "",
        },
        "crumbs": [BOARD, (division.name, "")],
    }
    return render(request, "delivery/board_county.html", context)


@requires("board.view")
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """What somebody of the area has to mend, the oldest due day first."""
    rows = looked.open_tasks(scope(account_of(request), "board.view"))
    found, pager = listed(request, rows, "due_on", "pk")
    context = {
        "rows": [(row, STEPS.get(row.step, row.step)) for row in found.rows],
        "count": rows.count(),
        "today": clock.today(),
        "as_of": clock.now(),
        "may_close": request.user.has_perm("tasks.edit"),
        "pager": pager,
    }
    return render(request, "delivery/tasks.html", context)


@requires("tasks.edit")
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a task is done."""
    task = desk.task_in(scope(account_of(request), "tasks.edit"), pk)
    if task is None:
        raise Http404
    close_task(task, request.POST.get("note", "")[:300], by=actor(request))
    messages.success(request, _("The task is done. It opens again if the step is still overdue."))
    return redirect("tasks")


def _chosen(request: HttpRequest, campaigns: list[Campaign]) -> Campaign | None:
    asked = request.GET.get("campaign", "")
    named = next((one for one in campaigns if one.public_id == asked), None)
    open_ones = (one for one in campaigns if one.state == Campaign.State.OPEN)
    return named or next(open_ones, campaigns[0] if campaigns else None)


def _start(request: HttpRequest) -> int:
    asked = request.GET.get("start", "0")
    return min(int(asked), 1_000_000) if asked.isascii() and asked.isdigit() else 0
