"""A run while it is computed, and when its computing ends without a result."""

import pytest
from django.urls import reverse

from tongzhou.kit import clock, jobs
from tongzhou.kit.actions import cancel_job
from tongzhou.kit.models import Event, Job
from tongzhou.people.queries import actor
from tongzhou.plans.actions import PlanRefused, compute_again, compute_run, fail_run, open_run
from tongzhou.plans.models import Run

from .world import COORDINATOR, World


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return open_run(world.campaign, by=COORDINATOR)


def page(client, run: Run, language: str = "en") -> str:
    answer = client.get(reverse("run", args=[run.pk]), headers={"accept-language": language})
    return str(answer.content.decode())


def running() -> None:
    Job.objects.update(
        state="running", stage="Computing", total=1, worker="w", lease_until=clock.now()
    )


def ended(run: Run, state: str, error: str = "") -> None:
    Job.objects.filter(payload__run=run.pk).update(state=state, error=error)


class TestUnderWay:
    def test_who_started_it_sees_its_progress_and_may_cancel(self, client, sign_in, world):
        world.ready(8)
        run = open_run(world.campaign, by=actor(sign_in("coordinator")))
        job = Job.objects.get()
        running()
        shown = page(client, run)
        assert reverse("job-cancel", args=[job.pk]) in shown
        assert "Computing" in shown
        assert "htmx.min.js" in shown
        assert "Compute it again" not in shown

    def test_others_read_how_far_it_is(self, client, sign_in, run):
        sign_in("auditor")
        running()
        shown = page(client, run)
        assert "Computing a plan: Computing, 0 of 1." in shown
        assert "job-cancel" not in shown
        assert "htmx.min.js" not in shown

    def test_it_says_its_stages_and_a_late_cancel_keeps_nothing(self, run):
        told = []

        def report(done: int, total: int, stage: str) -> None:
            told.append((done, total, stage))
            raise jobs.Cancelled("now")

        with pytest.raises(jobs.Cancelled):
            compute_run(run, report, by=COORDINATOR)
        assert told == [(1, 2, "Keeping the result")]
        run.refresh_from_db()
        assert (run.state, run.computed_at) == (Run.State.DRAFT, None)

    def test_a_computed_run_speaks_of_no_work(self, client, sign_in, run):
        sign_in("coordinator")
        jobs.drain()
        shown = page(client, run)
        assert 'id="work"' not in shown
        assert "Compute it again" not in shown


class TestEndedWithoutResult:
    @pytest.mark.parametrize(
        ("state", "error", "says"),
        [
            ("cancelled", "", "The computing was cancelled"),
            ("failed", "Its worker died 3 times running it.", "Its worker died 3 times"),
            ("done", "", "The computing has stopped"),
        ],
    )
    def test_the_page_says_how_and_what_to_do_next(self, client, sign_in, run, state, error, says):
        sign_in("coordinator")
        ended(run, state, error)
        shown = page(client, run)
        assert says in shown
        assert "Compute it again" in shown
        assert "being computed" not in shown

    def test_a_refusal_is_said_with_its_reason(self, client, sign_in, run):
        sign_in("coordinator")
        ended(run, "done")
        fail_run(run, "No wave has so many units left.", by=COORDINATOR)
        assert "No wave has so many units left." in page(client, run)

    def test_without_a_job_it_has_stopped_too(self, client, sign_in, run):
        sign_in("coordinator")
        Job.objects.all().delete()
        assert "计算已停止" in page(client, run, "zh-hans")

    def test_who_may_not_run_plans_is_told_whom_to_ask(self, client, sign_in, run):
        sign_in("auditor")
        ended(run, "cancelled")
        shown = page(client, run)
        assert "Ask an office that runs plans" in shown
        assert "Compute it again" not in shown

    def test_figures_from_before_a_change_are_called_so(self, client, sign_in, run):
        sign_in("coordinator")
        compute_run(run, by=COORDINATOR)
        Run.objects.update(state="draft")
        ended(run, "cancelled")
        shown = page(client, run)
        assert "The figures below are from before" in shown
        assert "This plan has no result" not in shown


class TestAgain:
    @pytest.mark.parametrize("state", ["cancelled", "failed", "done"])
    def test_a_run_whose_job_is_dead_is_computed_again(self, client, sign_in, run, state):
        sign_in("coordinator")
        ended(run, state)
        answer = client.post(reverse("run-compute", args=[run.pk]))
        assert answer["Location"] == reverse("run", args=[run.pk])
        assert Event.objects.filter(verb="plan.compute_asked").count() == 1
        jobs.drain()
        run.refresh_from_db()
        assert run.state == Run.State.COMPUTED

    def test_a_refused_run_loses_its_old_reason(self, run):
        ended(run, "done")
        fail_run(run, "no", by=COORDINATOR)
        compute_again(run, by=COORDINATOR)
        run.refresh_from_db()
        assert (run.state, run.error) == (Run.State.DRAFT, "")

    def test_cancelled_twice_it_is_computed_a_third_time(self, run):
        for _time in range(2):
            cancel_job(Job.objects.latest("pk"), by=COORDINATOR)
            compute_again(run, by=COORDINATOR)
        jobs.drain()
        run.refresh_from_db()
        assert run.state == Run.State.COMPUTED
        assert Job.objects.count() == 3

    def test_while_it_is_computed_nobody_starts_it_twice(self, client, sign_in, run):
        with pytest.raises(PlanRefused, match="is being computed"):
            compute_again(run, by=COORDINATOR)
        sign_in("coordinator")
        answer = client.post(
            reverse("run-compute", args=[run.pk]), follow=True, headers={"accept-language": "en"}
        )
        assert "is being computed" in answer.content.decode()
        assert Job.objects.count() == 1

    def test_a_computed_run_is_not_computed_again(self, run):
        compute_run(run, by=COORDINATOR)
        with pytest.raises(PlanRefused, match="computed already"):
            compute_again(run, by=COORDINATOR)

    def test_a_reviewer_cannot_start_it(self, client, sign_in, run):
        sign_in("reviewer")
        ended(run, "cancelled")
        assert client.post(reverse("run-compute", args=[run.pk])).status_code == 403
