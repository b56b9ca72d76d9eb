"""A donation of RMB buys oximeters; they are shared out fairly and signed for by village doctors.

One story, told in its order through the web: each chapter goes on where the last one ended.
"""

from inspect import signature
from typing import Any

import pytest
from playwright.sync_api import expect

from ..stage import House, People, Phone

pytestmark = pytest.mark.browser

expect.set_options(timeout=30_000)
COMMITTED, RECEIVED = "#kept[data-kept=true]", "[data-state=done]"


def press(page: Any, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).first.click()


def follow(page: Any, words: str) -> None:
    page.locator("main").get_by_role("link", name=words).first.click()


def one(house: House, sql: str) -> Any:
    return house.ask(sql)[0][0]


ROLES = (
    ("coordinator", "coordinator", "cn"),
    ("reviewer", "reviewer", "cn"),
    ("gansu", "coordinator", "62"),
    ("county", "county_officer", "620102"),
    ("donor", "partner", "cn"),
)


def the_administrator_gives_everybody_their_role(house: House, people: People) -> None:
    for name, role, division in ROLES:
        email = f"{name}@journey.example"
        account = one(house, f"SELECT id FROM people_account WHERE email = '{email}'")
        page = people.open("administrator", f"/desk/people/{account}/roles/give/")
        page.locator(f"input[name=role][value={role}]").check()
        page.locator("[name=division]").fill(division)
        if role == "partner":
            page.locator("[name=organisation]").select_option(label="捐赠方")
        press(page, "Give the role")
        expect(page.get_by_text("The role was given")).to_be_visible()


def the_coordinator_records_the_item(house: House, people: People) -> None:
    page = people.open("coordinator", "/desk/stock/")
    follow(page, "Items")
    press(page, "New item")
    page.locator("[name=name]").fill("血氧仪")
    page.locator("[name=name_en]").fill("Oximeter")
    page.locator("[name=code]").fill("oximeter")
    page.locator("[name=base_unit]").fill("台")
    page.locator("[name=carton_units]").fill("4")
    page.locator("[name=volume_l]").fill("0.3")
    press(page, "Record")
    expect(page.get_by_text("The item is recorded.")).to_be_visible()
    assert house.ask("SELECT code, name, base_unit FROM supplies_item") == [
        ("oximeter", "血氧仪", "台")
    ]


def the_coordinator_opens_a_campaign_for_every_province(house: House, people: People) -> None:
    page = people.open("coordinator", "/desk/campaigns/new/")
    page.get_by_label("Name", exact=True).fill("血氧仪到村")
    page.locator("[name=purpose]").fill("每个村卫生室两台血氧仪")
    page.locator("[name=division]").fill("cn")
    page.locator("[name=opened_on]").fill("2023-01-05")
    page.locator("[name=deadline]").fill("2023-01-16")
    press(page, "Open a campaign")
    follow(page, "Say what each place is to get")
    page.locator("[name=item]").select_option(index=1)
    for name, units in (("target", 2), ("drop", 2), ("floor", 2), ("carton", 4)):
        page.locator(f"[name={name}_units]").fill(str(units))
    press(page, "Add an item")
    follow(page, "Say who is served through which hub")
    press(page, "Add 2 provinces")
    expect(page.get_by_text("2 recipients were added")).to_be_visible()
    assert house.ask("SELECT name FROM campaigns_recipient ORDER BY id") == [
        ("甘肃省",),
        ("青海省",),
    ]


def the_donor_gives_and_the_coordinator_records_it(house: House, people: People) -> None:
    page = people.open("coordinator", "/desk/funds/new/")
    page.get_by_label("Name", exact=True).fill("血氧仪捐赠")
    page.locator("input[name=kind][value=cash]").check()
    page.locator("[name=donor]").select_option(label="捐赠方")
    page.locator("[name=pledged_fen]").fill("2000")
    page.locator("main button[type=submit]").first.click()
    fund = one(house, "SELECT public_id FROM supplies_fund")
    page = people.open("coordinator", f"/desk/funds/{fund}/")
    page.locator("form[action$='/confirm/'] button").first.click()
    page = people.open("coordinator", f"/desk/funds/{fund}/receive/")
    page.locator("[name=fen]").fill("2000")
    page.locator("main form button[type=submit]").first.click()
    assert one(house, "SELECT received_fen FROM supplies_fund") == 200_000


def goods_are_ordered_and_stand_ready_at_the_dock(house: House, people: People) -> None:
    page = people.open("coordinator", "/desk/orders/new/")
    page.locator("[name=producer]").select_option(label="1厂")
    page.locator("[name$='-fund']").first.select_option(index=1)
    page.locator("[name$='-item']").first.select_option(index=1)
    page.locator("[name$='-units']").first.fill("18")
    page.locator("[name$='-unit_price_fen']").first.fill("100")
    page.locator("[name$='-promised_on']").first.fill("2023-01-08")
    press(page, "Save the draft")
    number = one(house, "SELECT number FROM supplies_procurementorder")
    page = people.open("coordinator", f"/desk/orders/{number}/")
    press(page, "Place the order")
    press(page, "The producer has confirmed")
    page = people.open("coordinator", f"/desk/orders/{number}/batch/")
    page.locator("[name$='-units']").first.fill("18")
    page.locator("main form button[type=submit]").first.click()
    assert one(house, "SELECT delivered_units FROM supplies_orderline") == 18


def the_plan_is_run_approved_by_a_second_person_and_published(house: House, people: People) -> None:
    campaign = one(house, "SELECT public_id FROM campaigns_campaign")
    page = people.open("coordinator", f"/desk/campaigns/{campaign}/funds/")
    page.locator("[name=fund]").select_option(index=1)
    press(page, "Add a donation")
    page = people.open("coordinator", f"/desk/campaigns/{campaign}/plans/new/")
    press(page, "Run the plan")
    house.wait_until("SELECT COUNT(*) FROM plans_run WHERE state = 'computed'")
    run = one(house, "SELECT id FROM plans_run")
    page = people.open("coordinator", f"/desk/plans/{run}/")
    expect(page.get_by_text("places that still wait")).to_be_visible()
    refused = people.open("coordinator", f"/desk/plans/{run}/approve/")
    press(refused, "Approve")
    expect(refused.get_by_text("Ask a second person")).to_be_visible()
    page = people.open("reviewer", f"/desk/plans/{run}/approve/")
    press(page, "Approve")
    page = people.open("reviewer", f"/desk/plans/{run}/publish/")
    press(page, "Publish now")
    house.wait_until("SELECT COUNT(*) FROM delivery_shipment WHERE leg = 'hub_depot'")
    assert one(house, "SELECT SUM(units) FROM plans_allocationline") == 18
    # Nine of twelve clinics are served: those with most people at risk, whole drops only.
    assert one(house, "SELECT COUNT(DISTINCT place_id) FROM plans_allocationline") == 9


def an_officer_reads_why_a_clinic_waits(house: House, people: People) -> None:
    run = one(house, "SELECT id FROM plans_run")
    served = "SELECT place_id FROM plans_allocationline"
    waiting = one(
        house, f"SELECT code FROM places_place WHERE kind = 'clinic' AND id NOT IN ({served})"
    )
    page = people.open("coordinator", f"/desk/plans/{run}/places/{waiting}/")
    expect(page.get_by_text("of this plan ends before its turn").first).to_be_visible()
    expect(page.get_by_text("drop comes when").first).to_be_visible()
    page = people.page("county")
    answer = page.goto(f"{house.url}/desk/plans/{run}/places/{waiting}/")
    assert answer.status == 404


def the_goods_travel_and_one_unit_is_missing_at_the_county(house: House, people: People) -> None:
    for shipment in house.ask("SELECT public_id FROM delivery_shipment WHERE leg = 'dock_hub'"):
        _leave(people, "coordinator", shipment[0])
        _arrive(people, "coordinator", shipment[0])
    mine = one(house, _TO_COUNTY)
    _leave(people, "gansu", mine)
    page = people.open("county", f"/desk/shipments/{mine}/receive/")
    page.locator("input[name=arrived]").nth(1).check()
    page.locator("input[name^=good]").first.fill("5")
    page.locator("[name=signed_by]").fill("县收货员")
    page.locator("main form button[type=submit]").last.click()
    assert house.ask("SELECT kind, units, state FROM delivery_discrepancy") == [
        ("short", 1, "open")
    ]


_TO_COUNTY = (
    "SELECT s.public_id FROM delivery_shipment s JOIN places_place p ON p.id = s.to_place_id"
    " WHERE s.leg = 'hub_depot' AND p.code = '620102-depot'"
)


def _leave(people: People, who: str, shipment: str) -> None:
    page = people.open(who, f"/desk/shipments/{shipment}/leave/")
    page.locator("[name=tracking_number]").fill("T-1")
    page.locator("main form button[type=submit]").last.click()


def _arrive(people: People, who: str, shipment: str) -> None:
    page = people.open(who, f"/desk/shipments/{shipment}/receive/")
    page.locator("input[name=arrived]").first.check()
    page.locator("[name=signed_by]").fill("仓管员")
    page.locator("main form button[type=submit]").last.click()


def the_county_packs_and_the_driver_leaves(house: House, people: People) -> None:
    page = people.open("county", "/desk/parcels/620102/")
    press(page, "Pack one parcel for each place")
    page = people.open("county", "/desk/parcels/620102/")
    press(page, "All packed parcels leave")
    states = house.ask("SELECT state, COUNT(*) FROM delivery_parcel GROUP BY state")
    # Six units were sent and one was lost on the way: two whole drops are packed.
    assert states == [("dispatched", 2)]


def the_doctor_signs_while_the_server_is_gone(house: House, phone: Phone) -> None:
    """The first opening needs the network; then the server dies and the browser is closed."""
    address = f"{house.url}/c/{_token(house)}/"
    with phone.opened() as page:
        page.goto(address)
        expect(page.locator(COMMITTED)).to_be_visible()
        house.stop()
        page.reload()
        page.get_by_label("Everything arrived, in good order").check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Name of who received it").fill("王医生")
        page.get_by_role("button", name="Confirm receipt").click()
        expect(page.get_by_text("Not sent yet: 1")).to_be_visible()
    assert one(house, "SELECT COUNT(*) FROM delivery_receipt WHERE parcel_id IS NOT NULL") == 0
    with phone.opened() as page:
        page.goto(address)
        house.start()
        expect(page.locator(RECEIVED)).to_be_visible()
    assert house.ask(
        "SELECT COUNT(*), MAX(signed_by) FROM delivery_receipt WHERE parcel_id IS NOT NULL"
    ) == [(1, "王医生")]


def _token(house: House) -> str:
    import subprocess
    import sys

    code = (
        "import django; django.setup();"
        "from django.conf import settings;"
        "from tongzhou.delivery.models import Parcel;"
        "from tongzhou.delivery.rules import receive_token;"
        "p = Parcel.objects.order_by('sequence').first();"
        "print(receive_token(settings.SECRET_KEY, p.public_id, p.token_version))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=house.environment, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def the_missing_unit_is_settled(house: House, people: People) -> None:
    row = one(house, "SELECT id FROM delivery_discrepancy")
    page = people.open("county", f"/desk/discrepancies/{row}/")
    page.locator("input[name=outcome]").first.check()
    page.locator("form:has(input[name=outcome]) [name=note]").fill("在车上找到了")
    page.locator("form:has(input[name=outcome]) button[type=submit]").first.click()
    assert house.ask("SELECT state FROM delivery_discrepancy") == [("resolved",)]


def the_county_that_will_be_late_is_seen_before_the_deadline(house: House, people: People) -> None:
    """Three days before the deadline the other county of Gansu has received nothing."""
    house.stop()
    house.now = "2023-01-13T09:00:00+08:00"
    house.start()
    house.wait_until("SELECT COUNT(*) FROM delivery_task WHERE state = 'open'")
    page = people.open("gansu", "/desk/board/")
    expect(page.get_by_text("甘3县").first).to_be_visible()


def the_donor_follows_a_unit_from_rmb_to_the_clinic(house: House, people: People) -> None:
    fund = one(house, "SELECT public_id FROM supplies_fund")
    context = people.browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{house.url}/trace/donations/{fund}/")
    expect(page.get_by_text("¥2,000").first).to_be_visible()
    expect(page.get_by_text("Clinics that received last")).to_be_visible()
    page.locator("h2:has-text('Clinics that received last') + ul a").first.click()
    expect(page.get_by_text("Received by the clinic")).to_be_visible()
    assert page.locator("ol.trace > li.done").count() == 8
    assert "王医生" not in page.content()
    context.close()


def the_books_are_right_at_the_end(house: House) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "tongzhou.web.cli", "verify"],
        env=house.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-2_000:]


CHAPTERS = (
    the_administrator_gives_everybody_their_role,
    the_coordinator_records_the_item,
    the_coordinator_opens_a_campaign_for_every_province,
    the_donor_gives_and_the_coordinator_records_it,
    goods_are_ordered_and_stand_ready_at_the_dock,
    the_plan_is_run_approved_by_a_second_person_and_published,
    an_officer_reads_why_a_clinic_waits,
    the_goods_travel_and_one_unit_is_missing_at_the_county,
    the_county_packs_and_the_driver_leaves,
    the_doctor_signs_while_the_server_is_gone,
    the_missing_unit_is_settled,
    the_county_that_will_be_late_is_seen_before_the_deadline,
    the_donor_follows_a_unit_from_rmb_to_the_clinic,
    the_books_are_right_at_the_end,
)


def test_the_oximeters_reach_the_village(house: House, people: People, phone: Phone) -> None:
    """One test, for no chapter means anything without those before it."""
    cast = {"house": house, "people": people, "phone": phone}
    for chapter in CHAPTERS:
        chapter(**{name: cast[name] for name in signature(chapter).parameters})
