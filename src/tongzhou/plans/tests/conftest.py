"""Fixtures of the plans tests; the small nation itself is in world.py."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tongzhou.kit import clock
from tongzhou.people.models import Account, RoleGrant
from tongzhou.places.models import Division

from .world import NOW, World, make_world


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """Everything happens on 7 January 2023."""
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world()


SignIn = Callable[..., Account]


@pytest.fixture
def sign_in(client: Client, world: World) -> SignIn:
    """Signs somebody in who holds a role, in the whole nation where no division is given."""

    def as_(role: str, division: Division | None = None) -> Account:
        account = Account.objects.create(email=f"{role}@example.org", name=role)
        RoleGrant.objects.create(
            account=account,
            role=role,
            division=division or world.nation,
            granted_by="system:test",
            granted_at=NOW,
        )
        client.force_login(account)
        return account

    return as_
