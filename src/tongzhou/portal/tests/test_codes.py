"""A code on a box: what it tells, what is never told, and how often one may ask."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tongzhou.delivery.tests.world import NOW, World
from tongzhou.interchange.medicine_codes import read_code
from tongzhou.interchange.receive_tokens import new_token
from tongzhou.kit import clock
from tongzhou.people.models import Account, Review
from tongzhou.people.queries import review_standings
from tongzhou.portal.actions import codes as kept
from tongzhou.portal.actions import forget_seen, note_seen
from tongzhou.portal.api import ANSWER_BYTES
from tongzhou.portal.models import CodeSeen, MedicineCode
from tongzhou.portal.rules.codes import FAULTS, TOLD, Result
from tongzhou.portal.views import codes as view
from tongzhou.portal.views import medicines

pytestmark = pytest.mark.django_db
BOX = "84123451234567890123"
OTHER_BOX = "99999991234567890123"
GTIN = "04006381333931"
GS1 = f"(01){GTIN}(17)230131(10)A1(21)S77"
GONE = f"(01){GTIN}(17)230101(10)A1(21)S78"


@pytest.fixture
def product() -> MedicineCode:
    MedicineCode.objects.create(
        code=GTIN, name="布洛芬片", name_en="Ibuprofen tablets", maker="甲制药", strength="0.2 g",
        source="名单", as_of=date(2023, 1, 1),
    )  # fmt: skip
    return MedicineCode.objects.create(
        code=BOX[:7], name="对乙酰氨基酚片", source="名单", as_of=date(2023, 1, 1)
    )


@pytest.fixture
def asker() -> Client:
    return Client(headers={"accept-language": "en"})


def asked(asker: Client, code: str) -> dict[str, Any]:
    answer = asker.post("/api/v1/codes/check", {"code": code}, content_type="application/json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("code", "result", "name"),
    [
        (BOX, "product", "对乙酰氨基酚片"),
        (OTHER_BOX, "unknown", ""),
        ("4006381333931", "product", "Ibuprofen tablets"),
        (GS1, "product", "Ibuprofen tablets"),
        (GONE, "expired", "Ibuprofen tablets"),
        ("4006381333932", "malformed", ""),
        ("123", "malformed", ""),
        ("", "malformed", ""),
        ("P00000000000", "malformed", ""),
    ],
)
def test_each_code_has_its_answer(
    product: MedicineCode, asker: Client, code: str, result: str, name: str
) -> None:
    found = asked(asker, code)
    assert (found["result"], found["product"]) == (result, name)
    assert found["says"]
    assert found["do"]
    assert "12315" in found["ask"]


def test_all_answers_have_one_shape_and_one_length(product: MedicineCode, asker: Client) -> None:
    shapes = set()
    for code in (BOX, BOX, OTHER_BOX, GS1, GONE, "123", "", f"/c/{new_token()}/", "P23456789AB"):
        answer = asker.post(
            "/api/v1/codes/check", {"code": code}, content_type="application/json",
            headers={"accept-encoding": "gzip"},
        )  # fmt: skip
        shapes.add((answer.status_code, len(answer.content), tuple(json.loads(answer.content))))
    assert len(shapes) == 1
    assert next(iter(shapes))[1] == ANSWER_BYTES


def test_every_fault_and_result_has_its_words() -> None:
    assert set(TOLD) | {Result.MALFORMED} == set(Result)
    words = [*TOLD.values(), *FAULTS.values()]
    assert all(str(one.says) and str(one.do) for one in words)
    assert not any("genuine" in f"{one.says} {one.do}".lower() for one in words)


def test_whom_to_ask_is_set_by_the_installation(asker: Client, settings: Any) -> None:
    settings.DRUG_AUTHORITY = "问省药监局：0931-12331。"
    assert asked(asker, BOX)["ask"] == "问省药监局：0931-12331。"


class TestSeen:
    """The code of one box is counted by a digest, and the second time warns."""

    def test_the_same_box_again_warns_with_the_first_day(self, asker: Client) -> None:
        assert asked(asker, BOX)["warning"] == ""
        with clock.fixed_at(NOW + timedelta(days=3)):
            again = asked(asker, f" {BOX[:10]} {BOX[10:]} ")
        assert again["seen_before"] == "2023-01-08"
        assert "2023-01-08" in again["warning"]
        assert CodeSeen.objects.get().times == 2

    def test_boxes_of_one_product_are_told_apart(self, asker: Client) -> None:
        asked(asker, GS1)
        assert asked(asker, GONE)["warning"] == ""

    def test_one_serial_of_two_products_is_two_boxes(self) -> None:
        other = GS1.replace(GTIN, "00012345678905")
        assert kept.digest_of(read_code(GS1)) != kept.digest_of(read_code(other))

    @pytest.mark.parametrize("code", ["4006381333931", "123", "", f"(01){GTIN}(10)A1"])
    def test_a_code_without_a_box_of_its_own_is_not_kept(self, code: str) -> None:
        assert note_seen(read_code(code)) is None
        assert not CodeSeen.objects.exists()

    def test_nothing_of_the_code_is_in_the_row(self, settings: Any) -> None:
        note_seen(read_code(BOX))
        row = str(CodeSeen.objects.values().get())
        assert not any(BOX[at : at + 6] in row for at in range(len(BOX) - 6))
        digest = CodeSeen.objects.get().digest
        settings.SECRET_KEY = "another" * 10
        assert kept.digest_of(read_code(BOX)) != digest

    def test_old_ones_and_too_many_are_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for at, days in enumerate((800, 5, 4, 3)):
            with clock.fixed_at(NOW - timedelta(days=days)):
                note_seen(read_code(f"{at:020}"))
        assert forget_seen() == 1
        monkeypatch.setattr(kept, "MOST_KEPT", 2)
        assert forget_seen() == 1
        days = [(NOW - one.last_at).days for one in CodeSeen.objects.order_by("last_at")]
        assert days == [4, 3]


class TestPage:
    """The form works without a script, and shows what is asked for in words."""

    def test_it_shows_the_answer_and_keeps_what_was_typed(
        self, product: MedicineCode, asker: Client
    ) -> None:
        answer = asker.post("/check/code/", {"code": "4006381333931"})
        text = answer.content.decode()
        assert "Ibuprofen tablets" in text
        assert 'value="4006381333931"' in text
        assert answer["Cache-Control"] == "no-store"
        assert "'wasm-unsafe-eval'" in answer["Content-Security-Policy"]
        # With "no-referrer" a browser sends the form with "Origin: null", and it would be refused.
        assert answer["Referrer-Policy"] == "same-origin"

    def test_every_answer_has_the_same_lines(self, product: MedicineCode, asker: Client) -> None:
        for code in (BOX, OTHER_BOX, "123", GONE):
            text = asker.post("/check/code/", {"code": code}).content.decode()
            assert text.count("<dt>") == 6

    def test_a_parcel_leads_to_its_public_page(self, world: World, asker: Client) -> None:
        world.on_the_way()
        parcel = world.parcel()
        found = asked(asker, parcel.public_id)
        assert (found["result"], found["trace"]) == (
            "parcel",
            f"/trace/parcels/{parcel.public_id}/",
        )

    def test_of_a_slip_nothing_is_shown_or_kept(self, asker: Client) -> None:
        token = new_token()
        for typed in (f"https://x.example/c/{token}/", token):
            text = asker.post("/check/code/", {"code": typed}).content.decode()
            assert token not in text
        assert not CodeSeen.objects.exists()

    def test_a_post_without_its_token_is_refused(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert strict.post("/check/code/", {"code": BOX}).status_code == 403

    def test_too_many_are_slowed_down_in_words(
        self, asker: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(view, "MOST", 1)
        assert asker.post("/check/code/", {"code": BOX}).status_code == 200
        slow = asker.post("/check/code/", {"code": BOX})
        assert (slow.status_code, slow["Retry-After"]) == (429, "60")
        assert "Wait 60 seconds" in slow.content.decode()
        body = asker.post("/api/v1/codes/check", {"code": BOX}, content_type="application/json")
        assert (body.status_code, body["Retry-After"]) == (429, "60")
        elsewhere = Client(REMOTE_ADDR="192.0.2.7")
        assert elsewhere.post("/check/code/", {"code": BOX}).status_code == 200


class TestData:
    """What the medicine page loads once."""

    def test_codes_of_boxes_stand_beside_the_catalogue(self, asker: Client) -> None:
        MedicineCode.objects.create(
            code="8412345", name="布洛芬片", catalogue_id="ibuprofen-tablet-200",
            source="名单", as_of=date(2023, 1, 1),
        )  # fmt: skip
        found = asker.get("/check/medicine/data.json").json()
        assert found["box_codes"] == {"8412345": "ibuprofen-tablet-200"}
        assert found["products"]

    def test_it_comes_with_the_database_away(
        self, asker: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> dict[str, str]:
            raise OperationalError("gone")

        monkeypatch.setattr(medicines, "catalogue_codes", away)
        found = asker.get("/check/medicine/data.json").json()
        assert (found["box_codes"], bool(found["products"])) == ({}, True)

    def test_the_page_says_until_a_clinician_has_signed_all_of_it(self, asker: Client) -> None:
        says = "not yet reviewed by a clinician"
        assert says in asker.get("/check/medicine/").content.decode().lower()
        clinician = Account.objects.create(email="doctor@example.org", name="Doctor")
        for standing in review_standings("catalogue"):
            assert says in asker.get("/check/medicine/").content.decode().lower()
            text = standing.text
            Review.objects.create(
                kind=text.kind, ref=text.ref, version=text.version, sha256=text.sha256,
                account=clinician, office="County hospital", at=clock.now(),
            )  # fmt: skip
        assert says not in asker.get("/check/medicine/").content.decode().lower()
