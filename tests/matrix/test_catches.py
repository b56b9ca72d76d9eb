"""The matrix can fail: each fault planted here is one it has to find. Without one it finds nothing,
as test_matrix.py shows."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404

from tongzhou.people import forms, queries
from tongzhou.people.actions import roles as action
from tongzhou.people.backends import RoleBackend
from tongzhou.people.models import Account, RoleGrant
from tongzhou.people.queries import lists, roles
from tongzhou.people.rules import HELD_BY_ROOT, Held
from tongzhou.people.views import people as views
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope

from . import checks
from .routes import routes, unlisted
from .rows import rows
from .world import World

pytestmark = [pytest.mark.django_db, pytest.mark.tidy]
ROWS = rows()
EVERYWHERE = Scope(((0, 10**6),))


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return monkeypatch.setattr


def test_it_finds_scope_by_code_prefix(world: World, plant: Callable[..., None]) -> None:
    """620102 then also acts on 6201021, its neighbour: nothing else is wrong with such a scope."""
    plant(Scope, "contains", _contains_by_prefix)
    plant(Scope, "q", _filter_by_prefix)
    for name in ("people", "person", "person-change"):
        found = checks.of_row(world, ROWS[name])
        assert any(" trap " in fault for fault in found), name
        assert not any(" foreign " in f and "out of reach" in f for f in found), name
    assert checks.nothing_foreign_counts(world, ROWS["people"])


def test_it_finds_a_page_without_its_scope(world: World, plant: Callable[..., None]) -> None:
    plant(queries, "accounts_in", lambda scope: Account.objects.all())
    found = checks.of_row(world, ROWS["person-close"])
    for relation in ("sibling", "parent", "trap", "foreign"):
        assert any(f" {relation} " in fault and "out of reach" in fault for fault in found)


def test_it_finds_a_list_without_its_scope(world: World, plant: Callable[..., None]) -> None:
    everybody = Account.objects.prefetch_related("grants")
    plant(lists, "accounts_in", lambda scope: everybody)
    assert any(" foreign " in fault for fault in checks.of_row(world, ROWS["people"]))


def test_it_finds_a_count_over_everybody(world: World, plant: Callable[..., None]) -> None:
    """No name is shown, and yet the number tells how many there are elsewhere."""
    honest = queries.people_page
    plant(queries, "people_page", lambda *asked: _counting_all(honest(*asked)))
    assert checks.nothing_foreign_counts(world, ROWS["people"])


def test_it_finds_a_page_without_its_permission(world: World, plant: Callable[..., None]) -> None:
    plant(RoleBackend, "has_perm", lambda self, account, name, where=None: True)
    found = checks.of_row(world, ROWS["person-invite"])
    assert any("reviewer GET" in fault and "out of reach" in fault for fault in found)


def test_it_finds_a_role_that_outlives_its_end(world: World, plant: Callable[..., None]) -> None:
    plant(roles, "roles_kept", _kept_for_ever)
    found = checks.of_row(world, ROWS["person"])
    assert found
    assert all(" none " in fault for fault in found)


def test_it_finds_that_not_yours_answers_otherwise_than_not_there(
    world: World, plant: Callable[..., None]
) -> None:
    plant(views, "_account", _refused_if_elsewhere)
    found = checks.of_row(world, ROWS["person"])
    assert any("which does not exist, answers otherwise" in fault for fault in found)


def test_it_finds_a_form_that_acts_out_of_reach(world: World, plant: Callable[..., None]) -> None:
    """Both of its walls down: the form finds any division, the action asks nobody."""
    plant(
        forms.DivisionField,
        "within",
        property(lambda field: EVERYWHERE, lambda *_: None),
        raising=False,
    )
    plant(action, "check_hands_on", lambda *_: None)
    found = checks.of_row(world, ROWS["role-give#body"])
    assert any("coordinator POST foreign" in f and "out of reach" in f for f in found)


def test_it_finds_a_route_without_a_row() -> None:
    assert "secret-door" in unlisted([*routes(), "secret-door"], ROWS.values())


def _counting_all(page: lists.PeoplePage) -> lists.PeoplePage:
    return replace(page, count=Account.objects.count())


def _codes(scope: Scope) -> list[str]:
    firsts = [first for first, _last in scope.intervals]
    return list(Division.objects.filter(first__in=firsts).values_list("code", flat=True))


def _contains_by_prefix(scope: Scope, division: Division) -> bool:
    known = Division.objects.filter(first=division.first).first()
    return known is not None and any(known.code.startswith(code) for code in _codes(scope))


def _filter_by_prefix(scope: Scope, path: str = "") -> Q:
    condition = Q(pk__in=[])
    for code in _codes(scope):
        condition |= Q(**{f"{path}__code__startswith" if path else "code__startswith": code})
    return condition


def _kept_for_ever(account: Account) -> tuple[Held, ...]:
    if account.is_superuser:
        return (HELD_BY_ROOT,)
    grants = RoleGrant.objects.filter(account=account).select_related("division")
    return tuple(Held(g.role, g.division.first, g.division.last, g.organisation_id) for g in grants)


def _refused_if_elsewhere(request: object, pk: int, permission: str) -> Account:
    scope = queries.scope(request.user, permission)
    found = get_object_or_404(Account, pk=pk)
    if not queries.accounts_in(scope).filter(pk=pk).exists():
        raise PermissionDenied(permission)
    return found
