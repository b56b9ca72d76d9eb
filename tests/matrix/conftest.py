"""The world of the matrix: made once for a worker, never committed."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import translation

from tongzhou.kit.clock import fixed_at

from .world import NOW, World


class _Undo(Exception):
    """Leaves the outermost block."""


@pytest.fixture(scope="package")
def made_world(django_db_setup: None, django_db_blocker: object) -> Iterator[World]:
    with django_db_blocker.unblock(), fixed_at(NOW):
        try:
            with transaction.atomic():
                yield World()
                raise _Undo
        except _Undo:
            pass


@pytest.fixture(autouse=True)
def _files_of_its_own(settings: object, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of requests are not written down one by one."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(made_world: World) -> Iterator[World]:
    """The world as it was made: what a test builds in it is undone."""
    with fixed_at(NOW), translation.override("en"):
        try:
            with transaction.atomic():
                yield made_world
                raise _Undo
        except _Undo:
            pass
