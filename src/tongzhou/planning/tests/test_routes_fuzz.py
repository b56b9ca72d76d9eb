"""Broken files end in a sentence: never in a crash, and never in a problem that makes no sense."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongzhou.planning.problem import ProblemError
from tongzhou.planning.routing import RouteProblem, reading
from tongzhou.planning.routing.documents import (
    answer_bytes,
    answer_from_bytes,
    answer_to,
    instance_to,
    read_instance,
)
from tongzhou.planning.routing.vrplib import read_solution

from .test_routes_documents import by_hand, clinic, county

EUCLIDEAN = """NAME : six
COMMENT : made here
TYPE : VRPTW
DIMENSION : 6
VEHICLES : 3
CAPACITY : 10
EDGE_WEIGHT_TYPE : EUC_2D
SERVICE_TIME : 5
NODE_COORD_SECTION
1 35 35
2 41 49
3 35 17
4 55 45
5 55 20
6 15 30
DEMAND_SECTION
1 0
2 3
3 4
4 2
5 5
6 1
TIME_WINDOW_SECTION
1 0 230
2 10 171
3 50 160
4 16 126
5 34 164
6 20 199
DEPOT_SECTION
 1
 -1
EOF
"""
EXPLICIT = """NAME : four
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : LOWER_ROW
CAPACITY : 10
EDGE_WEIGHT_SECTION
3
5 4
9 8 7
DEMAND_SECTION
1 0
2 3
3 4
4 2
DEPOT_SECTION
1
-1
EOF
"""
SOLUTION = "Route #1: 1 2 3\nRoute #2: 4 5\nCost 142\n"
WORDS = (
    *("-1", "0", "1e400", "-1e400", "nan", "inf", "1.5", "99999999999999999999", "", "x", "１"),
    *("DEPOT_SECTION", "EOF", ":", "#", "\x00", "DIMENSION : 5000", "-0", "1e5", "0x10", "_1"),
)


def broken(text: str, chance: random.Random) -> bytes:
    """The text with one to four things wrong with it."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 4)):
        if not lines:
            break
        at = chance.randrange(len(lines))
        words = lines[at].split(" ")
        match chance.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines[at], lines[0] = lines[0], lines[at]
            case 3:
                words[chance.randrange(len(words))] = chance.choice(WORDS)
                lines[at] = " ".join(words)
            case 4:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case 5:
                lines[at] += " " + chance.choice(WORDS)
            case _:
                lines = lines[: at + 1]
    data = bytearray("\n".join(lines).encode())
    if data and chance.random() < 0.2:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def read_all(read: Callable[[Path], Any], text: str, path: Path, count: int) -> tuple[int, int]:
    """How many of `count` broken files were refused, and how many could still be read."""
    chance = random.Random(20230108)
    faults = []
    for _ in range(count):
        path.write_bytes(broken(text, chance))
        try:
            read(path)
        except ProblemError as error:
            faults.append(error.faults)
    assert all(fault.endswith(".") for said in faults for fault in said)
    return len(faults), count - len(faults)


def read_vrp(path: Path) -> None:
    """What is read must be whole: the engine trusts it."""
    problem = RouteProblem.from_vrplib(path)
    assert problem.demand.min() >= 0
    assert problem.distance.min() >= 0
    assert len(problem.ids) == len(problem.distance)


JSON_INSTANCE = json.dumps(instance_to(county(clinic(1), clinic(2))), indent=1)
JSON_ANSWER = json.dumps(answer_to(by_hand(county(), (1, 2, 3), (4, 5))), indent=1)


def read_json(path: Path) -> None:
    read_instance(path).problem()


def read_routes(path: Path) -> None:
    """An answer that is read comes back as it is."""
    answer = answer_from_bytes(path.read_bytes())
    assert answer_bytes(answer_from_bytes(answer_bytes(answer))) == answer_bytes(answer)


CASES = {
    "euclidean": (read_vrp, EUCLIDEAN),
    "explicit": (read_vrp, EXPLICIT),
    "solution": (read_solution, SOLUTION),
    "instance": (read_json, JSON_INSTANCE),
    "answer": (read_routes, JSON_ANSWER),
}


@pytest.mark.parametrize("name", CASES)
def test_broken_files_end_in_a_sentence(name: str, tmp_path: Path) -> None:
    read, text = CASES[name]
    assert read_all(read, text, tmp_path / "x", 40)[0] >= 10


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_two_thousand_broken_files_end_in_a_sentence(name: str, tmp_path: Path) -> None:
    read, text = CASES[name]
    refused, kept = read_all(read, text, tmp_path / "x", 2_000)
    assert refused >= 500
    assert kept >= 1


def test_the_files_are_good_before_they_are_broken(tmp_path: Path) -> None:
    for name, (read, text) in CASES.items():
        path = tmp_path / name
        path.write_text(text)
        read(path)


@pytest.mark.parametrize("text", [EUCLIDEAN, EXPLICIT])
def test_a_file_that_is_too_large_is_not_read(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_ROUTE_FILE_BYTES", 100)
    path = tmp_path / "x.vrp"
    path.write_text(text)
    with pytest.raises(ProblemError, match="at most 100 are read"):
        RouteProblem.from_vrplib(path)
    with pytest.raises(ProblemError, match="at most 100 are read"):
        read_solution(path)
    with pytest.raises(ProblemError, match="at most 100 are read"):
        read_instance(path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("SERVICE_TIME : 5", "SERVICE_TIME : soon", "SERVICE_TIME is 'soon'"),
        ("CAPACITY : 10", "CAPACITY : 10.5", "CAPACITY is '10.5'"),
        ("CAPACITY : 10", "CAPACITY : 10\nDISTANCE : 200", "DISTANCE"),
        ("VEHICLES : 3", "VEHICLES : 0", "count 1 or more"),
        ("DIMENSION : 6", "DIMENSION : 5002", "DIMENSION 5,002"),
        ("2 3\n", "2 3.5\n", "not a whole number"),
        ("6 15 30", "6 15 1e300", "distance"),
        (" 1\n -1", " 2.5\n -1", "the number of a node"),
        ("2 41 49", "2 4_1 49", "numbers are digits"),
        ("2 41 49", "2.5 41 49", "a node of 1 to 6"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.vrp"
    assert old in EUCLIDEAN
    path.write_text(EUCLIDEAN.replace(old, new, 1))
    with pytest.raises(ProblemError, match=words):
        RouteProblem.from_vrplib(path)
