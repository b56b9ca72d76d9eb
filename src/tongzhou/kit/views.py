"""The pages of long work: one job while it runs, and everything that waits or went wrong."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from . import access
from .actions import cancel_job, retry_job, retry_message
from .models import Job, OutboxMessage
from .paging import CursorError, page
from .queries import job_for, waiting
from .rules import Actor

ROWS = 50


@require_GET
@access.signed_in
def job(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A job's stage and count. The page polls itself; without a script it reloads."""
    row = job_for(request.user, pk)
    target = _return_to(row)
    if "HX-Request" in request.headers:
        return _fragment(request, row, target)
    if row.state == Job.State.DONE and target:
        return redirect(target)
    return render(request, "kit/job.html", {"job": row, "return_to": target})


@require_GET
@access.signed_in
def job_json(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same for programs."""
    row = job_for(request.user, pk)
    fields = ("kind", "state", "stage", "done", "total", "attempt", "error", "result")
    return JsonResponse({"id": row.pk} | {name: getattr(row, name) for name in fields})


@require_POST
@access.signed_in
def cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    cancel_job(job_for(request.user, pk, change=True), by=_actor(request))
    return redirect("job", pk)


@require_POST
@access.signed_in
def retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    retry_job(job_for(request.user, pk, change=True), by=_actor(request))
    return redirect("job", pk)


@require_GET
@access.requires("audit.view", whole=True)
def jobs(request: HttpRequest) -> HttpResponseBase:
    """What runs, waits or failed, newest first, and the dead letters."""
    try:
        found = page(Job.objects.all(), "-pk", after=request.GET.get("after", ""), size=ROWS)
    except CursorError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    letters = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED)
    context = {
        "jobs": found.rows,
        "next": found.next,
        "waiting": waiting(),
        "letters": letters.select_related("event").order_by("-pk")[:ROWS],
    }
    return render(request, "kit/jobs.html", context)


@require_POST
@access.requires("people.manage", whole=True)
def retry_letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    retry_message(get_object_or_404(OutboxMessage, pk=pk), by=_actor(request))
    return redirect("jobs")


def _fragment(request: HttpRequest, row: Job, target: str) -> HttpResponse:
    if row.state == Job.State.DONE and target:
        return HttpResponse(headers={"HX-Redirect": target})
    return render(request, "kit/job_progress.html", {"job": row, "return_to": target})


def _return_to(row: Job) -> str:
    """Where to go on to: an address of this site, or none at all."""
    target = str(row.payload.get("return_to", ""))
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""


def _actor(request: HttpRequest) -> Actor:
    return Actor("account", str(request.user.pk))
