"""The town of the residents' journeys, and what a resident holds in the hand."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .stage import AXE, House, People


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House.prepared(tmp_path_factory.mktemp("town"), "journeys.town")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def officers(browser: Any, town: House) -> Iterator[People]:
    everybody = People(browser, town)
    yield everybody
    everybody.close()


@pytest.fixture
def pocket(browser: Any, town: House) -> Iterator[Callable[..., Any]]:
    """A new telephone of 360 px each time it is called, with scripts or without."""
    opened = []

    def take_out(*, scripts: bool = True, language: str = "en-GB") -> Any:
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            locale=language,
            java_script_enabled=scripts,
            base_url=town.url,
        )
        context.set_default_timeout(20_000)
        if scripts:
            context.add_init_script(path=AXE)
        opened.append(context)
        return context.new_page()

    yield take_out
    for context in opened:
        context.close()
