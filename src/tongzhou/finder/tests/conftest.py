"""A small world: a province, two counties, a town with a real point, and some facilities."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tongzhou.finder.actions import NewFacility, Said, create_facility
from tongzhou.finder.models import Facility
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.people.models import Account, RoleGrant
from tongzhou.places.models import Division

# Sunday, 8 January 2023, 10:00 in Lanzhou.
NOW = datetime(2023, 1, 8, 2, tzinfo=UTC)
TREE = (
    ("cn", "中国", 0, None, 0, 9999),
    ("62", "甘肃省", 1, "cn", 1000, 1999),
    ("6201", "兰州市", 2, "62", 1050, 1299),
    ("620102", "城关区", 3, "6201", 1100, 1199),
    ("620102001", "东岗镇", 4, "620102", 1110, 1119),
    ("620103", "七里河区", 3, "6201", 1200, 1299),
)


@dataclass(frozen=True)
class World:
    divisions: dict[str, Division]

    def facility(self, code: str, at: str = "620102001", **facts: object) -> Facility:
        """A facility as an authority stated it this minute."""
        facts = {"point": [36.05, 103.85], "phones": "0931-1234567", **facts}
        said = facts.pop("said", Said("A", clock.now(), "名单"))
        new = NewFacility(
            code, f"医院{code}", str(facts.pop("kind", "hospital")), self.divisions[at]
        )
        return create_facility(new, facts, said, by=SYSTEM)  # type: ignore[arg-type]

    def account(self, name: str, role: str, at: str) -> Account:
        account = Account(email=f"{name}@example.org", name=name, last_login=NOW)
        account.set_unusable_password()
        account.save()
        RoleGrant.objects.create(
            account=account, role=role, division=self.divisions[at],
            granted_by="system:test", granted_at=NOW,
        )  # fmt: skip
        return account


def by(name: str | int) -> Actor:
    return Actor("account", str(name))


@pytest.fixture
def now():
    with clock.fixed_at(NOW):
        yield NOW


@pytest.fixture
def world(db: None, now: datetime) -> World:
    divisions: dict[str, Division] = {}
    for code, name, level, parent, first, last in TREE:
        divisions[code] = Division.objects.create(
            code=code, name=name, level=level, parent=divisions.get(parent or ""),
            first=first, last=last, lat=36.05, lon=103.85,
        )  # fmt: skip
    return World(divisions)
