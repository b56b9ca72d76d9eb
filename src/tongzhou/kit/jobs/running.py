"""A job while it runs: what it is asked to do, and how it says how far it has come."""

from tongzhou.kit.models import Job
from tongzhou.kit.rules import Json

from .lease import cancel_was_asked, renew


class JobError(Exception):
    """However often it is tried, it cannot succeed; the text is shown to whoever started it."""


class Cancelled(Exception):
    """Somebody asked this job to stop."""


class LeaseLost(Exception):
    """Another worker has the job now, because this one was silent for too long."""


class Running:
    """What a runner gets. Call `report` after every step of a second or so, outside of
    transactions: it renews the lease, and it is where a cancelled job stops."""

    def __init__(self, job: Job) -> None:
        self.id = job.pk
        self.key = job.key
        self.payload: Json = job.payload
        self.attempt = job.attempt
        self.by = job.by

    def report(self, done: int, total: int | None = None, stage: str = "") -> None:
        """Say how far the job has come, in a short transaction of its own.

        Raises Cancelled when somebody asked to stop, LeaseLost when another worker has the job.
        """
        values: Json = {"done": done}
        if total is not None:
            values["total"] = total
        if stage:
            values["stage"] = stage[:120]
        # The lease first: what another worker has by now is not this one's to stop.
        if not renew(self.id, **values):
            raise LeaseLost(f"Job {self.key} is no longer this worker's.")
        if cancel_was_asked(self.id):
            raise Cancelled(self.key)
