"""The house, the people and the telephone of the story."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..stage import House, People, Phone


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House.prepared(tmp_path_factory.mktemp("s1"), "journeys.s1.prepare")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def people(browser: Any, house: House) -> Iterator[People]:
    everybody = People(browser, house)
    yield everybody
    everybody.close()


@pytest.fixture
def phone(browser: Any, tmp_path: Path) -> Phone:
    return Phone(browser, tmp_path / "phone")
