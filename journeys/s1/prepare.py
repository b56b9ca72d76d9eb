"""A small nation with people in it, made once: python -m journeys.s1.prepare

Two provinces with two counties each and three clinics a county; a hub a province, a depot a county,
two producers with docks; one account for each role. Everything else is done through the web.
"""

import os
from datetime import date

import django

from .. import PASSWORD

# The administrator gives everybody else their role, on the page for it.
PEOPLE = ("administrator", "coordinator", "reviewer", "gansu", "county", "donor")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongzhou.web.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    make_tree()
    make_people()
    make_policy()


def make_tree() -> None:
    from tongzhou.places.models import Division, Place

    def add(code: str, name: str, level: int, above: object, first: int, last: int) -> Division:
        return Division.objects.create(
            code=code, name=name, level=level, parent=above, first=first, last=last
        )

    nation = add("cn", "中国", 0, None, 1, 9_999)
    for p, (code, name) in enumerate((("62", "甘肃省"), ("63", "青海省")), start=1):
        province = add(code, name, 1, nation, 1_000 * p, 1_000 * p + 999)
        Place.objects.create(
            code=f"{code}-hub", name=f"{name}中转仓", kind="hub", division=province
        )
        city = add(f"{code}0100", f"{name[0]}市", 2, province, 1_000 * p + 1, 1_000 * p + 990)
        for c in (2, 3):
            first = 1_000 * p + 100 * c
            county = add(f"{code}010{c}", f"{name[0]}{c}县", 3, city, first, first + 99)
            Place.objects.create(
                code=f"{county.code}-depot",
                name=f"{county.name}物资站",
                kind="depot",
                division=county,
            )
            town = add(
                f"{county.code}001", f"{county.name[0]}{c}镇", 4, county, first + 1, first + 50
            )
            for v in (1, 2, 3):
                village = add(
                    f"{town.code}00{v}",
                    f"{county.name[:2]}{v}村",
                    5,
                    town,
                    first + 1 + v,
                    first + 1 + v,
                )
                Place.objects.create(
                    code=f"{village.code}-1",
                    name=f"{village.name}卫生室",
                    kind="clinic",
                    division=village,
                    people65=float(1_000 - 100 * p - 10 * c - v),
                )


def make_people() -> None:
    from tongzhou.kit.rules import SYSTEM
    from tongzhou.people.actions import create_account, create_organisation, grant_role
    from tongzhou.people.models import Account, Organisation
    from tongzhou.places.models import Division, Place

    nation = Division.objects.get(code="cn")
    donor = create_organisation(
        code="donor", name="捐赠方", kind="donor", division=nation, by=SYSTEM
    )
    create_organisation(code="carrier", name="物流", kind="carrier", division=nation, by=SYSTEM)
    for n, county in enumerate(Division.objects.filter(level=3).order_by("first")[:2], start=1):
        dock = Place.objects.create(
            code=f"dock-{n}", name=f"{n}厂码头", kind="producer", division=county
        )
        maker = create_organisation(
            code=f"maker-{n}", name=f"{n}厂", kind="producer", division=county, by=SYSTEM
        )
        Organisation.objects.filter(pk=maker.pk).update(dock=dock)
    for name in PEOPLE:
        body = donor if name == "donor" else None
        create_account(
            email=f"{name}@journey.example",
            name=name,
            password=PASSWORD,
            language="en",
            organisation=body,
            by=SYSTEM,
        )
    administrator = Account.objects.get(email="administrator@journey.example")
    grant_role(administrator, "administrator", nation, by=SYSTEM)


def make_policy() -> None:
    """What an installation brings along: a weight policy."""
    from tongzhou.campaigns.models import WeightPolicy
    from tongzhou.planning.weights import policy

    WeightPolicy.objects.create(
        name="people-at-risk", version=1, formula=policy(), valid_from=date(2023, 1, 5)
    )


if __name__ == "__main__":
    main()
