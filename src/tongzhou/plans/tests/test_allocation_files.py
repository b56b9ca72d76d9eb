"""What a run gives, as files: the right rows to the right readers, and nothing of old people."""

import csv
import io
import json

import pytest
from django.urls import reverse

from tongzhou.places.rules import Scope
from tongzhou.plans.actions import compute_run, open_run
from tongzhou.plans.models import Run
from tongzhou.plans.queries import allocation

from .test_asked import published
from .world import COORDINATOR, World

BOM = "\ufeff"


@pytest.fixture
def run(world: World) -> Run:
    """Of twelve clinics that may get two units each, the first four get them."""
    world.ready(8)
    return compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)


def body(answer) -> str:
    return b"".join(answer).decode()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


def everything(run: Run) -> Scope:
    return Scope.of(run.campaign.division)


class TestRows:
    def test_each_place_has_its_units_and_what_still_misses(self, world, run):
        rows = list(allocation.place_rows(run, everything(run)))
        assert [row["code"] for row in rows] == [clinic.code for clinic in world.clinics]
        assert [row["units"] for row in rows] == [2] * 4 + [0] * 8
        assert [row["missing"] for row in rows] == [0] * 4 + [2] * 8
        assert {row["target"] for row in rows} == {2}
        assert rows[0]["rank"] == 1
        assert rows[0]["wave_1"] == 2
        assert rows[0]["county"] == world.counties[0].code

    def test_what_earlier_plans_gave_does_not_miss(self, world, run):
        published(run)
        world.ready(4, dock=1)
        run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        rows = list(allocation.place_rows(run, everything(run)))
        told = [(row["given_before"], row["units"], row["missing"]) for row in rows]
        assert told == [(2, 0, 0)] * 4 + [(0, 2, 0)] * 2 + [(0, 0, 2)] * 6

    def test_the_sums_of_the_places_are_the_sums_of_their_county(self, world, run):
        places = list(allocation.place_rows(run, everything(run)))
        inside = {world.nation.code: "", "62": "62", "63": "63"}
        for sums in allocation.division_rows(run, everything(run)):
            code = inside.get(sums["code"], sums["code"])
            mine = [row for row in places if row["county"].startswith(code)]
            for name in ("wave_1", "units", "given_before", "target", "missing"):
                assert sums[name] == sum(row[name] for row in mine), (sums["code"], name)

    def test_the_nation_comes_before_its_provinces_and_their_counties(self, world, run):
        rows = list(allocation.division_rows(run, everything(run)))
        assert [row["level"] for row in rows] == [
            *("nation", "province", "county", "county", "province", "county", "county")
        ]
        assert rows[0]["missing"] == 16

    def test_a_place_without_a_point_stands_at_its_village_and_says_so(self, world, run):
        first, second, third = world.clinics[:3]
        type(first).objects.filter(pk=first.pk).update(lat=36.0, lon=103.0)
        type(first).objects.filter(pk=second.pk).update(lat=36.5, lon=103.5, placed=True)
        village = type(world.nation).objects.filter(pk=third.division_id)
        village.update(lat=35.0, lon=102.0)
        points = list(allocation.place_points(run, everything(run)))
        told = [(p.lat, p.lon, p.properties["estimated"]) for p in points[:4]]
        assert told[:3] == [(36.0, 103.0, False), (36.5, 103.5, True), (35.0, 102.0, True)]
        assert told[3] == (None, None, True)

    def test_a_place_that_the_run_does_not_know_is_left_out(self, world, run):
        clinic = world.clinics[0]
        other = type(clinic).objects.create(
            code="later", name="后来的", kind="clinic", division=clinic.division
        )
        codes = [row["code"] for row in allocation.place_rows(run, everything(run))]
        assert other.code not in codes
        assert len(codes) == 12

    def test_the_median_of_a_small_county_is_not_told_in_a_weight(self, world, run):
        """Of three places one has no figure: its weight is made of those of the two others."""
        counted = world.clinics[1]
        type(counted).objects.filter(pk=counted.pk).update(people65=None)
        run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)

        def weight(of) -> object:
            rows = allocation.place_rows(run, Scope.of(of))
            return next(row for row in rows if row["code"] == counted.code)["weight"]

        assert weight(world.nation) == weight(world.counties[0]) == 1_100
        assert weight(counted.division) is None
        own = list(allocation.place_rows(run, Scope.of(world.clinics[0].division)))
        assert [row["weight"] for row in own] == [1_200]

    def test_no_file_tells_how_many_old_people_a_village_has(self, world, run):
        seen = everything(run)
        for rows in (allocation.place_rows(run, seen), allocation.division_rows(run, seen)):
            names = {name for row in rows for name in row}
            assert not names & {"people65", "risk_share", "remoteness", "growth"}
        known = {column.name for column in allocation.place_columns(run)}
        assert known == set(next(allocation.place_rows(run, seen)))
        known = {column.name for column in allocation.division_columns(run)}
        assert known == set(next(allocation.division_rows(run, seen)))


class TestPages:
    @pytest.mark.parametrize(("name", "rows"), [("run-places", 12), ("run-sums", 7)])
    def test_a_coordinator_downloads_all_of_it_for_a_spreadsheet(
        self, client, sign_in, world, run, name, rows
    ):
        sign_in("coordinator", world.nation)
        url = reverse(name, args=[run.pk, "csv"])
        text = body(client.get(url, headers={"accept-language": "zh-hans"}))
        assert text.startswith(BOM)
        assert "第 1 批次" in text.splitlines()[0]
        assert len(table(text)) == rows

    @pytest.mark.parametrize("name", ["run-places", "run-sums"])
    def test_a_county_officer_gets_the_county_and_no_other(self, client, sign_in, world, run, name):
        sign_in("county_officer", world.counties[0])
        text = body(client.get(reverse(name, args=[run.pk, "geojson"])))
        shown = json.loads(text)["features"]
        assert len(shown) == (3 if name == "run-places" else 1)
        assert world.counties[1].name not in text
        assert world.nation.name not in text

    def test_a_name_that_looks_like_a_formula_is_made_safe(self, client, sign_in, world, run):
        type(world.clinics[0]).objects.filter(pk=world.clinics[0].pk).update(name="=1+1")
        sign_in("coordinator", world.nation)
        rows = table(body(client.get(reverse("run-places", args=[run.pk, "csv"]))))
        assert [row for row in rows[0].values() if "1+1" in row] == ["'=1+1"]

    @pytest.mark.parametrize("ending", ["xlsx", "html"])
    def test_there_is_no_other_file(self, client, sign_in, world, run, ending):
        sign_in("coordinator", world.nation)
        assert client.get(reverse("run-places", args=[run.pk, ending])).status_code == 404

    def test_a_run_that_is_not_computed_has_no_file(self, client, sign_in, world, run):
        Run.objects.filter(pk=run.pk).update(computed_at=None)
        sign_in("coordinator", world.nation)
        assert client.get(reverse("run-places", args=[run.pk, "csv"])).status_code == 404
        assert client.get(f"/api/v1/plans/{run.pk}/places.csv").status_code == 404

    def test_the_run_page_leads_to_the_files(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run", args=[run.pk])).content.decode()
        for name in ("run-places", "run-sums"):
            for ending in ("csv", "geojson"):
                assert reverse(name, args=[run.pk, ending]) in page


class TestPrograms:
    def test_a_program_reads_columns_by_their_own_names(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        answer = client.get(f"/api/v1/plans/{run.pk}/places.csv")
        assert answer.streaming
        text = body(answer)
        assert text.splitlines()[0] == (
            "code,name,county,county_name,item,weight,rank,wave_1,units,given_before,target,missing"
        )
        sums = json.loads(body(client.get(f"/api/v1/plans/{run.pk}/divisions.geojson")))
        assert sums["features"][0]["id"] == world.nation.code

    def test_a_format_that_is_not_there_is_refused_in_words(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        assert client.get(f"/api/v1/plans/{run.pk}/places.xml").status_code == 422
