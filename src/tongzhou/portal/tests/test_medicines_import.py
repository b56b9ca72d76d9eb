"""The table of medicine codes is taken whole or not at all."""

from datetime import date

import pytest

from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import ImportRefused
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope
from tongzhou.portal.actions import import_medicines, preview_medicines, read_medicines
from tongzhou.portal.models import MedicineCode
from tongzhou.portal.queries.codes import catalogue_codes

pytestmark = pytest.mark.django_db
HEAD = "产品编码,药品名称,英文名称,生产企业,规格,目录编号,数据来源,数据日期\n"
GOOD = (
    HEAD
    + "8412345,布洛芬片,Ibuprofen tablets,甲制药,0.2 g,ibuprofen-tablet-200,名单,2023-01-01\n"
    + "4006381333931,某某颗粒,,乙制药,,,名单,2023-01-01\n"
)


@pytest.fixture(autouse=True)
def country(db):
    Division.objects.create(code="cn", name="中国", level=0, first=0, last=99)


def take(text, **more):
    return import_medicines(read_medicines(text.encode()), by=SYSTEM, **more)


def faults(text, **more):
    found = preview_medicines(read_medicines(text.encode()), **more).problems
    return sorted(found["code"].to_list())


def test_a_table_is_written_with_one_event():
    report = take(GOOD)
    assert (report.rows, report.new, report.refused) == (2, 2, 0)
    one, other = MedicineCode.objects.order_by("id")
    assert (one.code, one.name_en, one.maker, one.as_of) == (
        "8412345", "Ibuprofen tablets", "甲制药", date(2023, 1, 1),
    )  # fmt: skip
    assert (other.code, other.name_en, other.catalogue_id) == ("04006381333931", "", "")
    assert Event.objects.get(verb="medicines.imported").after == {
        "rows": 2, "new": 2, "changed": 0,
    }  # fmt: skip


def test_the_same_table_again_has_no_effect():
    take(GOOD)
    report = take(GOOD)
    assert (report.new, report.changed, report.same) == (0, 0, 2)
    assert Event.objects.filter(verb="medicines.imported").count() == 1


def test_a_row_changes_its_code_and_leaves_the_others():
    take(GOOD)
    report = take(HEAD + "8412345,布洛芬缓释片,,,0.3 g,,新名单,2023-01-05\n")
    assert (report.changed, report.new) == (1, 0)
    changed = MedicineCode.objects.get(code="8412345")
    assert (changed.name, changed.maker, changed.source) == ("布洛芬缓释片", "", "新名单")
    assert MedicineCode.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("841234,甲,,,,,名单,2023-01-01", "medicine.code"),
        ("4006381333932,甲,,,,,名单,2023-01-01", "medicine.code"),
        ("84123451234567890123,甲,,,,,名单,2023-01-01", "medicine.code"),
        ("8412345,甲,,,,no-such-thing,名单,2023-01-01", "medicine.catalogue"),
        ("8412345,甲,,,,,名单,2023-02-01", "medicine.future"),
        ("8412345," + "长" * 121 + ",,,,,名单,2023-01-01", "medicine.long"),
        ("8412345,甲,,,,,,2023-01-01", "cell.required"),
    ],
)
def test_a_wrong_row_is_refused_with_its_fault(row, fault):
    assert faults(HEAD + row + "\n") == [fault]
    with pytest.raises(ImportRefused):
        take(GOOD + row + "\n")
    assert not MedicineCode.objects.exists()


def test_one_code_in_two_spellings_is_one_code():
    again = "04006381333931,某某颗粒,,,,,名单,2023-01-01\n"
    assert faults(GOOD + again) == ["medicine.twice"]


def test_only_the_office_at_the_top_may_import():
    assert set(faults(GOOD, within=Scope(((10, 20),)))) == {"medicine.outside"}
    assert faults(GOOD, within=Scope(((0, 99),))) == []


def test_before_places_are_loaded_it_says_what_to_do():
    Division.objects.all().delete()
    assert set(faults(GOOD)) == {"medicine.no_places"}


def test_codes_that_lead_to_the_catalogue_go_to_the_phone():
    take(GOOD)
    MedicineCode.objects.filter(code="04006381333931").update(catalogue_id="gone-since")
    assert catalogue_codes() == {"8412345": "ibuprofen-tablet-200"}
