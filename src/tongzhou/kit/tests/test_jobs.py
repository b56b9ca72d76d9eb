"""A job is done once, by one worker at a time, and goes on where a dead worker left it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction

from tongzhou.kit import clock
from tongzhou.kit.actions import cancel_job, retry_job
from tongzhou.kit.jobs import (
    JobError,
    LeaseLost,
    drain,
    enqueue,
    lease,
    processes,
    queue,
    runner,
    work,
)
from tongzhou.kit.models import Event, Job
from tongzhou.kit.rules import SYSTEM, Actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_registries")]

DEAD = "/4000000/1"  # no process has this id on Linux


def ask(key="one", kind="count", **payload):
    return enqueue(kind, key, payload, by=Actor("account", "1"))


def count_to(total, seen):
    """A runner that notes each step once, as a resumable one does by its own rows."""

    @runner("count")
    def run(job):
        for step in range(len(seen), total):
            seen.append(step)
            job.report(step + 1, total, "counting")
        return {"counted": len(seen)}

    return run


def fresh(job):
    return Job.objects.get(pk=job.pk)


def test_a_job_runs_reports_and_ends(noon):
    count_to(3, [])
    job = ask(return_to="/desk/")
    assert drain() == 1
    job = fresh(job)
    assert (job.state, job.done, job.total, job.stage) == ("done", 3, 3, "counting")
    assert (job.result, job.started_at, job.finished_at) == ({"counted": 3}, noon, noon)
    assert job.lease_until is None


def test_the_same_key_is_the_same_job():
    count_to(1, seen := [])
    assert ask("publish-7").pk == ask("publish-7").pk
    drain()
    assert ask("publish-7").state == "done"
    assert drain() == 0
    assert seen == [0]


def test_a_key_belongs_to_one_kind():
    ask("7", kind="count")
    with pytest.raises(ValueError, match="key of its own"):
        ask("7", kind="other")


def test_a_payload_has_a_limit():
    with pytest.raises(ValueError, match="64 KiB"):
        ask(text="x" * 70_000)


def test_a_job_of_a_transaction_that_fails_was_never_asked_for():
    with suppress(ZeroDivisionError), transaction.atomic():
        ask()
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_a_kind_that_this_process_does_not_know_waits_for_one_that_does():
    job = ask(kind="from-a-newer-version")
    assert work() == 0
    assert fresh(job).state == "waiting"


def test_a_worker_that_dies_leaves_a_job_that_the_next_one_goes_on_with():
    count_to(3, seen := [])
    job = ask()
    taken = queue.take()
    seen.append(0)  # the first step was done and reported when the process was killed
    Job.objects.filter(pk=job.pk).update(worker=processes.machine() + DEAD, done=1)
    assert work() == 1
    assert seen == [0, 1, 2]
    assert (fresh(job).state, fresh(job).attempt) == ("done", taken.attempt + 1)


def test_a_living_worker_keeps_its_job_until_the_lease_ends(noon):
    count_to(1, [])
    job = ask()
    queue.take()
    Job.objects.filter(pk=job.pk).update(worker="elsewhere/1/2/3")
    with clock.fixed_at(noon + lease.LEASE):
        assert work() == 0
    with clock.fixed_at(noon + lease.LEASE + timedelta(seconds=1)):
        assert work() == 1


def test_a_worker_that_lost_its_lease_is_told_and_changes_nothing_more():
    @runner("count")
    def run(job):
        Job.objects.filter(pk=job.id).update(worker="elsewhere/1/2/3")
        with pytest.raises(LeaseLost):
            job.report(1, 2)
        raise LeaseLost

    job = ask()
    assert work() == 1
    assert (fresh(job).state, fresh(job).worker, fresh(job).done) == (
        "running",
        "elsewhere/1/2/3",
        0,
    )


def test_a_report_renews_the_lease(noon):
    @runner("count")
    def run(job):
        with clock.fixed_at(noon + timedelta(seconds=100)):
            job.report(1)
            assert Job.objects.get().lease_until == noon + timedelta(seconds=100) + lease.LEASE

    ask()
    assert work() == 1
    assert Job.objects.get().state == "done"


def fails(error):
    @runner("count")
    def run(job):
        raise error


def test_a_failed_attempt_waits_longer_each_time(noon):
    fails(ValueError("no network\nDETAIL: 13812341234"))
    job = ask()
    assert work() == 1
    assert (fresh(job).state, fresh(job).error) == ("waiting", "ValueError: no network")
    assert fresh(job).next_at == noon + timedelta(seconds=2)
    assert work() == 0
    with clock.fixed_at(noon + timedelta(seconds=2)):
        assert work() == 1
        assert fresh(job).next_at == clock.now() + timedelta(seconds=4)


def test_after_the_last_attempt_the_job_has_failed_and_can_be_retried(person):
    fails(ValueError("no network"))
    job = ask()
    for _ in range(5):
        with pytest.raises(ValueError, match="no network"):
            drain()
    assert fresh(job).state == "failed"
    assert drain() == 0
    count_to(1, [])
    assert retry_job(job, by=SYSTEM)
    assert drain() == 1
    assert fresh(job).state == "done"
    assert Event.objects.get().verb == "job.retried"
    assert not retry_job(job, by=SYSTEM)


def test_what_cannot_succeed_is_not_tried_again():
    fails(JobError("Row 3 has no code. Correct the file and start again."))
    job = ask()
    assert work() == 1
    assert (fresh(job).state, fresh(job).attempt) == ("failed", 1)
    assert fresh(job).error == "Row 3 has no code. Correct the file and start again."


def test_a_job_that_kills_every_worker_is_given_up():
    count_to(1, seen := [])
    job = ask()
    dead = processes.machine() + DEAD
    Job.objects.filter(pk=job.pk).update(
        state="running", attempt=5, worker=dead, lease_until=clock.now() + lease.LEASE
    )
    assert work() == 0
    assert (fresh(job).state, seen) == ("failed", [])
    assert "died 5 times" in fresh(job).error


def test_a_worker_that_is_stopped_puts_its_job_back_unharmed():
    fails(SystemExit())
    job = ask()
    with pytest.raises(SystemExit):
        work()
    assert (fresh(job).state, fresh(job).attempt) == ("waiting", 0)
    count_to(1, [])
    assert work() == 1


def test_a_waiting_job_is_cancelled_at_once():
    count_to(1, seen := [])
    job = ask()
    assert cancel_job(job, by=SYSTEM)
    assert (fresh(job).state, drain(), seen) == ("cancelled", 0, [])
    assert Event.objects.get().verb == "job.cancelled"


def test_a_running_job_stops_at_its_next_report():
    steps = []

    @runner("count")
    def run(job):
        for step in range(5):
            steps.append(step)
            if step == 2:
                cancel_job(Job.objects.get(pk=job.id), by=SYSTEM)
            job.report(step)

    job = ask()
    work()
    assert (fresh(job).state, steps) == ("cancelled", [0, 1, 2])


def test_a_job_that_ended_cannot_be_cancelled():
    count_to(1, [])
    job = ask()
    drain()
    assert not cancel_job(job, by=SYSTEM)
    assert not Event.objects.exists()


def test_older_jobs_come_first(noon):
    order = []

    @runner("count")
    def run(job):
        order.append(job.key)

    with clock.fixed_at(noon + timedelta(seconds=1)):
        ask("later")
    ask("earlier")
    drain()
    assert order == ["earlier", "later"]


def test_a_periodic_job_starts_once_in_each_span_and_old_ones_are_forgotten(noon):
    runs = []
    runner("kit.tidy", every=timedelta(days=1))(lambda job: runs.append(job.key))
    work()
    work()
    assert len(runs) == 1
    with clock.fixed_at(noon + timedelta(days=1)):
        work()
    assert len(set(runs)) == 2
    with clock.fixed_at(noon + timedelta(days=40)):
        work()
    assert Job.objects.count() == 1


def test_work_has_a_limit():
    count_to(1, [])
    for number in range(3):
        ask(str(number))
    assert work(limit=2) == 2
    assert Job.objects.filter(state="waiting").count() == 1


def test_this_process_is_alive_and_a_later_one_with_its_number_is_not_it():
    name = processes.worker_name()
    assert processes.is_alive(name)
    assert not processes.is_alive(name.rpartition("/")[0] + "/1")
    assert not processes.is_alive(processes.machine() + DEAD)


def test_where_processes_cannot_be_seen_only_the_lease_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PROC", tmp_path)
    assert processes.is_alive("host/-/77/123")
    assert processes.is_alive("host/-/77/-")
