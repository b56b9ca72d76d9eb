"""The deadline board: which counties and clinics will be late, and the tasks that follow."""

from typing import Any

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
from tongzhou.places.queries import ancestors, with_paths
from tongzhou.places.rules import Scope

from ..actions.tasks import close_task
from ..queries import board as looked
from ..queries import desk
from .pages import account_of, listed, with_query
from .words import EN_ROUTE, STEPS

BOARD = (gettext_lazy("Deadline"), "/desk/board/")
ROWS = 50
STATE_WORDS = {
    "late": gettext_lazy("too late"),
    "overdue": gettext_lazy("a step is overdue"),
    "going": gettext_lazy("in time"),
}


@requires("board.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Counties whose clinics still wait, the latest first, each with a bar of what has arrived."""
    campaigns = list(Campaign.objects.exclude(state=Campaign.State.DRAFT).order_by("-pk")[:50])
    campaign = _chosen(request, campaigns)
    if campaign is None:
        return render(request, "delivery/board.html", {"campaign": None})
    area = scope(account_of(request), "board.view")
    wish, start = _wish(request, area), _start(request)
    found = looked.board_of(campaign, area, wish, start=start, size=ROWS)
    count = found.count(wish.state)
    above = {one.pk: one.path for one in with_paths([row.county for row in found.rows])}
    context = {
        "campaign": campaign,
        "campaigns": campaigns,
        "rows": [
            (
                row,
                EN_ROUTE[row.step.leg, row.step.waits],
                _owner(found, row),
                " › ".join(one.name for one in above[row.county.pk]),
            )
            for row in found.rows
        ],
        "count": count,
        "late": found.counts["late"],
        "states": _states(request, found, wish.state),
        "wish": wish,
        "owners": sorted(found.owners.values(), key=lambda account: account.name),
        "nobody": None in found.owner_of.values(),
        "provinces": Division.objects.filter(area.q(), level=Division.Level.PROVINCE).order_by(
            "first"
        ),
        "chosen": _chosen_words(request, wish, found),
        "as_of": clock.now(),
        "pager": _pager(request, start, count),
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
        "pager": _pager(request, start, len(rows)),
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
    note = request.POST.get("note", "").replace("\x00", "")[:300]
    close_task(task, note, by=actor(request))
    messages.success(request, _("The task is done. It opens again if the step is still overdue."))
    return redirect("tasks")


def _chosen(request: HttpRequest, campaigns: list[Campaign]) -> Campaign | None:
    asked = request.GET.get("campaign", "")
    named = next((one for one in campaigns if one.public_id == asked), None)
    open_ones = (one for one in campaigns if one.state == Campaign.State.OPEN)
    return named or next(open_ones, campaigns[0] if campaigns else None)


def _start(request: HttpRequest) -> int:
    asked = request.GET.get("start", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def _pager(request: HttpRequest, start: int, count: int) -> dict[str, str]:
    before = with_query(request, start=str(max(0, start - ROWS))) if start else ""
    after = with_query(request, start=str(start + ROWS)) if start + ROWS < count else ""
    return {"previous_url": before, "next_url": after}


def _wish(request: HttpRequest, area: Scope) -> looked.Wish:
    """The filters of the address; what makes no sense filters nothing."""
    state, owner = request.GET.get("state", ""), request.GET.get("owner", "")
    inside = Division.objects.filter(area.q(), code=request.GET.get("in", "")[:24]).first()
    return looked.Wish(
        state=state if state in looked.STATES else "",
        inside=inside,
        text=request.GET.get("q", "").strip()[:60],
        owner=int(owner) if owner.isascii() and owner.isdigit() and len(owner) < 10 else None,
    )


def _states(request: HttpRequest, found: looked.Board, chosen: str) -> list[dict[str, Any]]:
    """Each state with its count, and the address that shows only it."""
    return [
        {
            "state": state,
            "words": words,
            "count": found.counts[state],
            "url": with_query(request, state="" if state == chosen else state, start=""),
            "chosen": state == chosen,
        }
        for state, words in STATE_WORDS.items()
    ]


def _chosen_words(
    request: HttpRequest, wish: looked.Wish, found: looked.Board
) -> list[tuple[str, str]]:
    """The filters in words, each with the address without it."""
    chosen = []
    if wish.state:
        chosen.append((str(STATE_WORDS[wish.state]), with_query(request, state="", start="")))
    if wish.inside is not None:
        chosen.append((wish.inside.name, with_query(request, start="", **{"in": ""})))
    if wish.text:
        chosen.append((wish.text, with_query(request, q="", start="")))
    if wish.owner is not None:
        account = found.owners.get(wish.owner)
        name = account.name if account else _("nobody yet")
        chosen.append((name, with_query(request, owner="", start="")))
    return chosen


def _owner(found: looked.Board, row: looked.CountyDue) -> str | None:
    """Who answers for a county with an open task; None where it has none."""
    if row.county.pk not in found.owner_of:
        return None
    account = found.owners.get(found.owner_of[row.county.pk] or 0)
    return account.name if account else _("nobody yet")
