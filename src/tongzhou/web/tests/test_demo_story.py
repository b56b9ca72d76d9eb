"""The demonstration tells what its own pages show."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tongzhou.web.demo import story

pytestmark = [pytest.mark.slow, pytest.mark.tidy]

BOARD = """
from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.queries.board import counties_due
from tongzhou.kit import clock
from tongzhou.web.demo import story
with clock.fixed_at(story.NOW):
    print(*[row.county.code for row in counties_due(Campaign.objects.get()) if row.late])
"""


def test_the_board_names_the_county_that_the_story_calls_late(tmp_path: Path) -> None:
    """Once it told of a late county while its board said that all were on course."""

    def run(*arguments: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=os.environ | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-2_000:]
        return done.stdout

    run("-m", "tongzhou.web.cli", "demo", "--no-serve", TONGZHOU_MODE="demo")
    database = f"sqlite:///{tmp_path / '.demo' / 'demo.sqlite3'}"
    settings = {"DJANGO_SETTINGS_MODULE": "tongzhou.web.settings", "DATABASE_URL": database}
    script = f"import django; django.setup()\n{BOARD}"
    assert run("-c", script, TONGZHOU_MODE="demo", **settings).split() == [story.LATE_COUNTY]
