"""Every route, role and relation (how to add a route: see this package's docstring)."""

import pytest

from . import checks
from .routes import routes
from .rows import rows
from .table import Row
from .world import World

ROWS = rows()
ROUTES = {route.name: route for route in routes()}


def test_every_route_has_a_row() -> None:
    missing = sorted(set(ROUTES) - set(ROWS))
    assert not missing, f"Write a row in tests/matrix/rows/ for: {missing}"


def test_every_row_has_a_route() -> None:
    assert not sorted(set(ROWS) - set(ROUTES))


@pytest.mark.parametrize("name", sorted(set(ROUTES) & set(ROWS)))
def test_view_and_row_agree_who_may(name: str) -> None:
    assert ROUTES[name].access == ROWS[name].access


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_only_who_may_opens_it(world: World, row: Row) -> None:
    assert checks.of_row(world, row) == []


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_nothing_out_of_reach_changes_a_byte(world: World, row: Row) -> None:
    assert checks.nothing_foreign_counts(world, row) == []
