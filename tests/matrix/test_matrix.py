"""Every route, role and relation (how to add a route: see this package's docstring)."""

import pytest

from . import checks
from .asking import ask
from .routes import routes, unlisted
from .rows import campaigns, delivery, people, rows, supplies
from .table import Row
from .world import World

ROWS = rows()
ROUTES = routes()
# One thing of each kind that waits for somebody.
WAITING = [
    people.invited,
    supplies.order,
    campaigns.need,
    delivery.difference,
    delivery.task,
    delivery.due,
]


def test_every_route_has_a_row() -> None:
    missing = unlisted(ROUTES, ROWS.values())
    assert not missing, f"Write a row in tests/matrix/rows/ for: {missing}"


def test_every_row_has_a_route() -> None:
    assert not [row.name for row in ROWS.values() if row.route not in ROUTES]


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_view_and_row_agree_who_may(row: Row) -> None:
    assert ROUTES[row.route].access == row.access


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_only_who_may_opens_it(world: World, row: Row) -> None:
    assert checks.of_row(world, row) == []


@pytest.mark.django_db
def test_the_desk_counts_nothing_out_of_reach(world: World) -> None:
    """What needs somebody is assembled from all apps; each of them has to keep to the scope."""
    assert checks.moved_by(world, "/desk/", WAITING) == []


@pytest.mark.django_db
def test_the_desk_counts_what_is_in_reach(world: World) -> None:
    """Or the test above would see nothing at all."""
    coordinator = next(h for h in world.holders if h.name == "coordinator")
    quiet = ask(world.browser(coordinator), "GET", "/desk/").text
    for build in WAITING:
        build(world.making("own"))
    busy = ask(world.browser(coordinator), "GET", "/desk/").text
    assert busy.count('class="what"') - quiet.count('class="what"') >= 5


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_nothing_out_of_reach_changes_a_byte(world: World, row: Row) -> None:
    assert checks.nothing_foreign_counts(world, row) == []
