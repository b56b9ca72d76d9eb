"""What each role may do."""

from tongzhou.people.rules import (
    HELD_BY_ROOT,
    PERMISSIONS,
    ROLES,
    Held,
    permissions_of,
    reach_of,
)
from tongzhou.places.rules import Scope

CONTRACT = {
    "people": "view manage",
    "places": "view import edit",
    "facilities": "view import edit",
    "calls": "make review",
    "funds": "view edit",
    "orders": "view edit",
    "stock": "view",
    "campaigns": "view edit",
    "needs": "view import verify",
    "promises": "edit",
    "plans": "view run override publish",
    "shipments": "view dispatch receive report",
    "parcels": "view pack enter_receipt",
    "channel": "edit",
    "guides": "edit",
    "reviews": "view sign",
    "medicines": "import",
    "discrepancies": "view resolve",
    "board": "view",
    "tasks": "edit",
    "audit": "view",
    "ledger": "view",
    "api": "read",
}


class Span:
    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last


def test_the_permissions_are_those_agreed_between_the_apps() -> None:
    agreed = {f"{noun}.{verb}" for noun, verbs in CONTRACT.items() for verb in verbs.split()}
    assert agreed == PERMISSIONS


def test_every_role_gives_known_permissions_only() -> None:
    for role in ROLES.values():
        assert role.permissions <= PERMISSIONS, role.name
        assert role.permissions, role.name


def test_every_permission_is_given_by_some_role() -> None:
    assert frozenset().union(*(role.permissions for role in ROLES.values())) == PERMISSIONS


def test_the_administrator_may_do_everything() -> None:
    assert permissions_of("administrator") == PERMISSIONS


def test_the_auditor_writes_nothing() -> None:
    verbs = {name.split(".")[1] for name in permissions_of("auditor")}
    assert verbs == {"view", "read"}
    assert {"audit.view", "ledger.view"} <= permissions_of("auditor")


def test_the_reviewer_publishes_but_neither_runs_nor_overrides() -> None:
    mine = permissions_of("reviewer")
    assert "plans.publish" in mine
    assert not mine & {"plans.run", "plans.override"}


def test_a_name_that_is_no_role_gives_nothing() -> None:
    assert permissions_of("emperor") == frozenset()


def test_a_wide_role_reaches_its_interval_and_not_its_neighbour() -> None:
    reach = reach_of([Held("coordinator", 100, 199)], "plans.run")
    assert reach.contains(Span(100, 199))
    assert reach.contains(Span(150, 160))
    assert not reach.contains(Span(200, 299))
    assert not reach.contains(Span(0, 999))


def test_two_grants_add_up() -> None:
    reach = reach_of([Held("auditor", 1, 9), Held("coordinator", 20, 29)], "places.view")
    assert reach.scope == Scope(((1, 9), (20, 29)))
    assert reach_of([Held("auditor", 1, 9)], "places.edit").scope == Scope(())


def test_a_carrier_reaches_the_rows_of_its_own_organisation_only() -> None:
    reach = reach_of([Held("carrier", 0, 999, organisation_id=7)], "shipments.view")
    assert reach.scope == Scope(())
    assert reach.contains(Span(5, 5), organisation_id=7)
    assert not reach.contains(Span(5, 5), organisation_id=8)
    assert not reach.contains(Span(5, 5))


def test_a_carrier_without_an_organisation_reaches_nothing() -> None:
    reach = reach_of([Held("carrier", 0, 999)], "shipments.view")
    assert reach.scope == Scope(())
    assert dict(reach.by_organisation) == {}


def test_root_is_an_administrator_of_any_division() -> None:
    reach = reach_of([HELD_BY_ROOT], "people.manage")
    assert reach.contains(Span(0, 0))
    assert reach.contains(Span(2**60, 2**60))
