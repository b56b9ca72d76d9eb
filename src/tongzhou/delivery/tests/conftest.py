"""Fixtures of the delivery tests; the small campaign itself is in world.py."""

from collections.abc import Callable

import pytest

from tongzhou.kit import clock
from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.people.queries import forget
from tongzhou.places.models import Division

from .world import NOW, World, make_world


@pytest.fixture(autouse=True)
def noon() -> object:
    """Everything happens on 8 January 2023."""
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def hold(world: World) -> Callable[..., Account]:
    """Make an account that holds a role at a division."""

    def make(role: str, division: Division, organisation: Organisation | None = None) -> Account:
        account = Account(email=f"{role}-{division.code}@example.org", name="王小明")
        account.organisation = organisation
        account.set_unusable_password()
        account.save()
        RoleGrant.objects.create(
            account=account,
            role=role,
            division=division,
            organisation=organisation,
            granted_by="system:test",
            granted_at=NOW,
        )
        forget(account)
        return account

    return make
