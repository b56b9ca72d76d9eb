"""Shipments of a plan with lanes leave the docks that the plan names, with its units."""

from collections import Counter

import pytest
from django.db.models import Sum

from tongzhou.campaigns.models import Recipient
from tongzhou.delivery.models import Shipment
from tongzhou.kit import clock, jobs
from tongzhou.plans.actions import NewLane, add_lane, compute_run, open_run, publish_run, review_run
from tongzhou.plans.models import Run
from tongzhou.plans.queries.ways import sent_on_hand, ways_of
from tongzhou.plans.tests import world as plans_world
from tongzhou.plans.tests.world import COORDINATOR, REVIEWER


@pytest.mark.django_db
def test_what_leaves_a_dock_for_a_hub_is_what_the_plan_sends():
    with clock.fixed_at(plans_world.NOW):
        world = plans_world.make_world()
        for dock, recipient, most in ((0, 0, None), (0, 1, 1), (1, 1, None)):
            lane = NewLane(world.docks[dock], world.recipients[recipient], 1, most)
            add_lane(world.campaign, lane, by=COORDINATOR)
        world.ready(12)
        world.ready(8, dock=1)
        run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        publish_run(review_run(run, by=REVIEWER), by=REVIEWER)
        jobs.drain()
    run.refresh_from_db()
    assert run.state == Run.State.PUBLISHED
    hub_of = dict(Recipient.objects.values_list("pk", "hub"))
    planned: Counter[tuple[int, int]] = Counter()
    for source, recipient, units in sent_on_hand(ways_of(run), world.item.pk):
        planned[source.dock, hub_of[recipient]] += units
    rows = Shipment.objects.filter(run=run, from_place__in=world.docks)
    left = {
        (dock, hub): units
        for dock, hub, units in rows.values_list("from_place", "to_place").annotate(
            n=Sum("lines__units")
        )
    }
    assert left == planned
    assert sum(left.values()) == 20
