"""The line of what clinics really got, beside the planned one."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from tongzhou.kit import clock
from tongzhou.people.models import Account, RoleGrant
from tongzhou.plans.actions import compute_run, open_run
from tongzhou.plans.models import Run
from tongzhou.plans.queries import received
from tongzhou.plans.queries.received import received_by_day, tells_received
from tongzhou.plans.views.pictures import coverage, days_of, finding, received_so_far

from .world import COORDINATOR, NOW, World


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)


@pytest.fixture
def arrived(monkeypatch):
    """Three of twelve places by the 9th, six by the 10th, unless told otherwise."""
    monkeypatch.setattr(received, "_sources", {})
    told = [(date(2023, 1, 10), 6), (date(2023, 1, 9), 3)]
    tells_received("test")(lambda run: told)
    return told


def planned(run: Run):
    return coverage(run, list(run.waves.order_by("number")))


def page(client, world, run, language="en") -> str:
    account = Account.objects.create(email="a@example.org", name="a")
    RoleGrant.objects.create(
        account=account,
        role="coordinator",
        division=world.nation,
        granted_by="x:1",
        granted_at=NOW,
    )
    client.force_login(account)
    answer = client.get(reverse("run", args=[run.pk]), headers={"accept-language": language})
    return str(answer.content.decode())


def test_shares_are_of_all_places_oldest_day_first(run, arrived):
    assert received_by_day(run) == [(date(2023, 1, 9), 0.25), (date(2023, 1, 10), 0.5)]


def test_more_than_all_is_all(run, arrived):
    arrived.append((date(2023, 1, 11), 13))
    assert received_by_day(run)[-1] == (date(2023, 1, 11), 1.0)


def test_the_line_begins_at_nothing_and_ends_today(run, arrived):
    with clock.fixed_at(NOW + timedelta(days=5)):
        fact = received_so_far(planned(run))
    assert fact.steps[0] == (planned(run).steps[0][0], 0.0)
    assert fact.steps[-1] == (date(2023, 1, 12), 0.5)


def test_late_receipts_make_the_picture_longer_and_today_does_not(run, arrived):
    arrived.append((date(2023, 1, 20), 12))
    line = planned(run)
    with clock.fixed_at(NOW + timedelta(days=90)):
        fact = received_so_far(line)
    assert days_of(line)[-1] == date(2023, 1, 16)
    assert days_of(line, fact=fact)[-1] == date(2023, 1, 20)


def test_before_anything_arrived_there_is_no_line(client, world, run, monkeypatch):
    monkeypatch.setattr(received, "_sources", {})
    assert received_so_far(planned(run)) is None
    shown = page(client, world, run)
    assert "Received" not in shown
    assert shown.count('stroke-dasharray="none"') == 0


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Received by 10 January 2023: 50%."), ("zh-hans", "截至2023年1月10日已收到：50%。")],
)
def test_the_page_draws_plan_and_fact_and_says_the_fact(
    client, world, run, arrived, language, says
):
    with clock.fixed_at(NOW + timedelta(days=3)):
        shown = page(client, world, run, language)
    assert says in shown
    assert shown.count('stroke-dasharray="7 5"') == 1
    assert shown.count('stroke-dasharray="none"') == 1


def test_the_finding_without_a_fact_is_what_it_was(run, arrived):
    line = planned(run)
    assert finding(line) in finding(line, received_so_far(line))
    assert "Received" not in finding(line)
