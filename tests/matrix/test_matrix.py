"""Every route, role and relation (how to add a route: see this package's docstring)."""

import pytest

from . import checks
from .routes import routes, unlisted
from .rows import rows
from .table import Row
from .world import World

ROWS = rows()
ROUTES = routes()


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
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_nothing_out_of_reach_changes_a_byte(world: World, row: Row) -> None:
    assert checks.nothing_foreign_counts(world, row) == []
