"""A county with a town, its facilities and its officers, made once: python -m journeys.town

What an authority's list says stands already; everything that happens later is done through the web.
"""

import os
from datetime import timedelta

import django

from . import PASSWORD

TREE = (
    ("cn", "中国", 0, "", 1, 9_999),
    ("62", "甘肃省", 1, "cn", 1_000, 1_999),
    ("620100", "兰州市", 2, "62", 1_001, 1_900),
    ("620102", "城关区", 3, "620100", 1_100, 1_199),
    ("620102001", "东岗镇", 4, "620102", 1_110, 1_150),
    ("620102001001", "东风村", 5, "620102001", 1_111, 1_111),
)
PEOPLE = (("county", "county_officer", "620102"), ("gansu", "coordinator", "62"))
# Code, name, kind, degrees north of the town, hours since the list, group of calls, and its facts.
FACILITIES = (
    ("er", "城关演示医院", "hospital", 0.05, 100, 5, {"has_emergency": True, "hours": "24/7"}),
    ("fresh", "东岗演示发热门诊", "fever", 0.02, 5, 5, {"hours": "Mo-Su 00:00-23:45"}),
    ("stale", "东风演示发热门诊", "fever", 0.01, 200, 1, {"hours": "Mo-Su 00:00-23:45"}),
    ("twice", "东风演示发热门诊（旧名册）", "fever", 0.011, 400, 5, {"phones": ""}),
)
LAT, LON = 36.05, 103.85


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongzhou.web.settings")
    django.setup()
    from django.core.management import call_command

    from tongzhou.web.starting import load_guides

    call_command("migrate", verbosity=0)
    load_guides()
    make_tree()
    make_people()
    make_facilities()


def make_tree() -> None:
    from tongzhou.places.models import Division

    made: dict[str, Division] = {}
    for code, name, level, above, first, last in TREE:
        made[code] = Division.objects.create(
            code=code, name=name, level=level, parent=made.get(above),
            first=first, last=last, lat=LAT, lon=LON,
        )  # fmt: skip


def make_people() -> None:
    from tongzhou.kit.rules import SYSTEM
    from tongzhou.people.actions import create_account, grant_role
    from tongzhou.places.models import Division

    for name, role, code in PEOPLE:
        account = create_account(
            email=f"{name}@journey.example", name=name, password=PASSWORD, language="en", by=SYSTEM
        )
        grant_role(account, role, Division.objects.get(code=code), by=SYSTEM)


def make_facilities() -> None:
    from tongzhou.finder.actions import NewFacility, Said, create_facility
    from tongzhou.kit import clock
    from tongzhou.kit.rules import SYSTEM
    from tongzhou.places.models import Division

    town = Division.objects.get(code="620102001")
    for code, name, kind, north, hours, group, facts in FACILITIES:
        said = Said("A", clock.now() - timedelta(hours=hours), "演示名单")
        known = {
            "point": [LAT + north, LON],
            "phones": "0000-1234567",
            "sees_fever": kind == "fever",
            **facts,
        }
        new = NewFacility(code, name, kind, town, priority=group, made_up=True)
        create_facility(new, known, said, by=SYSTEM)


if __name__ == "__main__":
    main()
