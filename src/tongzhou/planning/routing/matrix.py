"""Roads from a service that knows them: metres and seconds between all stops of a county.

Two interfaces are spoken: the table service of OSRM (an address that ends in `/table/v1/<profile>`,
https://project-osrm.org/docs/v5.24.0/api/#table-service) and the matrix of Valhalla (one that ends
in `/sources_to_targets`, https://valhalla.github.io/valhalla/api/matrix/api-reference/). Where the
service fails, the straight line is taken instead and the roads say so.
"""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ..limits import MAX_DISTANCE, MAX_TIME_S
from ..problem.faults import ProblemError
from .instance import Instance, Roads
from .problem import great_circle_m

BLOCK = 50  # points on each side of one request: OSRM takes 100 in all unless told otherwise
TIMEOUT_S = 20.0
WHOLE_S = 300.0  # for all requests of a county
TRIES = 3
PAUSE_S = 0.5
BYTES_AT_MOST = 8 * 2**20
NOTE_AT_MOST = 300

Floats = NDArray[np.float64]
Blocks = Callable[[str, Floats, Floats], tuple[Floats, Floats]]


class ServiceError(Exception):
    """The service did not answer, or what it answered is no matrix."""


def with_roads(instance: Instance, url: str) -> Instance:
    """The instance with the roads of the service at `url`.

    Pairs that the service cannot join get the straight line x circuity, and the note counts them;
    where the service fails altogether, all do. ProblemError for an address of neither kind, or a
    stop without a point.
    """
    name, ask = service_of(url)
    points = instance.points()
    try:
        metres, seconds = _table(points, url, ask)
    except ServiceError as fault:
        note = f"The road service failed: {fault} Straight lines were taken."[:NOTE_AT_MOST]
        return replace(instance, roads=replace(instance.roads, note=note))
    roads = _roads(instance.roads, name, points, metres, seconds)
    return replace(instance, roads=roads)


def service_of(url: str) -> tuple[str, Blocks]:
    """The name of the service that an address speaks to, and how it is asked."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname:
        if "/table/v1/" in parts.path:
            return "osrm", _osrm
        if parts.path.rstrip("/").endswith("/sources_to_targets"):
            return "valhalla", _valhalla
    raise ProblemError(
        [
            f"{url} is no address of a matrix service; http://host/table/v1/driving (OSRM) and"
            " http://host/sources_to_targets (Valhalla) are asked."
        ]
    )


def _table(points: Floats, url: str, ask: Blocks) -> tuple[Floats, Floats]:
    """float64[S, S] metres and seconds, block by block; NaN where there is no way."""
    size = len(points)
    metres, seconds = np.full((size, size), np.nan), np.full((size, size), np.nan)
    deadline = time.monotonic() + WHOLE_S
    for row in range(0, size, BLOCK):
        for column in range(0, size, BLOCK):
            if time.monotonic() > deadline:
                raise ServiceError(f"It took longer than {WHOLE_S:g} seconds.")
            here = slice(row, row + BLOCK), slice(column, column + BLOCK)
            metres[here], seconds[here] = ask(url, points[here[0]], points[here[1]])
    return metres, seconds


def _roads(straight: Roads, name: str, points: Floats, metres: Floats, seconds: Floats) -> Roads:
    line = great_circle_m(points) * straight.circuity
    missing = np.isnan(metres) | np.isnan(seconds)
    np.fill_diagonal(missing, False)
    metres = np.where(np.isnan(metres) | missing, line, metres)
    seconds = np.where(np.isnan(seconds) | missing, line * 3.6 / straight.speed_kmh, seconds)
    count = int(missing.sum())
    return replace(
        straight,
        source=name,
        note=f"{count} ways are not known to the service: straight lines." if count else "",
        distance_m=_whole(np.rint(metres), MAX_DISTANCE),
        travel_s=_whole(np.ceil(seconds), MAX_TIME_S),
    )


def _whole(values: Floats, most: int) -> NDArray[np.int32]:
    square = np.clip(values, 0, most).astype(np.int32)
    np.fill_diagonal(square, 0)
    return square


def _osrm(url: str, sources: Floats, targets: Floats) -> tuple[Floats, Floats]:
    points = np.concatenate((sources, targets))
    places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in points.tolist())
    first = ";".join(str(i) for i in range(len(sources)))
    last = ";".join(str(i) for i in range(len(sources), len(points)))
    query = f"annotations=distance,duration&sources={first}&destinations={last}"
    answer = _answer(f"{url.rstrip('/')}/{places}?{query}")
    if answer.get("code") != "Ok":
        raise ServiceError(f"It says {str(answer.get('code'))[:60]!r}.")
    shape = len(sources), len(targets)
    return _numbers(answer.get("distances"), shape), _numbers(answer.get("durations"), shape)


def _valhalla(url: str, sources: Floats, targets: Floats) -> tuple[Floats, Floats]:
    body = {
        "sources": [{"lon": lon, "lat": lat} for lon, lat in sources.tolist()],
        "targets": [{"lon": lon, "lat": lat} for lon, lat in targets.tolist()],
        "costing": "auto",
        "units": "kilometers",
    }
    data = json.dumps(body).encode()
    answer = _answer(url, data)
    try:
        rows = answer["sources_to_targets"]
        cells = [[(cell["distance"], cell["time"]) for cell in row] for row in rows]
    except (KeyError, TypeError) as fault:
        raise ServiceError("Its answer holds no sources_to_targets.") from fault
    shape = len(sources), len(targets)
    kilometres = _numbers([[cell[0] for cell in row] for row in cells], shape)
    return kilometres * 1_000, _numbers([[cell[1] for cell in row] for row in cells], shape)


def _numbers(rows: Any, shape: tuple[int, int]) -> Floats:
    """float64 of `shape`; null becomes NaN, and so does what no road can be."""
    try:
        values = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise ServiceError("Its answer is no table of numbers.") from fault
    if values.shape != shape:
        raise ServiceError(f"Its table is {values.shape}; {shape} was asked for.")
    values[~np.isfinite(values) | (values < 0)] = np.nan
    return values


def _answer(url: str, body: bytes | None = None) -> dict[str, Any]:
    """The JSON object that the service answers. ServiceError after the last try."""
    for attempt in range(1, TRIES + 1):
        last = attempt == TRIES
        try:
            status, data = _asked(url, body)
        except (OSError, HTTPException) as fault:
            if last:
                raise ServiceError(f"{type(fault).__name__}: {fault}.") from fault
        else:
            if status == 200:
                return _parsed(data)
            # A refusal (400, 404) stays one however often it is asked.
            if status < 500 or last:
                raise ServiceError(f"It answers {status}.")
        time.sleep(PAUSE_S * attempt)
    raise AssertionError("the last try returns or raises")


def _asked(url: str, body: bytes | None) -> tuple[int, bytes]:
    """Status and body; redirects are not followed, for the setting names the service."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)) as connection:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request("POST" if body else "GET", target, body, headers)
        response = connection.getresponse()
        data = response.read(BYTES_AT_MOST + 1)
    if len(data) > BYTES_AT_MOST:
        raise ServiceError(f"It answers more than {BYTES_AT_MOST:,} bytes.")
    return response.status, data


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise ServiceError("Its answer is not JSON.") from fault
    if not isinstance(answer, dict):
        raise ServiceError("Its answer is not an object.")
    return answer
