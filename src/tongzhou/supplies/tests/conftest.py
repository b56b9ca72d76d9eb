from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from .stock import World, make_world


@pytest.fixture
def world(db: Any) -> World:
    return make_world()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences are compared in the language they are written in."""
    with translation.override("en"):
        yield
