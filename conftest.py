"""What every test gets: compiled catalogues, no network, and a browser when asked."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test
from hypothesis import settings as hypothesis_settings
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

from scripts.compile_messages import compile_all

ROOT = Path(__file__).parent
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
LONG_FIRST = {"journeys": 0, "tests": 1}  # folders whose files take long
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def examples(full: int) -> int:
    """With how many examples a property is tried: a third of `full`, all in `make test-slow`."""
    return full if os.environ.get("TONGZHOU_THOROUGH") else -(-full // 3)


hypothesis_settings.register_profile(
    "tongzhou",
    max_examples=examples(100),
    deadline=None,
    database=None,
    derandomize=bool(os.environ.get("CI")),
)
hypothesis_settings.load_profile("tongzhou")


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compile_all(ROOT / "src")


def pytest_collection_finish() -> None:
    """A million objects of imported modules live as long as the run: collecting garbage need not
    walk them again and again, which takes a tenth of the time of all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """A property's test is found by `-m examples`, for the run that tries all its examples."""
    if is_hypothesis_test(getattr(item, "obj", None)):
        item.add_marker("examples")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow campaigns run only when asked for; what no database can change runs once, on SQLite."""
    items.sort(
        key=lambda item: LONG_FIRST.get(item.path.relative_to(ROOT).parts[0], len(LONG_FIRST))
    )
    if "slow" in (config.option.markexpr or "").replace("not slow", ""):
        return
    left = [item for item in items if item.get_closest_marker("slow") or runs_once(item)]
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]


def runs_once(item: pytest.Item) -> bool:
    """A function that asks for no database, in a run on PostgreSQL."""
    return (
        os.environ.get("TONGZHOU_TEST_DATABASE") == "postgres"
        and type(item) is pytest.Function
        and not item.get_closest_marker("django_db")
        and not DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A unit test opens no socket; browser and slow tests speak to this machine alone."""
    if item.get_closest_marker("browser") or item.get_closest_marker("slow"):
        enable_socket()
        socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
    else:
        disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    enable_socket()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Sentences are compared in the language they are written in, whoever asked before."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the product keeps in files goes into a folder of this process."""
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATA_DIR", tmp_path_factory.mktemp("data"))
        yield


@pytest.fixture(autouse=True)
def _no_kept_page() -> Iterator[None]:
    """No page of another test's rows is served."""
    from django.conf import settings

    yield
    for kept in ("pages", "clinics"):
        shutil.rmtree(settings.DATA_DIR / kept, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied() -> Iterator[None]:
    """A test that commits leaves rows that Django empties away, guarded tables included."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from tongzhou.kit.tests.unguarded import unguarded

    execute = BaseDatabaseOperations.execute_sql_flush

    def execute_unguarded(operations: Any, statements: list[str]) -> None:
        with unguarded(operations.connection):
            execute(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_unguarded)
        yield


def find_chromium() -> str | None:
    """The browser of TONGZHOU_CHROMIUM, of the PATH, or None for Playwright's own."""
    if named := os.environ.get("TONGZHOU_CHROMIUM"):
        return named
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium, headless, for the whole run of one worker."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django refuses plain queries beside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page of 360 px width, as on a cheap phone, in a context of its own."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    yield context.new_page()
    context.close()
