"""Giving, ending, inviting, closing: one event each, and nobody gives what they lack."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.people import actions, queries
from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.people.rules import ROLES, NotAllowedError, NotPossibleError

from .conftest import Tree, by, give, last_event, person


class TestRoles:
    def test_a_role_given_counts_at_once_and_writes_one_event(
        self, tree: Tree, manager: Account
    ) -> None:
        officer = person("a@example.org")
        assert not officer.has_perm("parcels.pack")
        grant = actions.grant_role(officer, "county_officer", tree.county, by=by(manager))
        assert officer.has_perm("parcels.pack", tree.county)
        event = last_event()
        assert Event.objects.count() == 1
        assert (event.verb, event.actor) == ("role.granted", f"account:{manager.pk}")
        assert event.chain == "county:6201"
        assert event.after["role"] == "county_officer"
        assert event.subject_id == str(grant.pk)

    @pytest.mark.parametrize("where", ["nation", "hebei"])
    def test_nobody_gives_a_role_outside_their_scope(
        self, tree: Tree, manager: Account, where: str
    ) -> None:
        division = getattr(tree, where)
        with pytest.raises(NotAllowedError):
            actions.grant_role(person("a@example.org"), "auditor", division, by=by(manager))
        assert not Event.objects.exists()

    @pytest.mark.parametrize("role", sorted(ROLES))
    def test_a_coordinator_gives_only_what_a_coordinator_holds(
        self, tree: Tree, carrier: Organisation, role: str
    ) -> None:
        coordinator = person("c@example.org")
        give(coordinator, "coordinator", tree.gansu)
        for_whom = carrier if ROLES[role].own_organisation_only else None
        newcomer = person("a@example.org")
        if role in ("administrator", "auditor", "clinician"):
            with pytest.raises(NotAllowedError):
                actions.grant_role(newcomer, role, tree.county, by=by(coordinator))
        else:
            actions.grant_role(
                newcomer, role, tree.county, by=by(coordinator), organisation=for_whom
            )
            assert newcomer.has_perm(min(ROLES[role].permissions))

    def test_a_county_officer_gives_nothing(self, tree: Tree) -> None:
        officer = person("o@example.org")
        give(officer, "county_officer", tree.county)
        with pytest.raises(NotAllowedError):
            actions.grant_role(person("a@example.org"), "clinic_doctor", tree.town, by=by(officer))

    def test_a_device_or_a_token_gives_nothing(self, tree: Tree) -> None:
        with pytest.raises(NotAllowedError):
            actions.grant_role(
                person("a@example.org"), "auditor", tree.county, by=Actor("token", "1")
            )

    def test_a_giver_who_lost_the_right_gives_no_more(self, tree: Tree, manager: Account) -> None:
        sender = by(manager)
        actions.end_role(manager.grants.get(), by=SYSTEM)
        with pytest.raises(NotAllowedError):
            actions.grant_role(person("a@example.org"), "auditor", tree.county, by=sender)

    def test_the_same_role_twice_changes_nothing(self, tree: Tree, manager: Account) -> None:
        officer = person("a@example.org")
        actions.grant_role(officer, "auditor", tree.county, by=by(manager))
        with pytest.raises(NotPossibleError, match="already"):
            actions.grant_role(officer, "auditor", tree.county, by=by(manager))
        assert Event.objects.count() == 1
        assert officer.grants.count() == 1

    def test_a_carrier_needs_an_organisation(
        self, tree: Tree, manager: Account, carrier: Organisation
    ) -> None:
        driver = person("a@example.org")
        with pytest.raises(NotPossibleError, match="organisation"):
            actions.grant_role(driver, "carrier", tree.county, by=by(manager))
        actions.grant_role(driver, "carrier", tree.county, by=by(manager), organisation=carrier)
        assert queries.reach(driver, "shipments.view").contains(tree.county, carrier.pk)

    def test_an_organisation_of_another_area_cannot_be_chosen(
        self, tree: Tree, manager: Account
    ) -> None:
        foreign = Organisation.objects.create(
            code="hb", name="河北快运", kind="carrier", division=tree.hebei
        )
        with pytest.raises(NotAllowedError, match="outside your area"):
            actions.grant_role(
                person("a@example.org"),
                "carrier",
                tree.county,
                by=by(manager),
                organisation=foreign,
            )

    def test_a_role_ended_counts_no_more_and_signs_its_holder_out(
        self, tree: Tree, manager: Account
    ) -> None:
        officer = person("a@example.org")
        grant = give(officer, "county_officer", tree.county)
        browser = Client()
        browser.force_login(officer)
        actions.end_role(grant, by=by(manager), note="换岗")
        assert not Account.objects.get(pk=officer.pk).has_perm("parcels.pack")
        assert not _signed_in(browser)
        event = last_event()
        assert event.verb == "role.ended"
        assert event.after["note"] == "换岗"

    def test_who_could_not_give_a_role_cannot_end_it(self, tree: Tree) -> None:
        coordinator = person("c@example.org")
        give(coordinator, "coordinator", tree.gansu)
        above = give(person("a@example.org"), "auditor", tree.county)
        beside = give(person("b@example.org"), "county_officer", tree.hebei)
        for grant in (above, beside):
            with pytest.raises(NotAllowedError):
                actions.end_role(grant, by=by(coordinator))
        assert RoleGrant.objects.filter(ended_at=None).count() == 3

    def test_a_role_ends_once(self, tree: Tree, manager: Account) -> None:
        grant = give(person("a@example.org"), "auditor", tree.county)
        actions.end_role(grant, by=by(manager))
        with pytest.raises(NotPossibleError, match="ended already"):
            actions.end_role(grant, by=by(manager))

    def test_a_role_at_a_merged_county_is_held_at_its_successor(
        self, tree: Tree, manager: Account
    ) -> None:
        officer = person("a@example.org")
        actions.grant_role(officer, "county_officer", tree.county, by=by(manager))
        tree.county.successor = tree.trap
        tree.county.save()
        again = Account.objects.get(pk=officer.pk)
        assert again.has_perm("parcels.pack", tree.trap)
        assert queries.owner_for(tree.trap, "county_officer") == officer


class TestAccounts:
    def test_an_invitation_makes_account_and_role_with_one_event(
        self, tree: Tree, manager: Account
    ) -> None:
        account = actions.invite(
            email="New@Example.org",
            name="李雷",
            role="county_officer",
            division=tree.county,
            by=by(manager),
        )
        assert account.email == "new@example.org"
        assert not account.has_usable_password()
        assert account.has_perm("parcels.pack", tree.county)
        assert [e.verb for e in Event.objects.all()] == ["account.invited"]

    def test_the_log_never_holds_a_name_or_an_address(self, tree: Tree, manager: Account) -> None:
        actions.invite(
            email="canary@example.org",
            name="金丝雀",
            phone="13800001234",
            role="auditor",
            division=tree.county,
            by=by(manager),
        )
        event = last_event()
        written = f"{event.before} {event.after}"
        assert not any(word in written for word in ("canary", "金丝雀", "13800001234"))
        assert event.after["email"].startswith("hmac:")

    def test_inviting_a_known_address_adds_a_role_and_changes_nothing_else(
        self, tree: Tree, manager: Account
    ) -> None:
        known = person("known@example.org", name="韩梅梅")
        actions.invite(
            email="KNOWN@example.org",
            name="别名",
            role="auditor",
            division=tree.county,
            by=by(manager),
        )
        known.refresh_from_db()
        assert known.name == "韩梅梅"
        assert known.grants.get().role == "auditor"

    def test_an_address_has_one_account(self, tree: Tree) -> None:
        actions.create_account(email="a@example.org", name="甲", by=SYSTEM)
        with pytest.raises(NotPossibleError, match="in use"):
            actions.create_account(email="A@example.org", name="乙", by=SYSTEM)

    def test_only_the_system_makes_a_superuser(self, tree: Tree) -> None:
        root = person("root@example.org", is_superuser=True)
        with pytest.raises(NotAllowedError):
            actions.create_account(email="a@example.org", name="甲", by=by(root), is_superuser=True)
        made = actions.create_account(
            email="a@example.org", name="甲", by=SYSTEM, is_superuser=True, password="long enough"
        )
        assert made.is_superuser
        assert made.check_password("long enough")

    def test_people_change_their_own_name_but_not_their_address(self, tree: Tree) -> None:
        me = person("a@example.org")
        actions.update_account(me, by=by(me), name="新名", language="en")
        me.refresh_from_db()
        assert (me.name, me.language) == ("新名", "en")
        with pytest.raises(NotAllowedError):
            actions.update_account(me, by=by(me), email="b@example.org")

    def test_who_cannot_hand_on_every_role_cannot_change_the_account(
        self, tree: Tree, manager: Account
    ) -> None:
        both = person("a@example.org")
        give(both, "county_officer", tree.county)
        give(both, "county_officer", tree.hebei)
        root = person("root@example.org", is_superuser=True)
        nobody = person("n@example.org")
        for account in (both, root, nobody):
            with pytest.raises(NotAllowedError):
                actions.update_account(account, by=by(manager), email="taken@example.org")
            with pytest.raises(NotAllowedError):
                actions.close_account(account, by=by(manager), note="")

    def test_a_closed_account_is_out_on_the_next_request(
        self, tree: Tree, manager: Account
    ) -> None:
        officer = person("a@example.org")
        give(officer, "county_officer", tree.county)
        browser = Client()
        browser.force_login(officer)
        assert _signed_in(browser)
        actions.close_account(officer, by=by(manager), note="离职")
        assert not _signed_in(browser)
        officer.refresh_from_db()
        with pytest.raises(NotPossibleError, match="closed"):
            actions.grant_role(officer, "auditor", tree.county, by=by(manager))
        reopened = actions.reopen_account(officer, by=by(manager))
        assert reopened.has_perm("parcels.pack", tree.county)
        assert [e.verb for e in Event.objects.order_by("id")] == [
            "account.closed",
            "account.reopened",
        ]

    def test_nobody_closes_their_own_account(self, tree: Tree, manager: Account) -> None:
        with pytest.raises(NotAllowedError, match="own account"):
            actions.close_account(manager, by=by(manager), note="")

    def test_a_lost_second_factor_is_reset_by_somebody_else(
        self, tree: Tree, manager: Account
    ) -> None:
        officer = person("a@example.org")
        give(officer, "county_officer", tree.county)
        Authenticator.objects.create(user=officer, type="totp", data={})
        with pytest.raises(NotAllowedError, match="Somebody else"):
            actions.reset_second_factor(officer, by=by(officer))
        actions.reset_second_factor(officer, by=by(manager))
        assert not Authenticator.objects.exists()

    def test_signing_out_everywhere_keeps_the_password(self, tree: Tree) -> None:
        me = person("a@example.org")
        browser = Client()
        browser.force_login(me)
        actions.end_sessions(me, by=by(me))
        assert not _signed_in(browser)
        again = Client()
        again.force_login(Account.objects.get(pk=me.pk))
        assert _signed_in(again)


def _signed_in(browser: Client) -> bool:
    """Whether the browser's session still names an account."""
    from django.contrib.auth import get_user
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.session = browser.session
    return get_user(request).is_authenticated
