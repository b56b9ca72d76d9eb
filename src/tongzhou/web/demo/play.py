"""Play the story step by step through the same actions that people use, at the hours it
happened."""

import gc
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import connection

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock, jobs
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.people.models import Account
from tongzhou.places.actions import load_divisions, make_demo_clinics
from tongzhou.plans.actions import open_run, publish_run, review_run
from tongzhou.plans.models import Run
from tongzhou.web.demo import story

from . import clinics, goods, people, road, setting

SEED = 2023
STEPS = (
    "Making the tables",
    "Loading 665,276 divisions",
    "Placing the made-up clinics",
    "Asking people in",
    "Opening the campaign",
    *(f"Batch {batch.number}: planning and publishing" for batch in story.BATCHES),
    *(f"Batch {batch.number}: on the road to the counties" for batch in story.BATCHES),
    "Handing the last mile to the drivers",
    "Telling people where to go with a fever",
    "Settling the database",
)


def play(province: str) -> Iterator[str]:
    """Yields the name of each step before it is done; the whole story takes about a minute."""
    names = iter(STEPS)
    yield next(names)
    call_command("migrate", interactive=False, verbosity=0)
    _fast()
    yield next(names)
    load_divisions(by=SYSTEM)
    yield next(names)
    make_demo_clinics(SEED)
    yield next(names)
    with clock.fixed_at(_at(5, 8)):
        people.ask_in()
    yield next(names)
    with clock.fixed_at(_at(5, 9)):
        campaign = setting.open_it()
        goods.order_all(campaign)
    for batch in story.BATCHES:
        yield next(names)
        plan_batch(campaign, batch)
    for batch in story.BATCHES:
        yield next(names)
        road.carry(campaign, batch)
    yield next(names)
    road.hand_to_drivers(campaign, province)
    yield next(names)
    nation, above = actor_of("coordinator"), actor_of("province")
    clinics.tell_where_to_go(province, nation=nation, province=above)
    yield next(names)
    _settle()


def plan_batch(campaign: Campaign, batch: story.Batch) -> Run:
    """Goods are ready; the coordinator plans, the reviewer approves, the plan is published."""
    coordinator, reviewer = actor_of("coordinator"), actor_of("reviewer")
    with clock.fixed_at(batch.ready):
        goods.deliver(batch)
    with clock.fixed_at(batch.ready + timedelta(hours=1)):
        directed = [r for r in campaign.recipients.all() if r.division.code in batch.directed]
        run = open_run(
            campaign,
            by=coordinator,
            directed=directed,
            with_promises=True,
            note=f"第 {batch.number} 批",
        )
        jobs.drain()
    with clock.fixed_at(batch.ready + timedelta(hours=2)):
        review_run(run, by=reviewer)
        publish_run(run, by=reviewer)
        jobs.drain()
    run.refresh_from_db()
    return run


def actor_of(name: str) -> Actor:
    """The account of one of the story's people, as who acts."""
    account = Account.objects.get(email=f"{name}@demo.example")
    return Actor("account", str(account.pk))


def _at(day: int, hour: int) -> datetime:
    return datetime(2023, 1, day, hour, 0, tzinfo=story.CHINA)


def _fast() -> None:
    """A demonstration that is cut off is built anew, so its building need not survive a power cut,
    nor let others read meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA journal_mode=MEMORY")
    # A nation's rows pass through here and are freed at once; the collector would walk through what
    # stays again and again, and find nothing. What the migrations left behind is worth one walk.
    gc.collect()
    gc.disable()


def _settle() -> None:
    """From here on it is a database like any other; the checkpoint brings all of it to the disk."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("ANALYZE")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    gc.enable()
