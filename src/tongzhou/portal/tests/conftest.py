"""Fixtures of the portal tests: the small campaign of the delivery tests."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tongzhou.delivery.tests.world import NOW, World, make_world
from tongzhou.kit import clock


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Everything happens on 8 January 2023, and no page remembers another test."""
    cache.clear()
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world()
