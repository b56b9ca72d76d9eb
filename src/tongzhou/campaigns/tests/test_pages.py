"""The campaign pages: what they show, in both languages, to whom, and what they take in."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tongzhou.campaigns.actions import NewRecipient, add_fund, add_recipients, state_need
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.campaigns.models import Campaign, NeedStatement, Promise
from tongzhou.kit import jobs
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Account
from tongzhou.people.queries import actor, desk_cards
from tongzhou.places.models import ImportBatch
from tongzhou.supplies.models import Fund, Item

from .conftest import World, officer, opened

DAY = date(2023, 1, 8)
FILE = "机构代码,申请数量,数据日期\n6201-1,2,2023-01-07\n6201-2,４,2023-01-07\n"


class Browser:
    """A signed-in browser in one language."""

    def __init__(self, account: Account | None, language: str = "en") -> None:
        self.client = Client(headers={"accept-language": language})
        if account is not None:
            self.client.force_login(account)

    def get(self, address: str) -> HttpResponse:
        return self.client.get(address)

    def post(self, address: str, **data: Any) -> HttpResponse:
        return self.client.post(address, data)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def coordinator(world: World) -> Browser:
    return Browser(officer("lead@example.org", "coordinator", world.divisions["cn"]))


@pytest.fixture
def county(world: World) -> Browser:
    return Browser(officer("county@example.org", "county_officer", world.divisions["6201"]))


def at(world: World, rest: str = "") -> str:
    return f"/desk/campaigns/{world.campaign.public_id}/{rest}"


def text_of(answer: HttpResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def stated(world: World, code: str, by: Any = SYSTEM) -> NeedStatement:
    new = NewNeed(world.places[code], world.item, 2, DAY, evidence="村医来电")
    return state_need(world.campaign, new, by=by)


PAGES = ("", "items/", "funds/", "promises/", "needs/", "needs/new/")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Demand and supply", "Units that are never split", "Live statements")),
        ("zh-hans", ("需求与供应", "不拆分的数量", "您辖区内的有效填报")),
    ],
)
def test_every_page_renders_in_both_languages(
    world: World, language: str, words: tuple[str, ...]
) -> None:
    row = stated(world, "6201-1")
    fund = Fund.objects.create(public_id="F-1", name="捐赠甲", kind="cash", given_on=DAY)
    add_fund(world.campaign, fund, by=SYSTEM)
    new = NewRecipient(
        "甘肃", world.divisions["62"], world.places["hub-62"], [world.divisions["62"]]
    )
    add_recipients(world.campaign, [new], by=SYSTEM)
    Promise.objects.create(
        campaign=world.campaign,
        producer=world.producer,
        item=world.item,
        batch=1,
        day=DAY,
        units=4,
        status="firm",
        row_key="x",
    )
    lead = Browser(officer("lead@example.org", "coordinator", world.divisions["cn"]), language)
    pages = [at(world, rest) for rest in (*PAGES, f"needs/{row.pk}/")]
    found = "".join(text_of(lead.get(page)) for page in [*pages, "/desk/campaigns/new/"])
    assert all(word in found for word in words)
    assert "村医来电" in found
    assert "甘肃" in found
    assert world.campaign.name in text_of(lead.get("/desk/campaigns/"))


def test_a_stranger_signs_in_first_and_a_carrier_is_refused(world: World) -> None:
    carrier = Browser(officer("c@example.org", "clinic_doctor", world.divisions["6201"]))
    for rest in PAGES:
        assert Browser(None).get(at(world, rest)).status_code == 302
        assert carrier.get(at(world, rest)).status_code == 403


def test_a_county_sees_the_nations_campaign_and_changes_nothing_of_it(
    world: World, county: Browser
) -> None:
    page = text_of(county.get(at(world)))
    assert world.campaign.name in page
    assert "Add an item" not in page
    for rest in ("items/", "funds/", "promises/"):
        assert county.get(at(world, rest)).status_code == 403


def test_a_campaign_elsewhere_is_not_there(world: World, county: Browser) -> None:
    other = opened(world.divisions["65"], world.policy, "新疆行动")
    assert county.get(f"/desk/campaigns/{other.public_id}/").status_code == 404
    assert "新疆行动" not in text_of(county.get("/desk/campaigns/"))


def test_a_province_reads_the_nations_campaign_but_cannot_change_it(world: World) -> None:
    province = Browser(officer("p@example.org", "coordinator", world.divisions["62"]))
    assert province.get(at(world)).status_code == 200
    assert province.get(at(world, "items/")).status_code == 404
    assert province.post(at(world, "promises/")).status_code == 404


def test_a_foreign_countys_need_is_not_there(world: World, county: Browser) -> None:
    own, foreign = stated(world, "6201-1"), stated(world, "62010-1")
    assert county.get(at(world, f"needs/{own.pk}/")).status_code == 200
    assert county.get(at(world, f"needs/{foreign.pk}/")).status_code == 404
    assert county.post(at(world, f"needs/{foreign.pk}/"), verify="1").status_code == 404
    listed = text_of(county.get(at(world, "needs/")))
    assert "东风村卫生室" in listed
    assert "和平村卫生室" not in listed


def test_a_coordinator_opens_a_campaign_and_is_shown_what_to_do_first(
    world: World, coordinator: Browser
) -> None:
    form = {
        "name": "制氧机行动",
        "purpose": "给卫生室",
        "division": "62",
        "opened_on": "2023-01-06",
        "deadline": "2023-01-20",
        "policy": world.policy.pk,
    }
    wrong = text_of(coordinator.post("/desk/campaigns/new/", **{**form, "division": "99"}))
    assert "There is no such division" in wrong
    late = text_of(coordinator.post("/desk/campaigns/new/", **{**form, "deadline": "2023-01-01"}))
    assert "Give a later deadline" in late
    answer = coordinator.post("/desk/campaigns/new/", **form)
    made = Campaign.objects.get(name="制氧机行动")
    assert answer["Location"] == f"/desk/campaigns/{made.public_id}/"
    page = text_of(coordinator.get(answer["Location"]))
    for step in ("Say what each place is to get", "Name the donation", "Record what producers"):
        assert step in page


def test_items_funds_and_promises_are_added_by_form(world: World, coordinator: Browser) -> None:
    mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
    item = {
        "item": mask.pk,
        "place_kind": "clinic",
        "target_units": 5,
        "drop_units": 2,
        "floor_units": 0,
        "carton_units": 10,
    }
    assert "drops of 2" in text_of(coordinator.post(at(world, "items/"), **item))
    assert coordinator.post(at(world, "items/"), **{**item, "target_units": 4}).status_code == 302
    fund = Fund.objects.create(public_id="F-1", name="捐赠甲", kind="cash", given_on=DAY)
    assert coordinator.post(at(world, "funds/"), fund=fund.pk).status_code == 302
    promise = {
        "producer": world.producer.pk,
        "item": mask.pk,
        "batch": 1,
        "day": "2023-01-08",
        "units": 10**10,
        "status": "firm",
    }
    assert coordinator.post(at(world, "promises/"), **promise).status_code == 200
    assert coordinator.post(at(world, "promises/"), **{**promise, "units": 8}).status_code == 302
    page = text_of(coordinator.get(at(world)))
    assert "口罩" in page
    assert "捐赠甲" in page


def test_a_county_states_a_need_for_its_own_places_only(world: World, county: Browser) -> None:
    form = {"place": "62010-1", "item": world.item.pk, "source": "request", "units_asked": 2}
    form |= {"stock_units": 0, "evidence": ""}
    refused = text_of(county.post(at(world, "needs/new/"), **form))
    assert "no such place in your area" in refused
    answer = county.post(at(world, "needs/new/"), **{**form, "place": "6201-1"})
    row = NeedStatement.objects.get()
    assert answer["Location"] == at(world, f"needs/{row.pk}/")
    assert "Waits for a check" in text_of(county.get(answer["Location"]))


def test_whoever_wrote_a_need_is_told_to_ask_another_office(world: World) -> None:
    account = officer("county@example.org", "county_officer", world.divisions["6201"])
    row = stated(world, "6201-1", by=actor(account))
    own, page = Browser(account), at(world, f"needs/{row.pk}/")
    assert "cannot verify it" in text_of(own.post(page, verify="1"))
    lead = Browser(officer("lead@example.org", "coordinator", world.divisions["cn"]))
    assert lead.post(page, verify="1").status_code == 302
    assert "Verified" in text_of(own.get(page))


def test_a_question_back_is_shown_to_the_office(
    world: World, county: Browser, coordinator: Browser
) -> None:
    row = stated(world, "6201-1")
    page = at(world, f"needs/{row.pk}/")
    assert "This field is required" in text_of(coordinator.post(page, question=""))
    assert coordinator.post(page, question="为何是两台？").status_code == 302
    assert "为何是两台？" in text_of(county.get(page))


def test_an_auditor_reads_a_need_and_cannot_judge_it(world: World) -> None:
    row = stated(world, "6201-1")
    auditor = Browser(officer("a@example.org", "auditor", world.divisions["cn"]))
    page = at(world, f"needs/{row.pk}/")
    assert "Your judgement" not in text_of(auditor.get(page))
    assert auditor.post(page, verify="1").status_code == 403
    row.refresh_from_db()
    assert row.state == "submitted"


def test_long_lists_go_on_to_another_page(world: World, coordinator: Browser) -> None:
    for _ in range(51):
        row = stated(world, "6201-1")
    NeedStatement.objects.update(state="submitted")
    first = text_of(coordinator.get(at(world, "needs/")))
    assert "?from=50" in first
    second = text_of(coordinator.get(at(world, "needs/?from=50")))
    assert f"needs/{row.pk}/" in second
    assert "?from=50" in text_of(coordinator.get(at(world, "needs/?from=x")))


def test_an_item_that_is_not_in_the_list_is_a_link_away(world: World, coordinator: Browser) -> None:
    assert 'href="/desk/items/"' in text_of(coordinator.get(at(world, "items/")))


def test_the_desk_counts_what_others_stated_in_the_area(world: World) -> None:
    account = officer("county@example.org", "county_officer", world.divisions["6201"])
    mine = [c for c in desk_cards(account) if c.url == at(world, "needs/")]
    assert mine == []
    stated(world, "6201-1")
    stated(world, "62010-1")
    stated(world, "6201-2", by=actor(account))
    (card,) = [c for c in desk_cards(account) if c.url == at(world, "needs/")]
    assert (card.count, card.oldest) == (1, DAY)
    auditor = officer("a@example.org", "auditor", world.divisions["cn"])
    assert [c for c in desk_cards(auditor) if c.url == at(world, "needs/")] == []
    Campaign.objects.update(state="closed")
    assert [c for c in desk_cards(account) if c.url == at(world, "needs/")] == []


def sent(browser: Browser, address: str, division: str, content: bytes | str) -> HttpResponse:
    data = content.encode() if isinstance(content, str) else content
    return browser.post(address, file=SimpleUploadedFile("表.csv", data), division=division)


def test_the_way_to_the_upload_fills_in_the_campaign_and_the_own_area(
    world: World, county: Browser, coordinator: Browser
) -> None:
    public_id = world.campaign.public_id
    own = county.get(at(world, "import/needs/"))
    assert own["Location"] == f"/desk/imports/needs/?context={public_id}&division=6201"
    lead = coordinator.get(at(world, "import/promises/"))
    assert lead["Location"] == f"/desk/imports/promises/?context={public_id}&division=cn"
    assert county.get(at(world, "import/promises/")).status_code == 404
    assert county.get(at(world, "import/houses/")).status_code == 404
    assert text_of(county.get(own["Location"]))
    assert county.get("/desk/imports/needs/?context=nothing").status_code == 404


def test_a_county_uploads_looks_and_imports_once(
    world: World, county: Browser, folder: Path
) -> None:
    start = county.get(at(world, "import/needs/"))["Location"]
    page = sent(county, start, "6201", FILE.encode("gb18030"))["Location"]
    looked = text_of(county.get(page))
    assert "GB18030" in looked
    assert "6201-2" in looked
    assert not NeedStatement.objects.exists()
    for _ in range(2):
        county.post(f"{page}apply/")
        jobs.drain()
    assert NeedStatement.objects.count() == 2
    assert Event.objects.filter(verb="needs.imported").count() == 1
    again = sent(county, start, "6201", FILE.encode("gb18030"))["Location"]
    assert ImportBatch.objects.get(pk=int(again.split("/")[-2])).new_rows == 0


def test_a_refused_file_writes_nothing_and_gives_its_rows_back(
    world: World, county: Browser, folder: Path
) -> None:
    start = county.get(at(world, "import/needs/"))["Location"]
    page = sent(county, start, "6201", FILE + "62010-1,2,\n")["Location"]
    assert "outside the area" in text_of(county.get(page))
    county.post(f"{page}apply/")
    jobs.drain()
    assert not NeedStatement.objects.exists()
    errors = b"".join(county.get(f"{page}errors.csv").streaming_content).decode()
    assert "62010-1" in errors


def test_a_coordinator_imports_promises_and_a_province_cannot(
    world: World, coordinator: Browser, folder: Path
) -> None:
    text = "企业代码,批次,交货日期,数量,确定程度\np1,1,2023-01-08,300,确定\n"
    start = f"/desk/imports/promises/?context={world.campaign.public_id}"
    province = Browser(officer("p@example.org", "coordinator", world.divisions["62"]))
    page = sent(province, start, "62", text)["Location"]
    assert "only a part of it" in text_of(province.get(page))
    page = sent(coordinator, start, "cn", text)["Location"]
    coordinator.post(f"{page}apply/")
    jobs.drain()
    assert Promise.objects.get().units == 300


@pytest.mark.parametrize("kind", ["needs", "promises"])
def test_the_empty_table_has_the_headers_that_an_import_reads(
    world: World, coordinator: Browser, kind: str
) -> None:
    answer = coordinator.get(f"/desk/imports/{kind}/template.csv")
    head = b"".join(answer.streaming_content).decode()
    assert "Item code" in head
    assert "Campaign id" in head
