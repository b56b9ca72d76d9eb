"""The pages of places, and a file on its way from upload to the registry."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tongzhou.kit import clock, jobs
from tongzhou.kit.models import Event, Job
from tongzhou.places.actions.imports import import_kind
from tongzhou.places.actions.imports import problems_of as read_problems
from tongzhou.places.models import Division, ImportBatch, Place

Tree = dict[str, Division]
CLINICS = "村代码,序号,名称\n620102001001,1,东风村卫生室\n620103001001,1,东风村卫生室\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    settings.SECOND_FACTOR_REQUIRED = False
    return tmp_path


def signed_in(role: str, division: Division) -> Client:
    account = get_user_model().objects.create_user(
        f"{role}-{division.pk}@example.org", "long enough", name="A"
    )
    apps.get_model("people", "RoleGrant").objects.create(
        account=account, role=role, division=division, granted_by="system", granted_at=clock.now()
    )
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    return client


@pytest.fixture
def coordinator(tree: Tree) -> Client:
    return signed_in("coordinator", tree["n"])


def upload(client: Client, text: str, division: str, kind: str = "places") -> Any:
    file = SimpleUploadedFile("名册.csv", text.encode())
    return client.post(f"/desk/imports/{kind}/", {"file": file, "division": division})


def test_the_tree_is_walked_from_the_top(coordinator: Client) -> None:
    top = coordinator.get("/desk/places/").content.decode()
    assert "甘肃省" in top
    assert "/desk/places/620/" in top
    province = coordinator.get("/desk/places/62/").content.decode()
    assert "兰州市" in province
    assert "假兰州市" not in province


def test_a_padded_code_leads_to_the_division(coordinator: Client) -> None:
    response = coordinator.get("/desk/places/620000/")
    assert (response.status_code, response.headers["location"]) == (302, "/desk/places/62/")


def test_a_search_shows_where_each_division_lies(coordinator: Client) -> None:
    page = coordinator.get("/desk/places/", {"q": "城关"}).content.decode()
    assert "甘肃省 › 兰州市" in page
    assert "Nothing has this name" in coordinator.get("/desk/places/?q=zzz").content.decode()


def test_a_place_shows_its_figures_their_source_and_that_it_is_made_up(
    tree: Tree, coordinator: Client
) -> None:
    source = apps.get_model("places", "Source").objects.create(name="普查", as_of="2020-11-01")
    Place.objects.create(
        code="c-1",
        name="东风村卫生室",
        kind="clinic",
        division=tree["620102001001"],
        people65=310,
        source=source,
        made_up=True,
        placed=True,
        lat=36,
        lon=103,
    )
    page = coordinator.get("/desk/places/c-1/").content.decode()
    for part in ("310", "普查", "2020-11-01", "missing", "Made up", "placed, not surveyed"):
        assert part.lower() in page.lower()


def test_a_county_officer_sees_no_place_of_another_county(tree: Tree) -> None:
    for code in ("620102001001", "620103001001", "62010001001"):
        Place.objects.create(code=f"{code}-1", name="x", kind="clinic", division=tree[code])
    client = signed_in("county_officer", tree["620102"])
    assert client.get("/desk/places/620102001001-1/").status_code == 200
    assert client.get("/desk/places/620103001001-1/").status_code == 404
    assert client.get("/desk/places/62010001001-1/").status_code == 404
    assert "620103001001-1" not in client.get("/desk/places/620103/").content.decode()


def test_a_county_officer_is_led_to_the_setting_of_the_county_page_alone(tree: Tree) -> None:
    client = signed_in("county_officer", tree["620102"])
    assert "/desk/channel/620102/" in client.get("/desk/places/620102/").content.decode()
    assert "/desk/channel/" not in client.get("/desk/places/620103/").content.decode()


def test_a_file_is_previewed_and_then_written_by_a_job(tree: Tree, coordinator: Client) -> None:
    response = upload(coordinator, CLINICS, "62")
    batch = ImportBatch.objects.get()
    assert response.headers["location"] == f"/desk/imports/places/{batch.pk}/"
    page = coordinator.get(response.headers["location"]).content.decode()
    assert "Import: 2 new, 0 changed" in page
    assert not Place.objects.exists()
    pressed = [coordinator.post(f"/desk/imports/places/{batch.pk}/apply/") for _ in range(2)]
    assert {r.headers["location"] for r in pressed} == {f"/desk/jobs/{Job.objects.get().pk}/"}
    jobs.drain()
    batch.refresh_from_db()
    assert (batch.state, Place.objects.count()) == ("done", 2)
    assert Event.objects.filter(verb="places.imported").count() == 1


def test_the_same_file_again_says_that_all_is_known(tree: Tree, coordinator: Client) -> None:
    for _ in range(2):
        upload(coordinator, CLINICS, "62")
        batch = ImportBatch.objects.latest("pk")
        coordinator.post(f"/desk/imports/places/{batch.pk}/apply/")
        jobs.drain()
    assert Place.objects.count() == 2
    assert (batch.new_rows, batch.changed_rows) == (0, 0)


def test_a_refused_file_gives_its_errors_by_row_and_column(coordinator: Client) -> None:
    upload(coordinator, CLINICS + "999999999999,1,某卫生室\n", "62")
    batch = ImportBatch.objects.get()
    page = coordinator.get(f"/desk/imports/places/{batch.pk}/").content.decode()
    assert "There is no division 999999999999." in page
    file = b"".join(
        coordinator.get(f"/desk/imports/places/{batch.pk}/errors.csv").streaming_content
    )
    assert "4,村代码,999999999999,There is no division 999999999999.".encode() in file
    coordinator.post(f"/desk/imports/places/{batch.pk}/apply/")
    assert (Job.objects.count(), Place.objects.count()) == (0, 0)


def test_an_unreadable_file_says_why(coordinator: Client) -> None:
    response = upload(coordinator, "什么,都,不是\n", "62")
    page = coordinator.get(response.headers["location"]).content.decode()
    assert "Name" in page
    assert ImportBatch.objects.get().state == "refused"


def test_a_file_that_was_refused_while_written_can_be_written_later(
    tree: Tree, coordinator: Client
) -> None:
    """Its first job had ended, and every later press had found only that one."""
    village = Division.objects.filter(code="620103001001")
    upload(coordinator, CLINICS, "62")
    batch = ImportBatch.objects.get()
    apply = f"/desk/imports/places/{batch.pk}/apply/"
    moved = village.get().pk
    village.update(code="620103001009")
    coordinator.post(apply)
    jobs.drain()
    batch.refresh_from_db()
    assert (batch.state, Place.objects.count()) == ("refused", 0)
    Division.objects.filter(pk=moved).update(code="620103001001")
    upload(coordinator, CLINICS, "62")
    assert coordinator.post(apply)["location"] == coordinator.post(apply)["location"]
    jobs.drain()
    batch.refresh_from_db()
    assert (batch.state, Place.objects.count()) == ("done", 2)


def test_a_file_whose_job_failed_can_begin_again(tree: Tree, coordinator: Client) -> None:
    """Cut off while it was written, it stood at "being written" and its page offered nothing."""
    response = upload(coordinator, CLINICS, "62")
    apply = f"{response['location']}apply/"
    coordinator.post(apply)
    Job.objects.update(state=Job.State.FAILED)
    page = coordinator.get(response["location"]).content.decode()
    assert "begin again" in page
    assert apply in page
    coordinator.post(apply)
    jobs.drain()
    assert (ImportBatch.objects.get().state, Place.objects.count()) == ("done", 2)


def test_nobody_uploads_for_a_division_that_is_not_theirs(tree: Tree) -> None:
    client = signed_in("county_officer", tree["620102"])
    response = upload(client, CLINICS, "62")
    assert response.status_code in (403, 422)
    assert not ImportBatch.objects.exists()


def test_a_division_file_goes_the_same_way(tree: Tree, coordinator: Client) -> None:
    text = "区划代码,名称,上级代码\n620102001077,新村委会,620102001\n"
    upload(coordinator, text, "n", kind="divisions")
    coordinator.post(f"/desk/imports/divisions/{ImportBatch.objects.get().pk}/apply/")
    jobs.drain()
    assert Division.objects.get(code="620102001077").level == 5


def test_an_empty_table_to_fill_in_has_the_headers_we_read(coordinator: Client) -> None:
    body = b"".join(coordinator.get("/desk/imports/places/template.csv").streaming_content)
    assert b"Place code,Village code" in body


@pytest.mark.parametrize("kind", ["places", "divisions"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_workbook_to_fill_in_has_an_example_and_notes(
    coordinator: Client, kind: str, language: str
) -> None:
    page = coordinator.get(f"/desk/imports/{kind}/").content.decode()
    assert f"/desk/imports/{kind}/template.xlsx" in page
    answer = coordinator.get(
        f"/desk/imports/{kind}/template.xlsx", headers={"accept-language": language}
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    table, notes = book.worksheets
    heads = [cell.value for cell in table[1]]
    assert heads == [cell.value for cell in notes["A"]][1 : len(heads) + 1]
    assert table.max_row == 2
    assert {cell.data_type for cell in table[2] if cell.value} == {"s"}
    columns = import_kind(kind).columns
    assert len(heads) == len(columns)
    required = [row[3].value for row in notes.iter_rows(min_row=2, max_row=len(heads) + 1)]
    assert [bool(word) for word in required] == [column.required for column in columns]


@pytest.mark.parametrize("kind", ["places", "divisions"])
def test_an_example_that_is_left_in_keeps_the_file_out(coordinator: Client, kind: str) -> None:
    before = Division.objects.count()
    book = coordinator.get(f"/desk/imports/{kind}/template.xlsx").content
    file = SimpleUploadedFile("filled.xlsx", book)
    coordinator.post(f"/desk/imports/{kind}/", {"file": file, "division": "n"})
    batch = ImportBatch.objects.get()
    # Every example is one its own column takes: what is refused is that there is no such code.
    codes = set(read_problems(batch)["column"])
    assert (batch.state, batch.rows, batch.refused_rows) == ("refused", 1, 1)
    assert codes <= {c.header for c in import_kind(kind).columns if c.kind == "code"}
    coordinator.post(f"/desk/imports/{kind}/{batch.pk}/apply/")
    assert (Place.objects.count(), Division.objects.count()) == (0, before)


def test_a_place_is_added_moved_merged_and_closed_on_its_pages(
    tree: Tree, coordinator: Client
) -> None:
    for code in ("a", "b"):
        given = {"code": code, "name": f"{code}站", "kind": "depot"}
        assert coordinator.post("/desk/places/620102/new/", given).status_code == 302
    coordinator.post("/desk/places/a/move/", {"division": "620103"})
    assert Place.objects.get(code="a").division == tree["620103"]
    coordinator.post("/desk/places/a/merge/", {"into": "b"})
    assert Place.objects.get(code="a").merged_into == Place.objects.get(code="b")
    again = coordinator.post("/desk/places/a/close/", {"reason": "x"})
    assert again.status_code == 422
    coordinator.post("/desk/places/b/close/", {"reason": "没有人"})
    assert Place.objects.get(code="b").state == "closed"
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[1:] == ["place.created"] * 2 + ["place.moved", "place.merged", "place.closed"]


def test_how_old_and_ill_a_village_is_is_told_to_its_own_offices_only(tree: Tree) -> None:
    figures = {"people65": 120.0, "risk_share": 0.3, "remoteness": 1.2}
    Place.objects.create(
        code="p", name="p", kind="clinic", division=tree["620102001001"], **figures
    )
    asked = ("/api/v1/places/p", "/api/v1/places?q=p", "/api/v1/places?division=620102")

    def told(client: Client) -> list[dict[str, object]]:
        one, *lists = [client.get(address).json() for address in asked]
        return [one, *(row for page in lists for row in page["items"])]

    nobody = told(Client())
    assert len(nobody) == 3
    for row in [*nobody, *told(signed_in("coordinator", tree["620201"]))]:
        assert "people65" not in row
        assert "risk_share" not in row
        assert row["remoteness"] == 1.2
    for row in told(signed_in("coordinator", tree["620102"])):
        assert (row["people65"], row["risk_share"]) == (120.0, 0.3)
    # A doctor reads the clinic's page, but no program reads with a doctor's session.
    assert "people65" not in told(signed_in("clinic_doctor", tree["620102"]))[0]


def test_programs_read_divisions_and_places_without_an_account(tree: Tree) -> None:
    Place.objects.create(code="p", name="p", kind="clinic", division=tree["620102001001"])
    client = Client()
    assert client.get("/api/v1/divisions/6201000").status_code == 404
    one = client.get("/api/v1/divisions/620102").json()
    assert (one["name"], one["path"]) == ("城关区", ["62", "620100"])
    page = client.get("/api/v1/divisions?parent=620100&limit=1").json()
    rest = client.get(f"/api/v1/divisions?parent=620100&after={page['next']}").json()
    assert [d["code"] for d in page["items"] + rest["items"]] == ["620102", "620103"]
    assert [d["code"] for d in client.get("/api/v1/divisions?q=qilihe").json()["items"]] == [
        "620103"
    ]
    places = client.get("/api/v1/places?division=620100&kind=clinic").json()
    assert [p["code"] for p in places["items"]] == ["p"]
    assert client.get("/api/v1/places/p").json()["division"] == "620102001001"
    assert client.get("/api/v1/places?division=620&kind=clinic").json()["items"] == []
