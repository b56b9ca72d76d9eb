"""`tongzhou plan route`: from a file to a file, with exit codes 0, 1 and 2."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tongzhou.planning.routing import matrix
from tongzhou.planning.routing.documents import read_answer
from tongzhou.planning.routing.vrplib import read_solution
from tongzhou.planning.tests.test_routes_matrix import OSRM, osrm
from tongzhou.web import cli

Run = Callable[..., Result]

VRP = """NAME : square
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 10 0
3 10 1
4 -10 0
5 -10 1
DEMAND_SECTION
1 0
2 1
3 1
4 1
5 1
DEPOT_SECTION
1
-1
EOF
"""
INSTANCE = {
    "name": "620102",
    "depot": {"id": "depot", "lon": 103.0, "lat": 36.0, "ready_s": 28_800, "due_s": 64_800},
    "stops": [
        {"id": "a", "name": "甲村卫生室", "lon": 103.1, "lat": 36.0, "demand": 2},
        {"id": "b", "lon": 103.2, "lat": 36.0, "demand": 2, "service_s": 600},
    ],
    "vehicles": [{"id": "van", "capacity": 4}],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TONGZHOU_MATRIX_URL", raising=False)
    Path("square.vrp").write_text(VRP)
    Path("county.json").write_text(json.dumps(INSTANCE))
    return lambda *arguments: CliRunner().invoke(cli.app, ["plan", "route", *arguments])


def test_a_vrplib_instance_is_routed_and_its_solution_written(run: Run) -> None:
    done = run("square.vrp", "--iterations", "500", "--seed", "7", "--out", "square.sol")
    assert done.exit_code == 0, done.output
    assert "Cost 42, 2 routes, 500 iterations" in done.output
    routes, cost = read_solution(Path("square.sol"))
    assert cost == 42
    assert {frozenset(route) for route in routes} == {frozenset({1, 2}), frozenset({3, 4})}


def test_the_same_seed_and_iterations_give_the_same_file(run: Run) -> None:
    for name in ("a.sol", "b.sol"):
        run("square.vrp", "--iterations", "300", "--out", name)
    assert Path("a.sol").read_bytes() == Path("b.sol").read_bytes()


def test_our_json_is_routed_to_the_document_that_drivers_use(run: Run) -> None:
    done = run("county.json", "--iterations", "100", "--out", "routes.json", "--json")
    told = json.loads(done.output)
    assert (told["routes"], told["iterations"], told["days_needed"]) == (1, 100, 1)
    assert {"seconds", "compile_s"} <= told.keys()
    answer = read_answer(Path("routes.json"))
    assert [visit.stop.id for visit in answer.trips[0].visits] in (["a", "b"], ["b", "a"])
    assert answer.cost == told["cost"]


def test_seconds_are_an_end_too(run: Run) -> None:
    told = json.loads(run("square.vrp", "--seconds", "0.02", "--json").output)
    assert told["cost"] == 42


def test_a_fleet_that_is_too_small_ends_with_1_and_writes_nothing(run: Run) -> None:
    one = {**INSTANCE, "vehicles": [{"id": "van", "capacity": 2, "count": 1}]}
    Path("county.json").write_text(json.dumps(one))
    done = run("county.json", "--iterations", "50", "--out", "routes.json")
    assert done.exit_code == 1
    assert "2 days are needed; the problem gives 1." in done.output
    assert not Path("routes.json").exists()


def test_roads_come_from_the_service_that_is_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGZHOU_MATRIX_URL", OSRM)
    monkeypatch.setattr(matrix, "_asked", osrm)
    done = run("county.json", "--iterations", "50", "--out", "routes.json", "--json")
    assert json.loads(done.output)["cost"] == 40_000
    assert read_answer(Path("routes.json")).roads.source == "osrm"
    monkeypatch.setattr(matrix, "_asked", lambda url, body: (404, b""))
    done = run("county.json", "--iterations", "50")
    assert done.exit_code == 0
    assert "It answers 404. Straight lines were taken." in done.output
    monkeypatch.setenv("TONGZHOU_MATRIX_URL", "roads")
    done = run("county.json")
    assert done.exit_code == 2
    assert "no address of a matrix service" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.vrp"], "nothing.vrp is not there"),
        (["square.vrp", "--seconds", "1", "--iterations", "5"], "not both"),
        (["square.vrp", "--iterations", "0"], "iterations is 1 to"),
        (["square.vrp", "--out", "away/square.sol"], "The folder of"),
        (["square.vrp", "--out", "square.json"], "for an instance in .json"),
        (["bad.vrp"], "bad.vrp is not a route instance"),
        (["bad.json"], "stops[0].demand: -1 is below 0"),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence(run: Run, arguments: list[str], words: str) -> None:
    Path("bad.vrp").write_text("NAME : nothing\n")
    bad = {**INSTANCE, "stops": [{"id": "a", "demand": -1}]}
    Path("bad.json").write_text(json.dumps(bad))
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output
