"""The lease by which one worker at a time holds a job."""

from datetime import timedelta

from django.db.models import QuerySet

from tongzhou.kit import clock
from tongzhou.kit.models import Job

from .processes import worker_name

LEASE = timedelta(seconds=120)


def held(job_id: int) -> QuerySet[Job]:
    """The job, as long as this process has it."""
    return Job.objects.filter(pk=job_id, state=Job.State.RUNNING, worker=worker_name())


def renew(job_id: int, **values: object) -> bool:
    """Keep the lease for another while; False where this process no longer holds it."""
    values["lease_until"] = clock.now() + LEASE
    return held(job_id).update(**values) == 1


def cancel_was_asked(job_id: int) -> bool:
    return Job.objects.filter(pk=job_id, cancel_asked=True).exists()
