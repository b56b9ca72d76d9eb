"""A small tree with the traps of scope: a county whose code begins with another county's code."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tongzhou.kit.models import Event
from tongzhou.kit.rules import Actor
from tongzhou.people import queries
from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.people.queries import forget
from tongzhou.places.models import Division

NOW = datetime(2023, 1, 8, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Tree:
    nation: Division
    gansu: Division
    county: Division
    trap: Division
    town: Division
    hebei: Division


@pytest.fixture
def tree(db: None) -> Tree:
    """`trap` is a sibling county with the code of `county` plus a zero."""
    make = Division.objects.create
    nation = make(code="CN", name="全国", level=0, first=0, last=999)
    gansu = make(code="62", name="甘肃省", level=1, parent=nation, first=100, last=499)
    county = make(code="6201", name="甲县", level=3, parent=gansu, first=110, last=199)
    town = make(code="6201001", name="甲镇", level=4, parent=county, first=120, last=129)
    trap = make(code="62010", name="乙县", level=3, parent=gansu, first=200, last=299)
    hebei = make(code="13", name="河北省", level=1, parent=nation, first=500, last=899)
    return Tree(nation, gansu, county, trap, town, hebei)


def person(email: str, **values: object) -> Account:
    account = Account(email=email, name=values.pop("name", "王小明"), **values)
    account.set_unusable_password()
    account.save()
    return account


def give(
    account: Account, role: str, division: Division, organisation: Organisation | None = None
) -> RoleGrant:
    """A role as a bare row, for tests that are not about granting."""
    grant = RoleGrant.objects.create(
        account=account,
        role=role,
        division=division,
        organisation=organisation,
        granted_by="system:test",
        granted_at=NOW,
    )
    forget(account)
    return grant


@pytest.fixture
def manager(tree: Tree) -> Account:
    """An administrator of Gansu."""
    account = person("admin@example.org")
    give(account, "administrator", tree.gansu)
    return account


def by(account: Account) -> Actor:
    return queries.actor(account)


def last_event() -> Event:
    found = Event.objects.order_by("-id").first()
    assert found is not None
    return found


@pytest.fixture
def carrier(db: None) -> Organisation:
    return Organisation.objects.create(code="sf", name="快运甲", kind="carrier")
