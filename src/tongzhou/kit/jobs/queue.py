"""Put a job in the queue, let one worker at a time take it, and note how it ended."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tongzhou.kit import clock
from tongzhou.kit.models import Job
from tongzhou.kit.rules import SYSTEM, Actor, Json, backoff, canonical

from .lease import LEASE, held
from .processes import is_alive, machine, worker_name
from .registry import runners

LARGEST_PAYLOAD_BYTES = 64 * 1024
LONGEST_ERROR = 2000
PERIODIC_KEPT = timedelta(days=30)


def enqueue(kind: str, key: str, payload: Json, *, by: Actor, total: int = 0) -> Job:
    """Ask for work to be done after commit, once for each key; a known key returns its job.

    `total` is how many steps there will be, for the progress bar. The payload holds ids, never a
    personal value; `return_to` in it is the page to go on to, `permission` names who may look.
    """
    if len(canonical(payload)) > LARGEST_PAYLOAD_BYTES:
        raise ValueError("A job's payload is at most 64 KiB. Store the rest and pass its id.")
    now = clock.now()
    job = Job(
        kind=kind, key=key, payload=payload, total=total, by=str(by), created_at=now, next_at=now
    )
    # An insert that lets a known key pass; asking first would race with another that asks.
    Job.objects.bulk_create([job], ignore_conflicts=True)
    kept = Job.objects.get(key=key)
    if kept.kind != kind:
        raise ValueError(f"The job {key} is of the kind {kept.kind}; give {kind} a key of its own.")
    return kept


def enqueue_periodic() -> None:
    """Start the jobs that come round by the clock, one for each span of time."""
    now = clock.now()
    for runner in runners():
        if runner.every is not None:
            slot = int(now.timestamp() // runner.every.total_seconds())
            key = f"{runner.kind}@{slot}"
            if not Job.objects.filter(key=key).exists():
                enqueue(runner.kind, key, {}, by=SYSTEM)
                _forget_old(runner.kind, now)


def _forget_old(kind: str, now: datetime) -> None:
    done = Job.objects.filter(kind=kind, key__startswith=f"{kind}@", state=Job.State.DONE)
    done.filter(finished_at__lt=now - PERIODIC_KEPT).delete()


def take(*, whenever: bool = False) -> Job | None:
    """Lease the oldest job that is due and whose kind this process knows; None when there is none.

    A job whose worker died is due when its lease runs out, or at once where the worker was a
    process of this machine that is gone. Safe among several workers on both databases: PostgreSQL
    skips rows that another is taking, SQLite has one writer. `whenever` takes those that wait for
    a later attempt too.
    """
    due = _due(clock.now(), whenever)
    if not due.exists():  # an idle worker must not ask for the write lock of SQLite again and again
        return None
    with transaction.atomic():
        job = due.select_for_update(skip_locked=True).order_by("next_at", "pk").first()
        if job is None:
            return None
        job.worker, job.attempt = worker_name(), job.attempt + 1
        job.state, job.lease_until = Job.State.RUNNING, clock.now() + LEASE
        job.started_at = job.started_at or clock.now()
        job.save(update_fields=["state", "worker", "attempt", "lease_until", "started_at"])
    # Counted when taken, not when it fails: a job that kills its worker never comes to fail.
    if job.attempt > job.attempts_allowed:
        end(job, Job.State.FAILED, error=f"Its worker died {job.attempt - 1} times running it.")
        return None
    return job


def _due(now: datetime, whenever: bool) -> QuerySet[Job]:
    waiting = (
        Q(state=Job.State.WAITING) if whenever else Q(state=Job.State.WAITING, next_at__lte=now)
    )
    left = Q(state=Job.State.RUNNING) & (Q(lease_until__lt=now) | Q(worker__in=_gone()))
    return Job.objects.filter(waiting | left, kind__in=[r.kind for r in runners()])


def _gone() -> list[str]:
    """Workers of this machine that hold a lease and are no longer running."""
    held = Job.objects.filter(state=Job.State.RUNNING, worker__startswith=f"{machine()}/")
    return [name for name in held.values_list("worker", flat=True) if not is_alive(name)]


def end(job: Job, state: Job.State, *, result: Json | None = None, error: str = "") -> None:
    """Note how a job ended, unless another worker has it by now."""
    held(job.pk).update(
        state=state,
        result=result,
        error=error[:LONGEST_ERROR],
        lease_until=None,
        finished_at=clock.now(),
    )


def try_again(job: Job, *, error: str) -> None:
    """Let the job wait for its next attempt, or fail it after the last."""
    if job.attempt >= job.attempts_allowed:
        end(job, Job.State.FAILED, error=error)
        return
    held(job.pk).update(
        state=Job.State.WAITING,
        error=error[:LONGEST_ERROR],
        lease_until=None,
        next_at=clock.now() + backoff(job.attempt),
    )


def put_back(job: Job) -> None:
    """Give a job up unharmed, because this worker is being stopped; another goes on at once."""
    # A stop is not the job's fault, so it uses up none of its attempts.
    held(job.pk).update(
        state=Job.State.WAITING, lease_until=None, attempt=F("attempt") - 1, next_at=clock.now()
    )
