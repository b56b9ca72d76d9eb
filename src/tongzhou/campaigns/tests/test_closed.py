"""A closed campaign takes nothing more in, and says how it is opened again."""

from pathlib import Path

import pytest

from tongzhou.campaigns.actions import (
    CampaignRefused,
    change_state,
    import_needs,
    import_promises,
    preview_needs,
    preview_promises,
    read_needs,
    read_promises,
    state_need,
)
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.campaigns.models import Campaign, NeedStatement, Promise
from tongzhou.kit import jobs
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import ImportRefused
from tongzhou.places.rules.problems import told

from .conftest import World
from .test_needs_import import FILE as NEEDS
from .test_pages import DAY, Browser, at, county, folder, sent, text_of
from .test_promises_import import FILE as PROMISES

__all__ = ["county", "folder"]
CURE = "Open it again, or ask the office that leads it to do so"


@pytest.fixture
def closed(world: World) -> World:
    """The campaign is closed meanwhile: what the caller holds still says open."""
    change_state(world.campaign, "closed", by=SYSTEM)
    assert world.campaign.state == Campaign.State.OPEN
    return world


def test_no_need_is_stated(closed: World) -> None:
    events = Event.objects.count()
    new = NewNeed(closed.places["6201-1"], closed.item, 2, DAY)
    with pytest.raises(CampaignRefused, match=f"closed. {CURE}"):
        state_need(closed.campaign, new, by=SYSTEM)
    assert (NeedStatement.objects.count(), Event.objects.count()) == (0, events)


def test_the_form_of_a_need_keeps_what_was_typed(closed: World, county: Browser) -> None:
    page = at(closed, "needs/new/")
    typed = {"place": "6201-1", "item": closed.item.pk, "source": "request", "units_asked": 7}
    answer = county.post(page, **typed, stock_units=0)
    body = answer.content.decode()
    assert f"The campaign is closed. {CURE}" in body
    assert 'value="7"' in body
    change_state(closed.campaign, "open", by=SYSTEM)
    assert county.post(page, **typed, stock_units=0).status_code == 302
    assert NeedStatement.objects.get().units_asked == 7


def test_no_table_of_needs_is_written(closed: World) -> None:
    table = read_needs(NEEDS.encode())
    with pytest.raises(ImportRefused) as caught:
        import_needs(table, by=SYSTEM, campaign=closed.campaign)
    assert set(caught.value.report.problems["code"]) == {"campaign.closed"}
    assert caught.value.report.refused == 3
    assert not NeedStatement.objects.exists()
    change_state(closed.campaign, "open", by=SYSTEM)
    assert import_needs(table, by=SYSTEM, campaign=closed.campaign).new == 3


def test_no_table_of_promises_is_written(closed: World) -> None:
    table = read_promises(PROMISES.encode())
    with pytest.raises(ImportRefused) as caught:
        import_promises(table, by=SYSTEM, campaign=closed.campaign)
    assert set(caught.value.report.problems["code"]) == {"campaign.closed"}
    assert not Promise.objects.exists()
    change_state(closed.campaign, "open", by=SYSTEM)
    assert import_promises(table, by=SYSTEM, campaign=closed.campaign).new == 2


def test_the_preview_of_both_says_so_with_the_cure(closed: World) -> None:
    now = Campaign.objects.select_related("division").get(pk=closed.campaign.pk)
    needs = preview_needs(read_needs(NEEDS.encode()), campaign=now)
    promises = preview_promises(read_promises(PROMISES.encode()), campaign=now)
    for report in (needs, promises):
        assert not report.sound
        words = told(report.problems).row(0, named=True)
        assert CURE in " ".join(str(value) for value in words.values())


def test_a_file_looked_at_before_the_closing_is_refused_afterwards(
    world: World, county: Browser, folder: Path
) -> None:
    start = county.get(at(world, "import/needs/"))["Location"]
    mine = "".join(line for line in NEEDS.splitlines(keepends=True) if "62010" not in line)
    page = sent(county, start, "6201", mine)["Location"]
    assert "campaign is closed" not in text_of(county.get(page))
    change_state(world.campaign, "closed", by=SYSTEM)
    county.post(f"{page}apply/")
    jobs.drain()
    assert not NeedStatement.objects.exists()
    assert "The campaign is closed" in text_of(county.get(page))
