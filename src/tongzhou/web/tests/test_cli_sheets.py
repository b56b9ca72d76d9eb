"""`tongzhou plan sheets`: papers, map and table of a plan's routes, with exit codes 0, 1 and 2."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tongzhou.planning import Problem, solve
from tongzhou.planning.routing.answer import Answer, DriverTrip, Visit
from tongzhou.planning.routing.documents import write_answer
from tongzhou.planning.routing.instance import LeftOut, Roads, Stop
from tongzhou.planning.routing.problem import Vehicle
from tongzhou.web import cli

Run = Callable[..., Result]

PROBLEM = {
    "horizon_days": 5,
    "items": [{"id": "oximeter"}],
    "nodes": [
        {"id": "62", "parent": None},
        *(
            {"id": f"c{n}", "parent": "62", "needs": {"oximeter": {"weight": 1.0, "cap": 2}}}
            for n in (1, 2)
        ),
    ],
    "supply": [{"producer": "p", "item": "oximeter", "day": 0, "units": 4, "status": "firm"}],
    "waves": [{"day": 0}],
}


def routes(*stops: Stop, left_out: tuple[LeftOut, ...] = ()) -> Answer:
    depot = Stop("depot", name="县库", lon=103.0, lat=36.0)
    visits = tuple(Visit(stop, 30_000 + n, 4_000) for n, stop in enumerate(stops))
    trips = (DriverTrip(1, "van", 1, 1, 28_800, 36_000, visits, 3_000),)
    return Answer(
        "甲县", depot, stops, (Vehicle("van", 9),), trips, left_out, Roads(), 1, False, 0, 1, 1
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("problem.json").write_text(json.dumps(PROBLEM))
    solve(Problem.from_json(Path("problem.json")), seed=0).to_json(Path("plan.json"))
    first, second = (Stop(f"c{n}", 2, f"室{n}", lon=103.0 + n / 10, lat=36.1) for n in (1, 2))
    lost = (LeftOut(Stop("c9", 2), "no_point"),)
    Path("counties").mkdir()
    write_answer(routes(first), Path("counties/620102.json"))
    write_answer(routes(second, left_out=lost), Path("counties/620103.json"))
    return lambda *arguments: CliRunner().invoke(
        cli.app, ["plan", "sheets", "plan.json", *arguments]
    )


def test_papers_of_one_county_are_written(run: Run) -> None:
    more = ("--language", "zh", "--first-day", "2023-01-09", "--phone", "0931-1")
    done = run("counties/620102.json", "--out", "sheets.pdf", *more)
    assert done.exit_code == 0, done.output
    assert Path("sheets.pdf").read_bytes().startswith(b"%PDF-")


def test_a_table_of_a_folder_goes_to_standard_output(run: Run) -> None:
    done = run("counties", "--format", "csv")
    assert done.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["stop"], row["items"]) for row in rows] == [
        ("c1", "oximeter 2"),
        ("c2", "oximeter 2"),
    ]
    assert "620103.json: stops on no route: 1." in done.stderr


def test_a_folder_gets_one_map_a_county(run: Run) -> None:
    Path("maps").mkdir()
    assert run("counties", "--format", "geojson", "--out", "maps").exit_code == 0
    names = sorted(path.name for path in Path("maps").iterdir())
    assert names == ["620102.geojson", "620103.geojson"]
    assert json.loads(Path("maps/620102.geojson").read_text())["type"] == "FeatureCollection"


def test_routes_of_another_plan_are_told_apart(run: Run) -> None:
    write_answer(routes(Stop("c1", 3, lon=103.1, lat=36.1)), Path("other.json"))
    done = run("other.json", "--format", "csv")
    assert done.exit_code == 1
    assert "other.json: c1 gets 3 by the routes, 2 by the plan." in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("counties",), "--out sheets.pdf"),
        (("nowhere.json", "--format", "csv"), "nowhere.json"),
        (("problem.json", "--format", "csv"), "problem.json is not a ROUTES document"),
        (("counties", "--format", "csv", "--wave", "3"), "There is no wave 3"),
        (("counties", "--format", "csv", "--out", "no/x.csv"), "Create it first"),
        (("counties", "--format", "xlsx"), "xlsx"),
    ],
)
def test_what_cannot_be_worked_with_ends_with_2(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert said in done.stderr


def test_more_than_one_document_holds_asks_for_a_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongzhou.planning.sheets import paper

    monkeypatch.setattr(paper, "MAX_STOPS", 1)
    done = run("counties", "--out", "all.pdf")
    assert done.exit_code == 2
    assert "--out FOLDER" in done.stderr
    assert not Path("all.pdf").exists()
