from typing import Any

import pytest

from .stock import World, make_world


@pytest.fixture
def world(db: Any) -> World:
    return make_world()
