"""Fixtures of the plans tests; the small nation itself is in world.py."""

from collections.abc import Iterator

import pytest

from tongzhou.kit import clock

from .world import NOW, World, make_world


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """Everything happens on 7 January 2023."""
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world()
