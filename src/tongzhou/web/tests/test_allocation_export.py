"""A plan's allocation from the command line, and as the description of the API has it."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from tongzhou.kit import clock
from tongzhou.plans.actions import compute_run, open_run
from tongzhou.plans.models import Run
from tongzhou.plans.tests.world import COORDINATOR, NOW, World, make_world
from tongzhou.web.api import api
from tongzhou.web.exports import NotGiven, give


@pytest.fixture
def world(db):
    with clock.fixed_at(NOW):
        yield make_world()


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_both_files_are_described():
    paths = api.get_openapi_schema()["paths"]
    for what in ("places", "divisions"):
        (described,) = [v for k, v in paths.items() if k.endswith(f"{{pk}}/{what}.{{ending}}")]
        content = described["get"]["responses"][200]["content"]
        assert {"text/csv", "application/geo+json"} <= set(content)


class TestCommand:
    def test_the_command_line_gives_a_division_alone(self, world, run):
        text = b"".join(give("allocation", run=run.pk, division=world.counties[0].code)).decode()
        assert [row["code"] for row in table(text)] == [c.code for c in world.clinics[:3]]

    def test_it_gives_a_map_and_parquet_too(self, world, run, tmp_path: Path):
        shown = json.loads(b"".join(give("allocation", run=run.pk, format="geojson")))
        assert len(shown["features"]) == 12
        file = tmp_path / "a.parquet"
        file.write_bytes(b"".join(give("allocation", run=run.pk, format="parquet")))
        assert pl.read_parquet(file)["units"].sum() == 8

    @pytest.mark.parametrize(
        ("asked", "says"),
        [({}, "Name the plan"), ({"run": 999}, "no computed plan 999")],
    )
    def test_it_says_which_plan_it_wants(self, db, asked, says):
        with pytest.raises(NotGiven, match=says):
            give("allocation", **asked)

    def test_it_says_which_formats_there_are(self, world, run):
        with pytest.raises(NotGiven, match="not as epcis"):
            give("allocation", run=run.pk, format="epcis")
