"""The loop that takes jobs and messages, as many processes of it as the operator likes."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, OperationalError, close_old_connections, connection

from tongzhou.kit.models import Job

from . import lease, queue
from .errors import describe
from .outbox import deliver_next
from .registry import runner_of
from .running import Cancelled, JobError, LeaseLost, Running

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
AWAY_SECONDS = 5.0
HEARTBEAT_SECONDS = 20.0
MOST_IN_A_DRAIN = 100_000


def work(*, limit: int = 1000) -> int:
    """Run what is due now, jobs and messages in turn; returns how many pieces of work that was."""
    queue.enqueue_periodic()
    count = 0
    while count < limit:
        delivered = deliver_next()
        ran = run_next()
        if not delivered and not ran:
            break
        count += bool(delivered) + bool(ran)
    return count


def work_until(stop: threading.Event) -> None:
    """Work until asked to stop. A database that is away is waited for; nothing is lost by it."""
    while not stop.is_set():
        try:
            busy = work(limit=50)
        except DatabaseError as error:
            log.error("The worker waits for its database: %s", describe(error))
            connection.close()
            stop.wait(AWAY_SECONDS)
            continue
        if not busy:
            close_old_connections()
            stop.wait(IDLE_SECONDS)


def drain() -> int:
    """Run everything there is now, later attempts included, in this thread: for tests and the demo.

    The first error of a runner or handler is raised. Returns how many pieces of work were done.
    """
    for count in range(MOST_IN_A_DRAIN):
        outcome = deliver_next(whenever=True) or run_next(whenever=True)
        if isinstance(outcome, Exception):
            raise outcome
        if not outcome:
            return count
    raise RuntimeError(f"There was still work after {MOST_IN_A_DRAIN} pieces: does it feed itself?")


def run_next(*, whenever: bool = False) -> bool | Exception:
    """Run one job that is due; False when there is none. Returns the error of a failed one."""
    job = queue.take(whenever=whenever)
    if job is None:
        return False
    try:
        with _heartbeat(job):
            result = runner_of(job.kind).run(Running(job))
    except Cancelled:
        queue.end(job, Job.State.CANCELLED)
    except LeaseLost:
        log.warning("job %s was taken over by another worker", job.pk)
    except JobError as error:
        queue.end(job, Job.State.FAILED, error=str(error))
        return error
    # Whatever a runner raises must not stop the jobs of others.
    except Exception as error:
        log.exception("job %s failed at attempt %s", job.pk, job.attempt)
        queue.try_again(job, error=describe(error))
        return error
    except BaseException:
        # The signal may have come within a query, and such a connection takes no other.
        if not connection.in_atomic_block:
            connection.close()
        queue.put_back(job)
        raise
    else:
        queue.end(job, Job.State.DONE, result=result)
    return True


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renew the lease from a thread while a step of the runner takes long.

    Not inside a transaction: there the thread's own connection would wait for the runner's.
    """
    if connection.in_atomic_block:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(job.pk, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(job_id: int, done: threading.Event) -> None:
    try:
        while not done.wait(HEARTBEAT_SECONDS):
            try:
                if not lease.renew(job_id):
                    return
            except OperationalError:
                # The runner itself holds SQLite's write lock; the lease outlasts several beats.
                log.info("job %s: the lease was not renewed this time", job_id)
    finally:
        connection.close()
