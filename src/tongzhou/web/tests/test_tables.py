"""Tables go out and come back through the command line, whole or not at all."""

import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from typer.testing import CliRunner

from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Division, Place
from tongzhou.web import cli, exports, tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """Two counties of one province, each with a village."""
    rows = [
        ("0", "中国", 0, 0, 10_000, None),
        ("62", "甘肃省", 1, 100, 5_000, "0"),
        ("620102", "城关区", 3, 200, 1_000, "62"),
        ("620102001001", "草场街村", 5, 300, 400, "620102"),
        ("620103", "七里河区", 3, 2_000, 3_000, "62"),
        ("620103001001", "西园村", 5, 2_100, 2_200, "620103"),
    ]
    made = {}
    for code, name, level, first, last, parent in rows:
        made[code] = Division.objects.create(
            code=code,
            name=name,
            level=level,
            first=first,
            last=last,
            parent=made.get(parent),
            lat=36.05,
            lon=103.84,
        )
    return made


@pytest.fixture
def clinics(tree):
    return [
        Place.objects.create(
            code=f"{code}-1",
            name=f"卫生室 {code}",
            kind="clinic",
            division=tree[code],
            people65=310,
        )
        for code in ("620102001001", "620103001001")
    ]


def give(kind, **options):
    return b"".join(exports.give(kind, **options))


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def take(path, kind="places", *, campaign="", dry_run=False):
    return tables.take(kind, path, by=SYSTEM, campaign=campaign, dry_run=dry_run)


def test_places_go_out_with_their_codes_as_text(clinics):
    header, *rows = rows_of(give("places"))
    assert header[:4] == ["Place code", "Village code", "Number in the village", "Name"]
    assert [row[0] for row in rows] == ["620102001001-1", "620103001001-1"]


def test_only_what_lies_in_a_division_goes_out(clinics):
    _, *rows = rows_of(give("places", division="620103"))
    assert [row[1] for row in rows] == ["620103001001"]


@pytest.mark.parametrize("kind", ["places", "divisions"])
def test_what_went_out_comes_back_without_an_effect(clinics, tmp_path, kind):
    file = tmp_path / "back.csv"
    file.write_bytes(give(kind))
    taken = take(file, kind)
    assert (taken.refused, taken.new, taken.changed) == (0, 0, 0)
    assert taken.same == taken.rows > 0


def test_a_spreadsheet_keeps_codes_as_text(clinics):
    book = openpyxl.load_workbook(io.BytesIO(give("places", format="xlsx")))
    assert book.active["A2"].value == "620102001001-1"


def test_points_go_out_as_geojson(clinics):
    features = json.loads(give("divisions", division="620102", format="geojson"))["features"]
    assert [feature["id"] for feature in features] == ["620102", "620102001001"]
    assert features[1]["properties"] == {"name": "草场街村", "parent": "620102", "placed": False}
    assert features[1]["geometry"]["coordinates"] == [103.84, 36.05]


@pytest.mark.parametrize("kind", ["needs", "shipments"])
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_an_empty_table_has_its_header(tree, kind, format):
    assert give(kind, division="62", format=format)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("cats", {}, "Choose one of: divisions, places, needs, shipments"),
        ("places", {"format": "fhir"}, "not as fhir"),
        ("places", {"division": "99"}, "no division 99"),
    ],
)
def test_what_cannot_go_out_says_what_can(tree, kind, options, says):
    with pytest.raises(exports.NotGiven, match=says):
        exports.give(kind, **options)


NEW = "place code,name,people aged 65 and over\n620102001001-2,新卫生室,{figure}\n"


def test_a_new_place_comes_in_once(clinics, tmp_path):
    file = tmp_path / "new.csv"
    file.write_text(NEW.format(figure=120))
    assert take(file, dry_run=True).new == 1
    assert Place.objects.count() == 2
    assert take(file).new == 1
    assert take(file).new == 0
    assert Place.objects.count() == 3


def test_a_wrong_row_keeps_the_whole_table_out(clinics, tmp_path):
    file, errors = tmp_path / "new.csv", tmp_path / "errors.csv"
    file.write_text(NEW.format(figure=-1) + "620102001001-3,另一间,5\n")
    done = CliRunner().invoke(cli.app, ["import", "places", str(file), "--errors", str(errors)])
    assert done.exit_code == 2
    assert "row 2" in done.output
    assert "1 of 2 rows are wrong. Nothing was written." in " ".join(done.output.split())
    assert rows_of(errors.read_bytes())[1][0] == "2"
    assert Place.objects.count() == 2


def test_a_file_that_is_no_table_is_refused_in_words(clinics, tmp_path):
    file = tmp_path / "cut.xlsx"
    file.write_bytes(b"PK\x03\x04 half a file")
    done = CliRunner().invoke(cli.app, ["import", "places", str(file)])
    assert done.exit_code == 2
    assert str(file.name) in done.output


@pytest.mark.parametrize(
    ("kind", "campaign", "says"),
    [
        ("needs", "", "Name the campaign: --campaign. There are: none."),
        ("needs", "C-1", "There is no campaign 'C-1'"),
        ("places", "C-1", "belongs to no campaign"),
        ("recipients", "", "takes no table of recipients yet"),
        ("cats", "", "There is no kind 'cats'"),
    ],
)
def test_what_cannot_come_in_says_what_is_missing(tmp_path, kind, campaign, says):
    with pytest.raises(tables.NotTaken, match=says):
        take(tmp_path / "x.csv", kind, campaign=campaign)


def test_words_of_carriers_on_unknown_shipments_are_refused_by_row(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text(f"shipment,event,at,where\nS-1,arriving,{date(2023, 1, 9)}T10:00+08:00,兰州\n")
    taken = take(file, "tracking")
    assert (taken.refused, taken.new) == (1, 0)
    assert taken.faults.row(0)[:3] == (2, "shipment", "S-1")


def test_every_kind_that_is_promised_comes_in():
    known = "divisions facilities lanes medicines needs places promises tracking"
    assert tables.kinds() == known.split()
