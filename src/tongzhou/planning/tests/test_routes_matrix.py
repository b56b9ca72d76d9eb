"""Roads from a service; where it fails, straight lines, and the answer says so."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tongzhou.planning.problem import ProblemError
from tongzhou.planning.routing import matrix
from tongzhou.planning.routing.county import CountyTask, county_answer
from tongzhou.planning.routing.documents import answer_bytes, answer_from_bytes
from tongzhou.planning.routing.instance import Instance
from tongzhou.planning.routing.matrix import ServiceError, service_of, with_roads

from .test_routes_documents import clinic, county

OSRM = "http://roads.test:5000/table/v1/driving"
VALHALLA = "http://roads.test:8002/sources_to_targets"
Asked = Callable[[str, bytes | None], tuple[int, bytes]]


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """A made-up road network: a kilometre for each hundredth of a degree of longitude."""
    return round(abs(one[0] - other[0]) * 100_000)


def osrm(url: str, body: bytes | None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    points = [tuple(map(float, p.split(","))) for p in parts.path.split("/")[-1].split(";")]
    query = parse_qs(parts.query)
    rows = [points[int(i)] for i in query["sources"][0].split(";")]
    columns = [points[int(i)] for i in query["destinations"][0].split(";")]
    way = [[metres(a, b) for b in columns] for a in rows]
    answer = {"code": "Ok", "distances": way, "durations": [[m / 10 for m in row] for row in way]}
    return 200, json.dumps(answer).encode()


def valhalla(url: str, body: bytes | None) -> tuple[int, bytes]:
    asked = json.loads(body or b"")
    ends = [[(p["lon"], p["lat"]) for p in asked[name]] for name in ("sources", "targets")]
    cells = [
        [{"distance": metres(a, b) / 1_000, "time": metres(a, b) / 10} for b in ends[1]]
        for a in ends[0]
    ]
    return 200, json.dumps({"sources_to_targets": cells}).encode()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Asked], None]:
    monkeypatch.setattr(matrix, "PAUSE_S", 0.0)
    return lambda asked: monkeypatch.setattr(matrix, "_asked", asked)


def straight(instance: Instance, url: str = OSRM) -> str:
    """The note of roads that fell back to straight lines."""
    found = with_roads(instance, url).roads
    assert found.distance_m is None
    assert found.source == "straight"
    assert "Straight lines were taken." in found.note
    return found.note


@pytest.mark.parametrize(("url", "service"), [(OSRM, osrm), (VALHALLA, valhalla)])
def test_metres_and_seconds_come_from_the_service(
    answering: Callable[[Asked], None], url: str, service: Asked
) -> None:
    answering(service)
    roads = with_roads(county(clinic(1), clinic(3)), url).roads
    assert roads.source == service.__name__
    assert roads.distance_m is not None
    assert roads.travel_s is not None
    assert roads.distance_m.tolist() == [
        [0, 10_000, 30_000],
        [10_000, 0, 20_000],
        [30_000, 20_000, 0],
    ]
    assert roads.travel_s[0].tolist() == [0, 1_000, 3_000]


def test_a_large_county_is_asked_block_by_block(
    answering: Callable[[Asked], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def counting(url: str, body: bytes | None) -> tuple[int, bytes]:
        calls.append(url)
        return osrm(url, body)

    answering(counting)
    instance = county(*(clinic(n, lon=103 + n / 1_000) for n in range(1, 8)))
    whole = with_roads(instance, OSRM).roads.distance_m
    monkeypatch.setattr(matrix, "BLOCK", 3)
    blocks = with_roads(instance, OSRM).roads.distance_m
    assert len(calls) == 1 + 9
    assert whole is not None
    assert blocks is not None
    assert np.array_equal(whole, blocks)


def test_pairs_without_a_way_get_the_straight_line_and_are_counted(
    answering: Callable[[Asked], None],
) -> None:
    def with_gap(url: str, body: bytes | None) -> tuple[int, bytes]:
        answer = json.loads(osrm(url, body)[1])
        answer["distances"][0][2] = None
        return 200, json.dumps(answer).encode()

    answering(with_gap)
    instance = county(clinic(1), clinic(3))
    roads = with_roads(instance, OSRM).roads
    assert roads.note == "1 ways are not known to the service: straight lines."
    assert roads.distance_m is not None
    assert roads.distance_m[0, 2] == instance.problem().distance[0, 2]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b"{}", "It answers 400"),
        (503, b"", "It answers 503"),
        (302, b"", "It answers 302"),
        (200, b"<html>", "not JSON"),
        (200, b"[]", "not an object"),
        (200, b"{}", "It says 'None'"),
        (200, b'{"code": "NoTable"}', "NoTable"),
        (200, b'{"code": "Ok"}', "no table of numbers|was asked for"),
        (200, b'{"code": "Ok", "distances": [[1]], "durations": [[1]]}', "was asked for"),
        (200, b'{"code": "Ok", "distances": [["x"]]}', "no table of numbers"),
        (200, b'{"code": "Ok", "distances": [[1], [1, 2]]}', "no table of numbers"),
    ],
)
def test_a_service_that_answers_nonsense_is_replaced_by_straight_lines(
    answering: Callable[[Asked], None], status: int, body: bytes, words: str
) -> None:

    answering(lambda url, data: (status, body))
    assert re.search(words, straight(county()))


def test_valhalla_without_its_table_is_replaced_too(answering: Callable[[Asked], None]) -> None:
    answering(lambda url, data: (200, b'{"sources_to_targets": [[1]]}'))
    assert "sources_to_targets" in straight(county(), VALHALLA)


def test_a_service_that_stumbles_is_asked_again(answering: Callable[[Asked], None]) -> None:
    tries = iter([ConnectionRefusedError(), (500, b""), None])

    def stumbling(url: str, body: bytes | None) -> tuple[int, bytes]:
        now = next(tries)
        if isinstance(now, Exception):
            raise now
        return now or osrm(url, body)

    answering(stumbling)
    assert with_roads(county(), OSRM).roads.source == "osrm"


def test_a_service_that_is_away_is_named_in_the_answer(
    answering: Callable[[Asked], None],
) -> None:
    def away(url: str, body: bytes | None) -> tuple[int, bytes]:
        raise TimeoutError("timed out")

    answering(away)
    answer = county_answer(CountyTask(county(), 7, iterations=50, matrix_url=OSRM))
    assert answer.roads.source == "straight"
    assert "TimeoutError: timed out" in answer.roads.note
    assert answer_from_bytes(answer_bytes(answer)).roads.note == answer.roads.note


def test_what_is_too_far_by_road_is_left_out(answering: Callable[[Asked], None]) -> None:
    def slow(url: str, body: bytes | None) -> tuple[int, bytes]:
        answer = json.loads(osrm(url, body)[1])
        answer["durations"] = [[s * 10 for s in row] for row in answer["durations"]]
        return 200, json.dumps(answer).encode()

    answering(slow)
    task = CountyTask(county(clinic(1), clinic(3)), 7, iterations=50, matrix_url=OSRM)
    answer = county_answer(task)
    assert [one.stop.id for one in answer.left_out] == ["c3"]
    assert answer.trips[0].distance_m == 20_000
    assert answer.roads.source == "osrm"


def test_no_time_is_without_end(
    answering: Callable[[Asked], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(osrm)
    monkeypatch.setattr(matrix, "WHOLE_S", -1.0)
    assert "longer than" in straight(county())


@pytest.mark.parametrize(
    "url", ["", "roads", "ftp://h/table/v1/car", "http:///sources_to_targets", "http://h/route/v1"]
)
def test_an_address_of_no_such_service_is_refused(url: str) -> None:
    with pytest.raises(ProblemError, match="no address of a matrix service"):
        service_of(url)


def test_a_stop_without_a_point_is_named_before_anybody_is_asked() -> None:
    with pytest.raises(ProblemError, match="c1 has no lon and lat"):
        with_roads(county(clinic(1, lon=None, lat=None)), OSRM)


class _Roads(BaseHTTPRequestHandler):
    """OSRM and Valhalla on this machine, with every sort of trouble by address."""

    def do_GET(self) -> None:
        if self.path.startswith("/redirect"):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/table/v1/driving")
            self.end_headers()
            return
        self._send(b" " * 20_000 if self.path.startswith("/huge") else osrm(self.path, None)[1])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(valhalla(self.path, body)[1])

    def _send(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Roads) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.slow
def test_a_real_server_is_asked_over_http(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "PAUSE_S", 0.0)
    instance = county(*(clinic(n, lon=103 + n / 1_000) for n in range(1, 120)))
    found = [
        with_roads(instance, server + path).roads.distance_m
        for path in ("/table/v1/driving", "/sources_to_targets")
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert np.array_equal(found[0], found[1])
    assert "302" in straight(replace(instance), server + "/redirect/table/v1/driving")
    monkeypatch.setattr(matrix, "BYTES_AT_MOST", 10_000)
    assert "more than 10,000 bytes" in straight(instance, server + "/huge/table/v1/driving")
    with pytest.raises(ServiceError, match="ConnectionRefused"):
        matrix._answer("http://127.0.0.1:1/sources_to_targets", b"{}")
