"""Where to go with a fever, in the province of the story: made-up facilities, calls that were made,
what visitors reported, and the telephone numbers on the page of each place."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from tongzhou.finder.actions import (
    NewFacility,
    Said,
    add_id,
    claim_call,
    create_facility,
    finish_call,
    make_demo_facilities,
    merge_facilities,
    report_visit,
)
from tongzhou.finder.models import Call, Facility
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.people.models import Account
from tongzhou.people.queries import scope
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope
from tongzhou.portal.actions import set_channel
from tongzhou.web.demo import story

SEED = 2023
# The health authority's list came with the first week; every call is of the day of the story.
LISTED = datetime(2023, 1, 6, 8, 0, tzinfo=story.CHINA)
CALLS: tuple[tuple[timedelta, str, Mapping[str, object]], ...] = (
    (timedelta(hours=5), Call.Result.REACHED, {"hours": "Mo-Su 08:00-21:00", "sees_fever": True}),
    (timedelta(hours=4), Call.Result.NO_ANSWER, {}),
    (timedelta(hours=2), Call.Result.REACHED, {"wait_minutes": 30, "has_oxygen": True}),
)
# Minutes ago, what was claimed, and the wait; two witnesses each, who do not know of each other.
AT_THE_FEVER_CLINIC = ((70, "open", 35), (25, "open", 45))
AT_A_CENTRE = ((55, "closed", None), (20, "closed", None))
# The government's line and the health line answer in every province; the third is made up.
HOTLINES = (
    {"zh": "政务服务便民热线", "en": "Government service line", "phone": "12345"},
    {"zh": "卫生热线", "en": "Health line", "phone": "12320"},
)
OF_THE_PROVINCE = {
    "zh": "演示健康咨询电话（虚构）",
    "en": "Demo health line (made up)",
    "phone": "0000-120000",
    "says_zh": "此号码为演示编造，无人接听",
    "says_en": "This number is made up for the demonstration; nobody answers",
}


def tell_where_to_go(code: str, *, nation: Actor, province: Actor) -> None:
    """Everything above, for the province with this code."""
    area = Division.objects.get(code=code)
    with clock.fixed_at(story.NOW):
        make_demo_facilities(area, LISTED, seed=SEED, by=SYSTEM)
    _call(Account.objects.get(email="county@demo.example"))
    here = Facility.objects.filter(Scope.of(area).q("division"), made_up=True).order_by("pk")
    _visit(here.filter(kind=Facility.Kind.FEVER_CLINIC).first(), AT_THE_FEVER_CLINIC)
    _visit(here.filter(kind=Facility.Kind.HEALTH_CENTRE).first(), AT_A_CENTRE)
    with clock.fixed_at(story.NOW - timedelta(hours=1)):
        _twice(here.filter(has_emergency=True).first())
        top = Division.objects.get(level=Division.Level.NATION)
        set_channel(top, {"hotlines": HOTLINES}, by=nation, note="全国热线")
        mine = [*HOTLINES, OF_THE_PROVINCE]
        set_channel(area, {"hotlines": mine}, by=province, note="演示电话（虚构）")


def _call(officer: Account) -> None:
    """The county's officer works the queue of their county; elsewhere there is nobody to call."""
    by, within = Actor("account", str(officer.pk)), scope(officer, "calls.make")
    for ago, result, facts in CALLS:
        with clock.fixed_at(story.NOW - ago):
            call = claim_call(within, by=by)
            if call is not None:
                finish_call(call, result, facts, by=by)


def _visit(facility: Facility | None, seen: tuple[tuple[int, str, int | None], ...]) -> None:
    for number, (minutes, claim, wait) in enumerate(seen):
        if facility is None:
            return
        witness = hashlib.sha256(f"demo:{number}".encode()).hexdigest()[:32]
        with clock.fixed_at(story.NOW - timedelta(minutes=minutes)):
            report_visit(
                facility, witness, claim=claim, wait_minutes=wait,
                by=Actor("visitor", "anonymous"),
            )  # fmt: skip


def _twice(facility: Facility | None) -> None:
    """The same hospital stood in another register too, under another number: the two are merged."""
    if facility is None:
        return
    new = NewFacility(
        f"{facility.code}-again", f"{facility.name}（老院区）", facility.kind, facility.division,
        made_up=True,
    )  # fmt: skip
    other = create_facility(new, {}, Said("A", LISTED, "演示旧名册"), by=SYSTEM)
    add_id(other, "register", f"DEMO-{facility.code}", by=SYSTEM)
    merge_facilities(other, facility, by=SYSTEM)
