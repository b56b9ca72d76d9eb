"""Erasing a person, organisations, and who is on which list."""

import pytest
from allauth.mfa.models import Authenticator

from tongzhou.kit.models import Event, PersonKey
from tongzhou.kit.rules import SYSTEM
from tongzhou.people import actions, queries
from tongzhou.people.models import Account, Organisation
from tongzhou.people.rules import NotAllowedError, NotPossibleError
from tongzhou.places.rules import Scope

from .conftest import Tree, by, give, last_event, person


class TestErasing:
    @pytest.fixture
    def officer(self, tree: Tree) -> Account:
        account = person("canary@example.org", name="金丝雀", phone="13800001234")
        give(account, "county_officer", tree.county)
        Authenticator.objects.create(user=account, type="totp", data={"secret": "x"})
        return account

    @pytest.fixture
    def second(self, tree: Tree) -> Account:
        account = person("second@example.org")
        give(account, "administrator", tree.county)
        return account

    def test_it_takes_a_closed_account_and_a_second_person(
        self, officer: Account, manager: Account, second: Account
    ) -> None:
        with pytest.raises(NotPossibleError, match="Close the account first"):
            actions.erase_account(officer, by=by(manager))
        actions.close_account(officer, by=by(manager), note="")
        with pytest.raises(NotAllowedError, match="second person"):
            actions.erase_account(officer, by=by(manager))
        actions.erase_account(officer, by=by(second))
        officer.refresh_from_db()
        assert (officer.name, officer.phone) == ("", "")
        assert officer.email.endswith("@erased.invalid")
        assert not Authenticator.objects.exists()
        assert not officer.grants.filter(ended_at=None).exists()
        assert not PersonKey.objects.filter(subject=f"people.account:{officer.pk}").exists()
        assert last_event().verb == "person.erased"

    def test_an_erased_account_cannot_be_reopened(self, officer: Account, manager: Account) -> None:
        actions.erase_account(officer, by=SYSTEM)
        officer.refresh_from_db()
        with pytest.raises(NotPossibleError, match="erased"):
            actions.reopen_account(officer, by=SYSTEM)

    def test_two_people_can_be_erased(self, officer: Account, tree: Tree) -> None:
        other = person("other@example.org")
        for account in (officer, other):
            actions.erase_account(account, by=SYSTEM)
        assert Account.objects.filter(email__endswith="@erased.invalid").count() == 2


class TestOrganisations:
    def test_one_is_made_and_changed_in_scope(self, tree: Tree, manager: Account) -> None:
        made = actions.create_organisation(
            code="ys", name="药监所", kind="office", division=tree.county, by=by(manager)
        )
        actions.update_organisation(made, by=by(manager), name="新药监所")
        made.refresh_from_db()
        assert made.name == "新药监所"
        created, updated = Event.objects.order_by("id")
        assert created.verb == "organisation.created"
        assert (updated.before["name"], updated.after["name"]) == ("药监所", "新药监所")

    def test_not_outside_the_scope_nor_moved_out_of_it(self, tree: Tree, manager: Account) -> None:
        for division in (tree.hebei, tree.nation, None):
            with pytest.raises(NotAllowedError):
                actions.create_organisation(
                    code="x", name="x", kind="office", division=division, by=by(manager)
                )
        mine = actions.create_organisation(
            code="ys", name="药监所", kind="office", division=tree.county, by=by(manager)
        )
        with pytest.raises(NotAllowedError):
            actions.update_organisation(mine, by=by(manager), division=tree.hebei)
        mine.refresh_from_db()
        assert mine.division == tree.county


class TestLists:
    def test_accounts_are_those_with_a_role_in_the_scope(
        self, tree: Tree, manager: Account
    ) -> None:
        inside, outside = person("a@example.org"), person("b@example.org")
        give(inside, "auditor", tree.town)
        give(inside, "auditor", tree.hebei)
        give(outside, "auditor", tree.hebei)
        give(person("c@example.org"), "auditor", tree.trap)
        found = queries.accounts_in(queries.scope(manager, "people.view"))
        assert outside not in found
        assert {a.email for a in found} == {"admin@example.org", "a@example.org", "c@example.org"}
        shown = next(a for a in found if a == inside)
        assert [grant.division for grant in shown.roles_here] == [tree.town]

    def test_who_belongs_nowhere_is_seen_from_the_top_only(
        self, tree: Tree, manager: Account
    ) -> None:
        lost = person("lost@example.org")
        top = person("top@example.org")
        give(top, "auditor", tree.nation)
        assert lost in queries.accounts_in(queries.scope(top, "people.view"))
        assert lost not in queries.accounts_in(queries.scope(manager, "people.view"))

    def test_organisations_of_no_division_are_seen_when_public(
        self, tree: Tree, manager: Account, carrier: Organisation
    ) -> None:
        hidden = Organisation.objects.create(code="anon", name="无名氏", kind="donor", public=False)
        foreign = Organisation.objects.create(
            code="hb", name="河北快运", kind="carrier", division=tree.hebei
        )
        seen = set(queries.organisations_in(queries.scope(manager, "people.view")))
        assert carrier in seen
        assert not {hidden, foreign} & seen
        assert not queries.organisations_in(queries.scope(person("n@example.org"), "people.view"))


def test_goods_are_given_only_to_carriers_that_serve_there(tree: Tree) -> None:
    def carrier(code: str, **values: object) -> Organisation:
        return Organisation.objects.create(code=code, name=code, kind="carrier", **values)

    carrier("everywhere")
    carrier("private", public=False)
    carrier("province", division=tree.gansu, public=False)
    carrier("town", division=tree.town, public=False)
    carrier("trap", division=tree.trap)
    carrier("hebei", division=tree.hebei)
    Organisation.objects.create(code="maker", name="maker", kind="producer")
    within = Scope.of(tree.county)
    offered = [row.code for row in queries.carriers_for(within, tree.county)]
    assert offered == ["everywhere", "province", "town"]
    assigned = Organisation.objects.get(code="hebei")
    kept = queries.carriers_for(within, tree.county, assigned=assigned.pk)
    assert [row.code for row in kept] == ["everywhere", "hebei", "province", "town"]
    everything = queries.carriers_for(Scope.of(tree.nation), tree.county)
    assert everything.count() == 6
