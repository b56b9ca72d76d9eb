"""The command line: fast help, exit codes 0, 1 and 2, and sentences that say what to do."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tongzhou.web import cli

PROBLEM = {
    "horizon_days": 21,
    "objective": "webster",
    "items": [{"id": "oximeter", "volume_l": 0.3, "carton_units": 100}],
    "nodes": [{"id": "62", "parent": None}]
    + [
        {
            "id": f"{name}-1",
            "parent": "62",
            "needs": {"oximeter": {"weight": weight, "floor": 2, "cap": 6, "stock": 0, "drop": 2}},
        }
        for name, weight in (("a", 3.2), ("b", 1.2))
    ],
    "supply": [{"producer": "p1", "item": "oximeter", "day": 0, "units": 6, "status": "firm"}],
    "waves": [{"day": 3}],
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the program in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli.app, list(arguments))


@pytest.fixture
def problem(run):
    Path("problem.json").write_text(json.dumps(PROBLEM))
    return "problem.json"


def test_help_lists_what_is_promised_and_nothing_of_later(run):
    shown = run("--help").output
    for command in ("init", "serve", "demo", "doctor", "import", "export", "plan", "verify"):
        assert f" {command} " in shown
    assert " exchange " not in shown
    planned = run("plan", "--help").output
    for command in ("allocate", "check", "explain", "diff", "replan", "whatif", "route"):
        assert f" {command} " in planned


def test_help_needs_no_django():
    script = "import sys; from tongzhou.web import cli; print('django' in sys.modules)"
    started = time.process_time()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
    assert time.process_time() - started < 0.5


def test_wrong_use_ends_with_2(run):
    assert run("serve", "--port", "99999").exit_code == 2
    assert run("nothing").exit_code == 2


def test_the_version_is_shown(run):
    assert run("--version").output.strip().count(".") == 2


def test_a_plan_is_made_checked_explained_and_compared(run, problem):
    made = run("plan", "allocate", problem, "--out", "plan.json", "--seed", "7")
    assert (made.exit_code, json.loads(made.output)["oximeter"]["units_given"]) == (0, 6)
    assert run("plan", "check", problem, "plan.json").output == "Sound.\n"
    assert "Node a-1 gets 4 units" in run("plan", "explain", problem, "plan.json", "a-1").output
    assert run("plan", "allocate", problem, "--out", "folder", "--seed", "7").exit_code == 0
    assert "lines 0" in run("plan", "diff", "plan.json", "folder").output


def test_the_same_seed_gives_the_same_bytes(run, problem):
    for name in ("one.json", "two.json"):
        run("plan", "allocate", problem, "--out", name, "--seed", "campaign-2023")
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()


def test_a_plan_that_was_tampered_with_is_refused_with_1(run, problem):
    run("plan", "allocate", problem, "--out", "plan.json")
    plan = json.loads(Path("plan.json").read_text())
    plan["allocations"][0]["units"] += 2
    Path("worse.json").write_text(json.dumps(plan))
    done = run("plan", "check", problem, "worse.json")
    assert (done.exit_code, "faults." in done.output) == (1, True)
    compared = run("plan", "diff", "plan.json", "worse.json").output
    assert "(+2)" in compared


def test_a_plan_further_from_its_bound_than_allowed_is_refused_with_1(run):
    """A drop of five finds room for four: the bound may split it, the plan may not."""
    problem = {
        "horizon_days": 3,
        "objective": "webster",
        "items": [{"id": "mask"}],
        "nodes": [
            {"id": "62", "parent": None},
            {"id": "a", "parent": "62", "needs": {"mask": {"weight": 1.0, "cap": 5, "drop": 5}}},
        ],
        "supply": [{"producer": "p1", "item": "mask", "day": 0, "units": 5, "status": "firm"}],
        "lanes": [{"from": "p1", "to": "62", "lead_days": 1, "units_a_day": 2}],
        "waves": [{"day": 2}],
    }
    Path("lanes.json").write_text(json.dumps(problem))
    assert run("plan", "allocate", "lanes.json", "--out", "plan.json").exit_code == 0
    assert run("plan", "check", "lanes.json", "plan.json").exit_code == 0
    far = run("plan", "check", "lanes.json", "plan.json", "--max-gap", "0.0001")
    assert (far.exit_code, "may be lacking" in far.output) == (1, True)
    assert run("plan", "check", "lanes.json", "plan.json", "--max-gap", "2").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plan", "check", "nothing.json", "plan.json"], "nothing.json is not there"),
        (["plan", "allocate", "bad.json"], "bad.json is not a problem"),
        (["plan", "check", "problem.json", "bad.json"], "bad.json is not a plan"),
        (["plan", "allocate", "problem.json", "--out", "no/plan.json"], "Create it first"),
    ],
)
def test_bad_plans_and_problems_end_with_2(run, problem, arguments, says):
    Path("bad.json").write_text('{"x": 1}')
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in done.output


def test_an_unknown_node_ends_with_2(run, problem):
    run("plan", "allocate", problem, "--out", "plan.json")
    done = run("plan", "explain", problem, "plan.json", "zz")
    assert (done.exit_code, "zz" in done.output) == (2, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "--head", "nothing.json"], "nothing.json cannot be read"),
        (["verify", "--head", "here.csv"], "is not a head file"),
        (["import", "places", "nothing.csv"], "nothing.csv is not there"),
        (["import", "cats", "here.csv"], "There is no kind 'cats'"),
        (["import", "recipients", "here.csv"], "takes no table of recipients yet"),
        (["export", "cats"], "There is no table of cats"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_to_do(run, arguments, says):
    Path("here.csv").write_text("a,b\n1,2\n")
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.output.split())


@pytest.mark.django_db
def test_sound_data_verify_with_0_and_give_a_head(run):
    done = run("verify", "--write-head", "head.json")
    assert done.exit_code == 0, done.output
    assert run("verify", "--head", "head.json").exit_code == 0


@pytest.mark.django_db
def test_a_head_that_was_changed_is_refused(run):
    run("verify", "--write-head", "head.json")
    head = json.loads(Path("head.json").read_text())
    head["sha256"] = "0" * 64
    Path("head.json").write_text(json.dumps(head))
    done = run("verify", "--head", "head.json")
    assert (done.exit_code, "was changed" in done.output) == (2, True)


@pytest.mark.django_db
def test_the_first_fault_is_named_with_1(run, monkeypatch):
    monkeypatch.setattr("tongzhou.web.checking.verify_ledger", lambda: ["unbalanced: move 7", "x"])
    done = run("verify")
    assert done.exit_code == 1
    assert "unbalanced: move 7" in done.output


def test_a_plan_is_made_again_after_events(run, problem):
    run("plan", "allocate", problem, "--out", "plan.json")
    half = {"kind": "producer", "producer": "p1", "factor": 0.5}
    Path("events.json").write_text(json.dumps([half]))
    made = run(
        *("plan", "replan", problem, "plan.json", "events.json"),
        *("--out", "after.json", "--problem-out", "problem2.json"),
    )
    assert made.exit_code == 0
    assert "Change 0 (producer)" in made.stderr
    assert run("plan", "check", "problem2.json", "after.json").exit_code == 0
    asked = run("plan", "whatif", problem, "plan.json", "events.json")
    assert json.loads(asked.stdout) == json.loads(Path("after.json").read_text())["metrics"]
    Path("events.json").write_text("[{}]")
    assert run("plan", "replan", problem, "plan.json", "events.json").exit_code == 2
