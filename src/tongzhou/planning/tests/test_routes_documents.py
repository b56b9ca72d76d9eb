"""Instances and answers as JSON: read strictly, written so that they come back the same."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tongzhou.planning.problem import ProblemError
from tongzhou.planning.routing import Routes, Vehicle
from tongzhou.planning.routing.answer import Answer, answer_of
from tongzhou.planning.routing.county import (
    CountyTask,
    county_answer,
    county_routes,
    refuse_unsound,
    seed_of,
)
from tongzhou.planning.routing.documents import (
    answer_bytes,
    answer_from,
    answer_from_bytes,
    answer_to,
    instance_from,
    instance_to,
    read_answer,
    read_instance,
    write_answer,
    write_instance,
)
from tongzhou.planning.routing.instance import Instance, Roads, Stop
from tongzhou.planning.routing.settings import LITRES, RouteSettings

HOUR = 3_600
DEPOT = Stop("620102-depot", name="县仓库", lon=103.0, lat=36.0, ready_s=8 * HOUR, due_s=18 * HOUR)


def clinic(number: int, demand: int = 2, **values: Any) -> Stop:
    at = {"lon": 103.0 + 0.1 * number, "lat": 36.0 + 0.02 * (number % 3)}
    return Stop(f"c{number}", demand, f"卫生室{number}", **{**at, "service_s": 600, **values})


def county(*stops: Stop, **values: Any) -> Instance:
    given = stops or tuple(clinic(number) for number in range(1, 6))
    return Instance("620102", DEPOT, given, (Vehicle("van", 6),), **values)


def answered(instance: Instance) -> Answer:
    return county_answer(CountyTask(instance, 7, iterations=200))


def by_hand(instance: Instance, *routes: tuple[int, ...]) -> Answer:
    """An answer whose routes are given, so that no search is needed."""
    problem = instance.problem()
    cost = sum(
        int(problem.distance[a, b])
        for route in routes
        for a, b in zip((0, *route), (*route, 0), strict=True)
    )
    return answer_of(instance, Routes(problem, routes, (0,) * len(routes), cost, 7))


@pytest.fixture
def answer() -> Answer:
    return by_hand(county(), (1, 2, 3), (4, 5))


def test_an_instance_is_written_read_and_written_with_the_same_bytes(tmp_path: Path) -> None:
    whole = county(
        clinic(1, lon=103, lat=36, estimated=True, ready_s=9 * HOUR, due_s=12 * HOUR),
        clinic(2),
        days=3,
        trips_a_day=2,
        open_routes=True,
        roads=Roads(circuity=1.8, speed_kmh=30),
    )
    for instance in (county(), whole, replace(whole, roads=square())):
        write_instance(instance, tmp_path / "a.json")
        write_instance(read_instance(tmp_path / "a.json"), tmp_path / "b.json")
        assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def square() -> Roads:
    metres = np.array([[0, 5, 9], [4, 0, 3], [8, 2, 0]], dtype=np.int32)
    return Roads(source="given", distance_m=metres, travel_s=metres * 2)


def test_an_answer_is_written_read_and_written_with_the_same_bytes(
    tmp_path: Path, answer: Answer
) -> None:
    write_answer(answer, tmp_path / "a.json")
    write_answer(read_answer(tmp_path / "a.json"), tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert answer_bytes(answer_from_bytes(answer_bytes(answer))) == answer_bytes(answer)


def test_an_instance_becomes_the_arrays_of_the_engine() -> None:
    problem = county(clinic(1, ready_s=9 * HOUR), clinic(2, due_s=11 * HOUR), days=2).problem()
    assert problem.ids == ("620102-depot", "c1", "c2")
    assert problem.ready_s is not None
    assert problem.due_s is not None
    assert problem.ready_s.tolist() == [8 * HOUR, 9 * HOUR, 0]
    assert problem.due_s.tolist() == [18 * HOUR, 18 * HOUR, 11 * HOUR]
    assert problem.days == 2


def test_a_given_matrix_is_taken_as_it_is() -> None:
    problem = replace(county(clinic(1), clinic(2)), roads=square()).problem()
    assert problem.distance.tolist() == [[0, 5, 9], [4, 0, 3], [8, 2, 0]]
    assert problem.travel_s is not None
    assert problem.travel_s[0, 2] == 18


def test_an_answer_counts_units_metres_hours_and_vehicle_days(answer: Answer) -> None:
    totals = answer.totals
    assert (totals.stops, totals.units, totals.trips, totals.vehicle_days) == (5, 10, 2, 2)
    assert totals.distance_m == answer.cost == sum(trip.distance_m for trip in answer.trips)
    assert totals.longest_s == max(trip.road_s or 0 for trip in answer.trips)
    first = answer.trips[0]
    # Arriving is leaving, plus the way, plus the service at the stop before.
    arrivals = [visit.arrive_s for visit in first.visits]
    way = [-(-visit.leg_m * 9 // 100) for visit in first.visits]
    assert first.start_s is not None
    now = first.start_s - 600
    for arrival, seconds in zip(arrivals, way, strict=True):
        assert arrival is not None
        assert arrival == pytest.approx(now + 600 + seconds, abs=1)
        now = arrival


def test_pieces_are_told_apart_from_litres() -> None:
    answer = by_hand(county(clinic(1, 3, units=10), clinic(2, 2, units=5)), (1, 2))
    assert answer.totals.units == answer.trips[0].units == 15
    assert answer.trips[0].load == 5
    assert answer_bytes(answer_from_bytes(answer_bytes(answer))) == answer_bytes(answer)


def test_without_times_there_are_no_hours() -> None:
    instance = replace(
        county(clinic(1), clinic(2)), roads=replace(square(), travel_s=None), depot=Stop("d")
    )
    answer = by_hand(instance, (1, 2))
    assert answer.trips[0].start_s is None
    assert answer.trips[0].visits[0].arrive_s is None
    assert answer.totals.longest_s is None
    assert answer_bytes(answer_from_bytes(answer_bytes(answer))) == answer_bytes(answer)


def test_what_no_vehicle_can_serve_is_left_out_with_its_reason() -> None:
    stops = (clinic(1), clinic(2, lon=None, lat=None), clinic(3, 7), clinic(4, lon=120.0))
    servable, left_out = county(*stops).servable()
    assert [stop.id for stop in servable.stops] == ["c1"]
    assert {(one.stop.id, one.why) for one in left_out} == {
        ("c2", "no_point"),
        ("c3", "too_large"),
        ("c4", "too_far"),
    }
    servable.problem()  # nothing is left that the engine would refuse


def test_a_stop_out_of_its_window_is_left_out_with_a_matrix_too() -> None:
    late = county(clinic(1), clinic(2, ready_s=18 * HOUR), roads=square())
    servable, left_out = late.servable()
    assert [one.stop.id for one in left_out] == ["c2"]
    assert servable.problem().distance.tolist() == [[0, 5], [4, 0]]


def test_a_county_of_which_nothing_can_be_served_has_an_empty_answer() -> None:
    answer = answered(county(clinic(1, lon=None, lat=None)))
    assert answer.totals.trips == 0
    assert len(answer.left_out) == 1
    assert answer_bytes(answer_from_bytes(answer_bytes(answer))) == answer_bytes(answer)


def test_a_county_comes_back_with_the_same_bytes_for_the_same_task() -> None:
    task = CountyTask(county(), seed_of(1, "620102"), iterations=300)
    assert county_routes(task).document == county_routes(task).document
    assert seed_of(1, "620102") != seed_of(1, "620103")
    assert seed_of(1, "620102") != seed_of(2, "620102")


def test_a_fleet_that_is_too_small_takes_more_days_and_says_so() -> None:
    one_van = replace(county(), vehicles=(Vehicle("van", 4, 1),))
    answer = answered(one_van)
    assert answer.days == 1
    assert answer.totals.days == 3
    assert not answer.left_out


def test_routes_that_the_audit_refuses_are_not_handed_out() -> None:
    found = Routes(county().problem(), ((1, 2, 3), (4,)), (0, 0), 1)
    with pytest.raises(ProblemError, match="c5 is not visited"):
        refuse_unsound(found)


def breakages(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each: where a fault is planted, and what the refusal names."""
    data["depot"]["lat"] = 95
    yield json.dumps(data), r"depot.lat: 95"
    data["depot"]["lat"] = None
    yield json.dumps(data), "depot: lon and lat go together"
    data["depot"]["lat"] = 36.0
    data["stops"][1]["demand"] = 2.5
    yield json.dumps(data), r"stops\[1\].demand: 2.5 is not a whole number"
    data["stops"][1]["demand"] = -2
    yield json.dumps(data), r"stops\[1\].demand: -2 is below 0"
    data["stops"][1]["demand"] = True
    yield json.dumps(data), r"stops\[1\].demand: True"
    data["stops"][1]["demand"] = 2
    data["stops"][0]["colour"] = "red"
    yield json.dumps(data), r"stops\[0\].colour: not known here"
    del data["stops"][0]["colour"]
    data["stops"][0]["id"] = 620102
    yield json.dumps(data), r"stops\[0\].id: 620102 is not text"
    data["stops"][0]["id"] = "x" * 101
    yield json.dumps(data), "at most 100"
    data["stops"][0]["id"] = "c1"
    data["vehicles"] = {}
    yield json.dumps(data), "vehicles: a list is needed"
    data["vehicles"] = [{"id": "van", "capacity": 6}]
    data["roads"] = {"circuity": 9}
    yield json.dumps(data), "roads.circuity: 1 to 5"
    data["roads"] = {"distance_m": [[0, 1], [2]]}
    yield json.dumps(data), "roads.distance_m: as many rows as columns"
    data["roads"] = {"distance_m": [[0, -1], [2, 0]]}
    yield json.dumps(data), "roads.distance_m"


def test_a_fault_is_named_with_its_place() -> None:
    for text, place in breakages(instance_to(county())):
        with pytest.raises(ProblemError, match=place):
            instance_from(json.loads(text))


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for data, words in (
        (b"\xff", "not UTF-8"),
        (b"{", "line 1"),
        (b'{"days": NaN}', "finite"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 5_000, "not JSON"),
        (b"[]", "an object is needed"),
    ):
        path.write_bytes(data)
        with pytest.raises(ProblemError, match=words):
            read_instance(path)


def test_an_answer_that_does_not_add_up_is_refused(answer: Answer) -> None:
    def refused(words: str, **changes: Any) -> None:
        data = json.loads(answer_bytes(answer))
        with pytest.raises(ProblemError, match=words):
            answer_from({**data, **changes})

    data = answer_to(answer)
    refused("format", format="other")
    refused("totals", totals={**data["totals"], "units": 11})
    refused("c1 is not visited", trips=data["trips"][:1])
    refused("c4 is visited 2 times", trips=[*data["trips"], data["trips"][0]])
    refused("which is no vehicle", trips=[{**data["trips"][0], "vehicle": "ox"}])
    refused("holds 2", vehicles=[{"id": "van", "capacity": 2}])
    refused("c9 is not in stops", trips=[{**data["trips"][0], "stops": [{"id": "c9"}]}])
    refused("a list of stops is needed", trips=[{**data["trips"][0], "stops": []}])
    refused(r"left_out\[0\].why", left_out=[{"stop": {"id": "z"}, "why": "rain"}])
    wrong = {**data["trips"][0], "distance_m": 1}
    refused(r"trips\[0\]: units or distance_m", trips=[wrong, data["trips"][1]])


def test_settings_are_kept_and_come_back() -> None:
    settings = RouteSettings((Vehicle("van", 200, 2), Vehicle("truck", 900)), LITRES, days=3)
    assert RouteSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    assert settings.demand(10, 2.4) == 3
    assert RouteSettings().demand(10, 2.4) == 10


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"vehicles": ()}, "1 to 20 kinds"),
        ({"measure": "boxes"}, "units or litres"),
        ({"days": 0}, "days"),
        ({"trips_a_day": 21}, "trips_a_day"),
        ({"start_s": 64_800}, "starts before it ends"),
        ({"service_s": -1}, "service_s"),
        ({"speed_kmh": 0}, "speed_kmh"),
        ({"circuity": 0.9}, "circuity"),
        ({"seconds": 1.0}, "one of them"),
        ({"iterations": 0}, "iterations is 1 to"),
        ({"iterations": None, "seconds": 0.0}, "above 0"),
    ],
)
def test_settings_out_of_range_are_named(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        RouteSettings(**values)
    with pytest.raises(ProblemError):
        RouteSettings.from_json({**RouteSettings().to_json(), **values})


def test_what_are_no_settings_is_refused() -> None:
    for data in ({}, {"vehicles": [{"id": "van"}]}, {**RouteSettings().to_json(), "colour": 1}):
        with pytest.raises(ProblemError, match="no settings of routes"):
            RouteSettings.from_json(data)


def test_settings_make_the_instance_of_a_county() -> None:
    made = RouteSettings(service_s=300).instance("620102", Stop("d"), (clinic(1),), circuity=1.8)
    assert (made.depot.ready_s, made.depot.due_s) == (8 * HOUR, 18 * HOUR)
    assert made.stops[0].service_s == 300
    assert made.roads.circuity == 1.8
