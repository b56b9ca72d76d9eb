"""has_perm, scope and reach of real accounts on a real tree."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from tongzhou.people import queries
from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope

from .conftest import NOW, Tree, give, person


def test_a_role_at_a_county_covers_its_towns(tree: Tree) -> None:
    officer = person("a@example.org")
    give(officer, "county_officer", tree.county)
    assert officer.has_perm("parcels.pack")
    assert officer.has_perm("parcels.pack", tree.county)
    assert officer.has_perm("parcels.pack", tree.town)


@pytest.mark.parametrize("where", ["nation", "gansu", "trap", "hebei"])
def test_a_role_at_a_county_covers_neither_above_nor_beside(tree: Tree, where: str) -> None:
    officer = person("a@example.org")
    give(officer, "county_officer", tree.county)
    assert not officer.has_perm("parcels.pack", getattr(tree, where))


def test_a_permission_the_role_lacks_is_refused(tree: Tree) -> None:
    officer = person("a@example.org")
    give(officer, "county_officer", tree.county)
    assert not officer.has_perm("plans.run")
    assert not officer.has_perm("plans.run", tree.county)


def test_an_account_without_roles_holds_nothing(tree: Tree) -> None:
    assert queries.permissions(person("a@example.org")) == frozenset()
    assert queries.scope(AnonymousUser(), "places.view") == Scope(())


def test_a_superuser_holds_everything_everywhere(tree: Tree) -> None:
    root = person("a@example.org", is_superuser=True)
    assert root.has_perm("people.manage")
    assert root.has_perm("people.manage", tree.trap)


def test_an_inactive_account_holds_nothing(tree: Tree) -> None:
    gone = person("a@example.org", is_active=False)
    give(gone, "administrator", tree.nation)
    root = person("b@example.org", is_active=False, is_superuser=True)
    assert not gone.has_perm("people.view")
    assert not root.has_perm("people.view")


def test_an_ended_grant_gives_nothing_on_the_next_request(tree: Tree) -> None:
    officer = person("a@example.org")
    grant = give(officer, "county_officer", tree.county)
    assert officer.has_perm("parcels.pack")
    RoleGrant.objects.filter(pk=grant.pk).update(ended_at=NOW)
    assert not Account.objects.get(pk=officer.pk).has_perm("parcels.pack")


def test_a_request_asks_the_database_once(tree: Tree, django_assert_num_queries: object) -> None:
    officer = person("a@example.org")
    give(officer, "county_officer", tree.county)
    with django_assert_num_queries(1):
        officer.has_perm("parcels.pack")
        officer.has_perm("plans.run")
        officer.has_perm("parcels.pack", tree.town)
        queries.scope(officer, "places.view")


def test_a_carrier_holds_the_permission_but_no_scope(tree: Tree, carrier: Organisation) -> None:
    driver = person("a@example.org", organisation=carrier)
    give(driver, "carrier", tree.nation, carrier)
    assert driver.has_perm("shipments.view")
    assert not driver.has_perm("shipments.view", tree.county)
    assert queries.reach(driver, "shipments.view").contains(tree.county, carrier.pk)


def test_reach_filters_rows_by_division_and_organisation(tree: Tree, carrier: Organisation) -> None:
    other = Organisation.objects.create(code="yd", name="快运乙", kind="carrier")
    mine = give(person("a@example.org"), "carrier", tree.county, carrier)
    give(person("b@example.org"), "carrier", tree.county, other)
    give(person("c@example.org"), "carrier", tree.trap, carrier)
    reach = queries.reach(mine.account, "shipments.view")
    found = RoleGrant.objects.filter(reach.q("division", "organisation"))
    assert list(found) == [mine]


def test_scope_filters_divisions_by_interval(tree: Tree) -> None:
    officer = person("a@example.org")
    give(officer, "county_officer", tree.county)
    inside = Division.objects.filter(queries.scope(officer, "places.view").q())
    assert set(inside) == {tree.county, tree.town}


def test_asking_about_something_that_is_no_division_is_a_mistake(tree: Tree) -> None:
    with pytest.raises(TypeError, match="held at a division"):
        person("a@example.org").has_perm("places.view", "6201")


def test_the_nearest_holder_at_or_above_answers(tree: Tree) -> None:
    far, near = person("a@example.org"), person("b@example.org")
    give(far, "county_officer", tree.nation)
    give(near, "county_officer", tree.county)
    assert queries.owner_for(tree.town, "county_officer") == near
    assert queries.owner_for(tree.trap, "county_officer") == far
    assert queries.owner_for(tree.trap, "auditor") is None


def test_somebody_who_left_answers_for_nothing(tree: Tree) -> None:
    give(person("a@example.org", is_active=False), "county_officer", tree.county)
    assert queries.owner_for(tree.county, "county_officer") is None


def test_organisations_are_the_own_one_and_those_of_roles(
    tree: Tree, carrier: Organisation
) -> None:
    own = Organisation.objects.create(code="office", name="办公室", kind="office")
    Organisation.objects.create(code="other", name="别家", kind="office")
    driver = person("a@example.org", organisation=own)
    give(driver, "carrier", tree.county, carrier)
    assert set(queries.organisations_of(driver)) == {own, carrier}
    assert not queries.organisations_of(AnonymousUser())


def test_the_actor_of_a_request_names_account_and_browser(tree: Tree, client: object) -> None:
    account = person("a@example.org")
    client.force_login(account)
    request = RequestFactory().get("/")
    request.user, request.session = account, client.session
    by = queries.actor(request)
    assert str(by) == f"account:{account.pk}"
    assert len(by.device) == 16
    assert client.session.session_key not in by.device
    assert queries.actor(account).device == ""


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def _required(self, settings: object) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    def test_without_it_staff_hold_nothing(self, tree: Tree) -> None:
        officer = person("a@example.org")
        give(officer, "county_officer", tree.county)
        root = person("b@example.org", is_superuser=True)
        assert queries.needs_second_factor(officer)
        assert not officer.has_perm("parcels.pack")
        assert not root.has_perm("parcels.pack")

    def test_with_it_they_hold_their_roles(self, tree: Tree) -> None:
        officer = person("a@example.org")
        give(officer, "county_officer", tree.county)
        Authenticator.objects.create(user=officer, type="totp", data={})
        assert officer.has_perm("parcels.pack", tree.town)

    def test_recovery_codes_alone_are_no_second_factor(self, tree: Tree) -> None:
        officer = person("a@example.org")
        give(officer, "county_officer", tree.county)
        Authenticator.objects.create(user=officer, type="recovery_codes", data={})
        assert queries.needs_second_factor(officer)

    def test_a_clinic_doctor_is_not_asked_for_one(self, tree: Tree) -> None:
        doctor = person("a@example.org")
        give(doctor, "clinic_doctor", tree.town)
        assert not queries.needs_second_factor(doctor)
        assert doctor.has_perm("places.view", tree.town)
