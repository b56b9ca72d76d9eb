"""GeoJSON: points with properties, longitude first, as many decimals as may be known."""

import json

import pytest

from tongzhou.interchange import geojson
from tongzhou.interchange.geojson import Point


def read(points, **how):
    return json.loads(b"".join(geojson.chunks(points, **how)))


def test_a_point_is_a_feature_with_longitude_first():
    collection = read([Point(36.05, 103.84, {"name": "甲村", "units": 2}, id="620102001001-1")])
    assert collection == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "620102001001-1",
                "geometry": {"type": "Point", "coordinates": [103.84, 36.05]},
                "properties": {"name": "甲村", "units": 2},
            }
        ],
    }


def test_six_decimals_are_written_or_fewer_where_asked():
    point = Point(36.123456789, 103.987654321)
    assert read([point])["features"][0]["geometry"]["coordinates"] == [103.987654, 36.123457]
    coarse = read([point], decimals=2)
    assert coarse["features"][0]["geometry"]["coordinates"] == [103.99, 36.12]


def test_a_place_that_is_not_known_is_null_and_never_zero():
    feature = read([Point(None, None, {"name": "x"})])["features"][0]
    assert feature["geometry"] is None
    assert "id" not in feature


def test_no_points_give_an_empty_collection():
    assert read([]) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_a_point_that_is_not_on_earth_is_an_error(lat, lon):
    with pytest.raises(ValueError, match="Not a place on Earth"):
        read([Point(lat, lon)])


def test_many_points_come_in_pieces_that_join_to_one_document():
    points = [Point(n / 100, n / 100, {"n": n}) for n in range(2_500)]
    pieces = list(geojson.chunks(iter(points)))
    assert len(pieces) == 5
    features = json.loads(b"".join(pieces))["features"]
    assert [feature["properties"]["n"] for feature in features] == list(range(2_500))
