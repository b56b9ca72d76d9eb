"""VRPLIB files: problems in (CVRP and VRPTW, EUC_2D and EXPLICIT), solutions in and out.

The format is TSPLIB 95 (Reinelt) with the sections of CVRPLIB: CAPACITY, DEMAND_SECTION,
DEPOT_SECTION, and for windows TIME_WINDOW_SECTION and SERVICE_TIME_SECTION. EUC_2D is the straight
line rounded to the nearest whole number, as TSPLIB says.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..limits import MAX_STOPS
from ..problem.faults import ProblemError
from .problem import RouteProblem, Vehicle
from .reading import bytes_of

_SECTIONS = {
    *("NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION", "EDGE_WEIGHT_SECTION"),
    *("TIME_WINDOW_SECTION", "SERVICE_TIME_SECTION", "DISPLAY_DATA_SECTION"),
}
Rows = list[tuple[int, list[float]]]


class _File(NamedTuple):
    """Header by key, rows of numbers by section, each row with its line number."""

    name: str
    header: dict[str, str]
    sections: dict[str, Rows]


def read_vrplib(path: Path) -> RouteProblem:
    """The problem in a file. ProblemError names the line; OSError when it cannot be read."""
    return _problem(_parse(path.name, _lines(path)))


def _lines(path: Path) -> list[str]:
    try:
        return bytes_of(path).decode("utf-8").splitlines()
    except UnicodeDecodeError as fault:
        raise ProblemError([f"{path.name} is not text (byte {fault.start})."]) from fault


def _parse(name: str, lines: list[str]) -> _File:
    header: dict[str, str] = {}
    sections: dict[str, Rows] = {}
    section: str | None = None
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words:
            continue
        key = words[0].rstrip(":").upper()
        if key == "EOF":
            break
        if key in _SECTIONS:
            section = key
            sections[key] = []
        elif words[0][0].isalpha():
            header[key] = line.partition(":")[2].strip() or " ".join(words[1:])
            section = None
        elif section is None:
            raise ProblemError([f"{name} line {number}: numbers outside of any section."])
        else:
            sections[section].append((number, _numbers(name, number, words)))
    return _File(name, header, sections)


def _numbers(name: str, number: int, words: list[str]) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError as fault:
        raise ProblemError([f"{name} line {number}: {_words(fault)}."]) from fault
    # Python reads 1_000 and full-width digits as numbers; no other program does.
    if any("_" in word or not word.isascii() for word in words):
        raise ProblemError([f"{name} line {number}: numbers are digits, point and e."])
    if not all(np.isfinite(values)):
        raise ProblemError([f"{name} line {number}: a number is not finite."])
    return values


def _problem(file: _File) -> RouteProblem:
    size = _header_number(file, "DIMENSION")
    if not 2 <= size <= MAX_STOPS + 1:
        raise ProblemError([f"{file.name}: DIMENSION {size:,}; 2 to {MAX_STOPS + 1:,} are read."])
    if "DISTANCE" in file.header:
        # Routes that are too long would be found, and nothing would say so.
        raise ProblemError(
            [f"{file.name}: DISTANCE, a limit on the length of routes, is not kept."]
        )
    points = _points(file, size)
    order = _depot_first(file, size)
    times: dict[str, Any] = {}
    if "TIME_WINDOW_SECTION" in file.sections:
        windows = _by_node(file, "TIME_WINDOW_SECTION", size, 2)[order]
        times = {
            "ready_s": windows[:, 0],
            "due_s": windows[:, 1],
            "service_s": _service(file, size)[order],
        }
    count = _header_number(file, "VEHICLES") if "VEHICLES" in file.header else None
    return RouteProblem.from_matrix(
        _matrix(file, size, points)[np.ix_(order, order)],
        _by_node(file, "DEMAND_SECTION", size, 1)[order, 0],
        [Vehicle("vehicle", _header_number(file, "CAPACITY"), count)],
        ids=[str(i + 1) for i in order.tolist()],
        points=None if points is None else points[order],
        name=file.header.get("NAME", Path(file.name).stem),
        **times,
    )


def _header_number(file: _File, key: str) -> int:
    if key not in file.header:
        raise ProblemError([f"{file.name}: no {key} in the header."])
    word = file.header[key]
    try:
        value = float(word)
    except ValueError:
        value = np.nan
    # What a float cannot hold exactly is no size of anything here.
    if not (value.is_integer() and abs(value) < 2**53):
        raise ProblemError([f"{file.name}: {key} is {word[:40]!r}, no whole number."])
    return int(value)


def _by_node(file: _File, section: str, size: int, width: int) -> NDArray[np.float64]:
    """float64[size, width]: rows of `node value ...`, each node once."""
    if section not in file.sections:
        raise ProblemError([f"{file.name}: no {section}."])
    values = np.full((size, width), np.nan)
    for line, row in file.sections[section]:
        node = int(row[0])
        if len(row) != width + 1 or not 1 <= node <= size or node != row[0]:
            raise ProblemError(
                [f"{file.name} line {line}: a node of 1 to {size} and {width} value(s) go here."]
            )
        if not np.isnan(values[node - 1, 0]):
            raise ProblemError([f"{file.name} line {line}: node {node} is here twice."])
        values[node - 1] = row[1:]
    missing = np.flatnonzero(np.isnan(values[:, 0]))
    if len(missing):
        raise ProblemError([f"{file.name}: {section} lacks node {missing[0] + 1}."])
    return values


def _points(file: _File, size: int) -> NDArray[np.float64] | None:
    if "NODE_COORD_SECTION" not in file.sections:
        return None
    return _by_node(file, "NODE_COORD_SECTION", size, 2)


def _service(file: _File, size: int) -> NDArray[np.float64]:
    if "SERVICE_TIME_SECTION" in file.sections:
        return _by_node(file, "SERVICE_TIME_SECTION", size, 1)[:, 0]
    every = _header_number(file, "SERVICE_TIME") if "SERVICE_TIME" in file.header else 0
    service = np.full(size, float(every))
    service[0] = 0
    return service


def _depot_first(file: _File, size: int) -> NDArray[np.int64]:
    """int64[size]: nodes in the order in which they are routed; the depot comes first."""
    rows = file.sections.get("DEPOT_SECTION", [])
    depots = [value for _, row in rows for value in row if value != -1]
    if any(not value.is_integer() for value in depots):
        raise ProblemError([f"{file.name}: the depot is the number of a node."])
    if len(depots) > 1:
        raise ProblemError([f"{file.name}: {len(depots)} depots; one can be routed at once."])
    depot = int(depots[0]) - 1 if depots else 0
    if not 0 <= depot < size:
        raise ProblemError([f"{file.name}: depot {depot + 1} is no node."])
    others = [i for i in range(size) if i != depot]
    return np.array([depot, *others], dtype=np.int64)


def _matrix(file: _File, size: int, points: NDArray[np.float64] | None) -> NDArray[np.float64]:
    kind = file.header.get("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if kind == "EUC_2D":
        if points is None:
            raise ProblemError([f"{file.name}: EUC_2D needs a NODE_COORD_SECTION."])
        x, y = points.T
        return np.asarray(np.floor(np.hypot(x[:, None] - x, y[:, None] - y) + 0.5))
    if kind != "EXPLICIT":
        raise ProblemError([f"{file.name}: EDGE_WEIGHT_TYPE {kind}; EUC_2D or EXPLICIT are read."])
    form = file.header.get("EDGE_WEIGHT_FORMAT", "FULL_MATRIX").upper()
    if form not in _FORMS:
        raise ProblemError(
            [f"{file.name}: EDGE_WEIGHT_FORMAT {form}; {', '.join(_FORMS)} are read."]
        )
    values = [v for _, row in file.sections.get("EDGE_WEIGHT_SECTION", []) for v in row]
    return _explicit(file, np.array(values), size, form)


def _everywhere(size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    rows, columns = np.indices((size, size)).reshape(2, -1)
    return rows, columns


# Which cells the numbers fill, in their order; a triangle is mirrored.
_FORMS: dict[str, Callable[[int], tuple[NDArray[Any], NDArray[Any]]]] = {
    "FULL_MATRIX": _everywhere,
    "LOWER_ROW": lambda n: np.tril_indices(n, -1),
    "LOWER_DIAG_ROW": np.tril_indices,
    "UPPER_ROW": lambda n: np.triu_indices(n, 1),
    "UPPER_DIAG_ROW": np.triu_indices,
}


def _explicit(
    file: _File, values: NDArray[np.float64], size: int, form: str
) -> NDArray[np.float64]:
    # Counted before the cells are: a wrong DIMENSION must not cost a gigabyte.
    cells = size * size if form == "FULL_MATRIX" else size * (size - 1) // 2
    cells += size if "DIAG" in form else 0
    if len(values) != cells:
        raise ProblemError(
            [f"{file.name}: {len(values):,} distances; {form} of {size} nodes has {cells:,}."]
        )
    rows, columns = _FORMS[form](size)
    matrix = np.zeros((size, size))
    matrix[rows, columns] = values
    if form != "FULL_MATRIX":
        matrix[columns, rows] = values
    return matrix


def solution_lines(routes: tuple[tuple[int, ...], ...], cost: int) -> Iterator[str]:
    """The lines of a VRPLIB solution: stops are numbered from 1, the depot is not among them."""
    for number, route in enumerate(routes, start=1):
        yield f"Route #{number}: " + " ".join(str(stop) for stop in route)
    yield f"Cost {cost}"


def read_solution(path: Path) -> tuple[tuple[tuple[int, ...], ...], int | None]:
    """Routes and the cost that a VRPLIB solution file states (None where it states none)."""
    routes: list[tuple[int, ...]] = []
    cost: int | None = None
    for number, line in enumerate(_lines(path), start=1):
        word, _, rest = line.strip().partition(" ")
        try:
            if word.lower() == "route":
                routes.append(tuple(int(stop) for stop in rest.partition(":")[2].split()))
            elif word.lower() == "cost":
                cost = int(float(rest))
        except (ValueError, OverflowError) as fault:
            raise ProblemError([f"{path.name} line {number}: {_words(fault)}."]) from fault
    return tuple(routes), cost


def _words(fault: Exception) -> str:
    """What Python says of a number, without the end of a long line."""
    return str(fault)[:100]
