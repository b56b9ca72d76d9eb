"""Route sheets as GeoJSON, CSV and PDF: every stop is there once, in its order, where it is."""

import csv
import io
import json
import time
from dataclasses import asdict
from datetime import date

import numpy as np
import pytest
import segno
import typst
from PIL import Image

from tongzhou.planning.routing.answer import Answer, DriverTrip, Visit
from tongzhou.planning.routing.instance import Roads, Stop
from tongzhou.planning.routing.problem import Vehicle
from tongzhou.planning.sheets import Imprint, TooManySheets, geojson, paper, pdf, rounds_of, table
from tongzhou.planning.sheets.drawing import apart, drawing_of, round_length
from tongzhou.planning.sheets.rounds import clock_text, kilometres
from tongzhou.planning.sheets.words import CHINESE, ENGLISH, words_of

DEPOT = Stop("depot-1", name="县库", lon=103.8, lat=36.0)
IMPRINT = Imprint("2023-01-08 14:05", "0.1.0", "0931-1", date(2023, 1, 9))
ITEMS = {"c1": {"oximeter": 2, "kit": 1}, "c2": {"oximeter": 4}, "c3": {"oximeter": 2}}


def stop(name: str, units: int, lon: float | None, lat: float | None, *, guess: bool = False):
    return Stop(name, units, f"{name}卫生室", lon=lon, lat=lat, estimated=guess)


FIRST = stop("c1", 3, 103.9, 36.1)
SECOND = stop("c2", 4, 103.7, 36.2, guess=True)
THIRD = stop("c3", 2, 103.75, 35.9)


def trip(number: int, day: int, start_s: int, *stops: Stop, vehicle_number: int = 1) -> DriverTrip:
    visits = tuple(
        Visit(one, start_s + 1_200 * at, 5_000 + at) for at, one in enumerate(stops, start=1)
    )
    return DriverTrip(number, "van", vehicle_number, day, start_s, start_s + 9_000, visits, 7_000)


def answer(*trips: DriverTrip, open_routes: bool = False, name: str = "甲县") -> Answer:
    stops = tuple(visit.stop for one in trips for visit in one.visits)
    van = (Vehicle("van", 1_000),)
    return Answer(name, DEPOT, stops, van, trips, (), Roads(), 9, open_routes, 0, 1, 1)


@pytest.fixture
def county() -> Answer:
    """One van that goes out twice on the first day, and once more on the second."""
    afternoon = trip(1, 1, 50_000, SECOND)
    return answer(afternoon, trip(2, 1, 28_800, FIRST), trip(3, 2, 28_800, THIRD))


def features(text: bytes) -> list[dict]:
    return json.loads(text)["features"]


def test_a_round_is_what_one_vehicle_drives_on_one_day(county):
    first, second = rounds_of(county)
    assert [one.day for one in (first, second)] == [1, 2]
    assert first.driver == "van 1"
    # The morning first, whatever the trips are called.
    assert [(call.trip, call.order, call.visit.stop.id) for call in first.calls()] == [
        (1, 1, "c1"),
        (2, 2, "c2"),
    ]
    assert first.units == 7
    assert first.distance_m == 2 * (5_001 + 7_000)


def test_two_vehicles_of_a_kind_are_two_drivers():
    both = answer(trip(1, 1, 0, FIRST), trip(2, 1, 0, SECOND, vehicle_number=2))
    assert [one.driver for one in rounds_of(both)] == ["van 1", "van 2"]


def test_geojson_has_a_line_for_each_trip_and_a_point_for_each_stop(county):
    found = features(b"".join(geojson(rounds_of(county, ITEMS))))
    kinds = [one["properties"]["kind"] for one in found]
    assert (kinds.count("trip"), kinds.count("stop"), kinds.count("depot")) == (3, 3, 2)
    stops = [one for one in found if one["properties"]["kind"] == "stop"]
    assert {one["id"]: one["geometry"]["coordinates"] for one in stops} == {
        at.id: [at.lon, at.lat] for at in county.stops
    }
    assert sum(one["properties"]["units"] for one in stops) == county.totals.units
    assert stops[0]["properties"]["items"] == {"oximeter": 2, "kit": 1}
    assert stops[0]["properties"]["arrival"] == "08:20"
    assert stops[1]["properties"]["estimated"] is True


def test_a_line_goes_from_the_depot_over_the_stops_and_back(county):
    line = features(b"".join(geojson(rounds_of(county))))[1]
    depot = [DEPOT.lon, DEPOT.lat]
    assert line["geometry"]["coordinates"] == [depot, [FIRST.lon, FIRST.lat], depot]
    out = answer(trip(1, 1, 0, FIRST), open_routes=True)
    line = features(b"".join(geojson(rounds_of(out))))[1]
    assert line["geometry"]["coordinates"] == [depot, [FIRST.lon, FIRST.lat]]


def test_what_has_no_point_has_no_geometry():
    lost = answer(trip(1, 1, 0, stop("c9", 1, None, None)))
    found = features(b"".join(geojson(rounds_of(lost))))
    assert [one["geometry"] is None for one in found] == [False, True, True]


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_csv_has_one_row_for_each_visit(county):
    found = rows(b"".join(table(rounds_of(county, ITEMS))))
    assert [row["stop"] for row in found] == ["c1", "c2", "c3"]
    assert sum(int(row["units"]) for row in found) == county.totals.units
    assert found[0] | {"leg_km": "5.0", "lon": "103.9", "items": "oximeter 2; kit 1"} == found[0]
    assert [row["arrival"] for row in found] == ["08:20", "14:13", "08:20"]
    assert [row["estimated"] for row in found] == ["no", "yes", "no"]


def test_csv_lets_no_name_run_as_a_formula():
    sly = answer(trip(1, 1, 0, Stop("=c1", 1, "=HYPERLINK(1)", lon=-1.0, lat=-2.0)), name=" +甲")
    (row,) = rows(b"".join(table(rounds_of(sly), bom=True)))
    assert (row["stop"], row["name"], row["county"]) == ("'=c1", "'=HYPERLINK(1)", "'+甲")
    # A number below zero is a number.
    assert (row["lon"], row["lat"]) == ("-1.0", "-2.0")
    assert b"".join(table([], bom=True)).startswith(b"\xef\xbb\xbf")


def shown(county: Answer, language: str = "en", link: str = "") -> dict:
    to = (lambda _round: link) if link else None
    return paper._data(rounds_of(county, ITEMS), IMPRINT, words_of(language), to)


def test_a_sheet_tells_its_driver_what_to_load_and_where_to_go(county):
    first, second = shown(county)["sheets"]
    assert (first["driver"], first["day"]) == ("van 1", "Day 1 · 9 January 2023")
    assert (first["stops"], first["units"], first["km"]) == ("2", "7", "24.0")
    assert (first["leaves"], first["back"]) == ("08:00", "16:23")
    assert [one["load"] for one in first["trips"]] == ["Load oximeter 2, kit 1", "Load oximeter 4"]
    assert [row["arrival"] for row in first["trips"][0]["rows"]] == ["08:20"]
    assert second["trips"][0]["name"] == ""
    assert "Dashed circle" in first["notes"]
    assert "Dashed circle" not in second["notes"]


def test_a_sheet_in_chinese_has_no_english_sentence(county):
    data = shown(county, "zh-hans")
    assert data["sheets"][0]["day"] == "第 1 天 · 2023年1月9日"
    assert data["sheets"][0]["trips"][1]["name"] == "第 2 趟"
    chinese, english = asdict(CHINESE), asdict(ENGLISH)
    assert {name for name in chinese if chinese[name] == english[name]} == set()


def test_each_stop_has_its_code(county, monkeypatch):
    drawn: list[str] = []
    monkeypatch.setattr(paper, "qr_code", lambda text: drawn.append(text) or "")
    shown(county)
    assert drawn == ["c1", "c2", "c3"]
    drawn.clear()
    shown(county, link="https://t.example/r/x/")
    assert drawn[:4] == [f"https://t.example/r/x/{end}" for end in ("#s1", "#s2", "", "#s1")]


def test_a_code_on_the_paper_is_the_code_of_its_address(county):
    """Read from the printed picture: every module of the symbol, dark or light."""
    data = shown(answer(trip(1, 1, 28_800, FIRST)), link="https://t.example/r/x/")
    page = paper._set(data, "png")
    image = Image.open(io.BytesIO(bytes(page))).convert("L")
    dpi = image.width / 210
    wanted = segno.make("https://t.example/r/x/", error="m", micro=False)
    size = len(wanted.matrix)
    # The large one at the upper right: its first dark pixel is the corner of a finder pattern.
    box = image.crop((int(150 * dpi), 0, image.width, int(42 * dpi)))
    left, top, *_ = box.point(lambda value: 255 * (value < 128)).getbbox()
    module = 25.5 * dpi / size
    read = [
        [box.getpixel((left + (x + 0.5) * module, top + (y + 0.5) * module)) < 128
         for x in range(size)]
        for y in range(size)
    ]  # fmt: skip
    assert read == [[bool(dark) for dark in row] for row in wanted.matrix]


def test_pages_are_set_in_both_languages_and_tagged(county):
    for language in ("en", "zh-hans"):
        made = pdf(rounds_of(county, ITEMS), IMPRINT, language=language)
        assert made.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in made


def test_pages_are_numbered_within_each_sheet():
    many = [stop(f"c{n}", 1, 103.8 + n / 100, 36.0) for n in range(12)]
    two = answer(trip(1, 1, 0, *many), trip(2, 2, 0, THIRD), trip(3, 3, 0, FIRST, SECOND))
    data = paper._data(rounds_of(two), IMPRINT, ENGLISH, None)
    feet = typst.query(
        str(paper.FOLDER.joinpath("sheet.typ")),
        "<foot>",
        field="value",
        font_paths=paper._fonts(),
        sys_inputs={"data": json.dumps(data)},
    )
    assert json.loads(feet) == [[0, 1, 3], [0, 2, 3], [0, 3, 3], [1, 1, 1], [2, 1, 1]]


@pytest.mark.slow
def test_sixty_sheets_with_600_codes_take_less_than_five_seconds():
    trips = [
        trip(n, 1, 28_800, *(
            stop(f"62010{n:02d}{at}", 2, 103.8 + n / 100, 36 + at / 50) for at in range(10)
        ), vehicle_number=n)
        for n in range(1, 61)
    ]  # fmt: skip
    begun = time.process_time()
    made = pdf(rounds_of(answer(*trips)), IMPRINT, link=lambda _round: "https://t.example/r/x/")
    assert time.process_time() - begun < 5
    assert len(made) < 5_000_000


def test_more_stops_than_a_document_holds_are_refused(county, monkeypatch):
    monkeypatch.setattr(paper, "MAX_STOPS", 2)
    with pytest.raises(TooManySheets, match="county by county"):
        pdf(rounds_of(county), IMPRINT)


def test_a_map_keeps_directions_and_its_scale(county):
    (one, *_rest) = rounds_of(county)
    drawing = drawing_of(one, width=186, least=50, most=88)
    first, second = drawing.marks
    depot_x, depot_y = drawing.depot
    # The first stop lies to the north-east of the depot, the second to the north-west.
    assert first.x > depot_x > second.x
    assert second.y < first.y < depot_y
    # 0.1 degrees of latitude are 11.1 km.
    metres = (first.y - second.y) / drawing.scale_mm * drawing.scale_m
    assert metres == pytest.approx(11_120, rel=0.01)
    assert len(drawing.lines) == 2
    assert (second.estimated, drawing.unplaced) == (True, 0)


def test_a_map_of_one_point_and_of_none():
    here = answer(trip(1, 1, 0, stop("c1", 1, DEPOT.lon, DEPOT.lat)))
    drawing = drawing_of(rounds_of(here)[0], width=186, least=50, most=88)
    assert drawing.scale_m == 100
    lost = rounds_of(answer(trip(1, 1, 0, stop("c9", 1, None, None))))
    assert drawing_of(lost[0], width=186, least=50, most=88) is None
    assert "1 not on the map" in paper._data(lost, IMPRINT, ENGLISH, None)["sheets"][0]["notes"]
    assert pdf(lost, IMPRINT).startswith(b"%PDF-")


def test_numbers_at_one_point_are_pushed_apart():
    points = np.full((6, 2), 40.0)
    labels = apart(points, 5, 5.0, np.array([186.0, 88.0]))
    gaps = [np.hypot(*(labels[a] - labels[b])) for a in range(5) for b in range(a)]
    assert min(gaps) > 4.5
    assert np.abs(labels - 40).max() < 12


@pytest.mark.parametrize(
    ("metres", "length"), [(10, 10), (19, 10), (20, 20), (4_999, 2_000), (5_000, 5_000), (1, 10)]
)
def test_a_scale_bar_has_a_round_length(metres, length):
    assert round_length(metres) == length


def test_hours_and_kilometres_read_well():
    assert [clock_text(at) for at in (None, 0, 29_159, 91_800)] == ["", "00:00", "08:05", "25:30"]
    assert [kilometres(m) for m in (4_249, 99_949, 123_400)] == ["4.2", "99.9", "123"]
