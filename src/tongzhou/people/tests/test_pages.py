"""The pages of people and organisations, clicked through as somebody who manages them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tongzhou.kit.clock import fixed_at
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.people import actions, queries
from tongzhou.people.models import Account, Organisation
from tongzhou.places.actions import index

from .conftest import NOW, Tree, give, person


@pytest.fixture
def manager(tree: Tree) -> Account:
    account = person("admin@example.org", name="管理员甲", last_login=NOW)
    give(account, "administrator", tree.gansu)
    return account


@pytest.fixture
def desk(client: Client, manager: Account) -> Client:
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    return client


def text_of(answer: object) -> str:
    return answer.content.decode()


class TestDesk:
    def test_what_needs_you_comes_with_count_and_age(
        self, desk: Client, manager: Account, tree: Tree
    ) -> None:
        actions.invite(
            email="a@example.org",
            name="李雷",
            role="auditor",
            division=tree.county,
            by=queries.actor(manager),
        )
        page = text_of(desk.get("/desk/"))
        assert "Invitations not used yet" in page
        assert "/desk/people/?state=invited" in page
        assert "less than an hour" in page

    def test_a_quiet_desk_says_so(self, desk: Client) -> None:
        assert "Nothing waits for you now" in text_of(desk.get("/desk/"))

    def test_an_account_without_a_role_is_told_whom_to_ask(
        self, client: Client, tree: Tree
    ) -> None:
        client.force_login(person("new@example.org"))
        client.cookies["django_language"] = "en"
        assert "You hold no role yet" in text_of(client.get("/desk/"))

    def test_a_stranger_is_sent_to_sign_in_and_back(self, client: Client, db: None) -> None:
        assert client.get("/desk/").url == "/accounts/login/?next=/desk/"


class TestPeople:
    def test_the_list_masks_and_the_page_shows(self, desk: Client, tree: Tree) -> None:
        somebody = person("liming@example.org", name="李明明", phone="13800001234")
        give(somebody, "county_officer", tree.county)
        listed = text_of(desk.get("/desk/people/"))
        assert "李**" in listed
        assert "l***@example.org" in listed
        assert "李明明" not in listed
        page = text_of(desk.get(f"/desk/people/{somebody.pk}/"))
        assert "李明明" in page
        assert "13800001234" in page

    def test_the_list_narrows_by_words_role_and_state(self, desk: Client, tree: Tree) -> None:
        officer, gone = person("officer@example.org"), person("gone@example.org", is_active=False)
        give(officer, "county_officer", tree.county)
        give(gone, "auditor", tree.county)
        for query, seen in (
            ("q=officer", {officer}),
            ("role=auditor", {gone}),
            ("state=closed", {gone}),
            ("state=invited", {officer}),
            ("q=nobody", set()),
        ):
            page = text_of(desk.get(f"/desk/people/?{query}"))
            for account in (officer, gone):
                assert (f"/desk/people/{account.pk}/" in page) == (account in seen), query

    def test_a_filter_that_finds_nobody_can_be_cleared(self, desk: Client) -> None:
        page = text_of(desk.get("/desk/people/?q=nobody"))
        assert "Clear the filters" in page

    def test_the_list_goes_on_by_cursor(self, desk: Client, tree: Tree) -> None:
        for number in range(55):
            give(person(f"p{number}@example.org"), "auditor", tree.county)
        first = text_of(desk.get("/desk/people/"))
        assert "56 people" in first
        following = re.search(r'href="(\?after=[^"]+)" rel="next"', first)
        assert following is not None
        second = text_of(desk.get("/desk/people/" + following.group(1)))
        shown = re.compile(r'href="/desk/people/(\d+)/"')
        assert len(set(shown.findall(first)) | set(shown.findall(second))) == 56
        assert not set(shown.findall(first)) & set(shown.findall(second))

    def test_a_broken_cursor_starts_over(self, desk: Client) -> None:
        assert desk.get("/desk/people/?after=zzz").status_code == 200

    def test_inviting_somebody(self, desk: Client, tree: Tree, settings: object) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        answer = desk.post(
            "/desk/people/invite/",
            {
                "name": "李雷",
                "email": "lilei@example.org",
                "language": "en",
                "role": "county_officer",
                "division": "6201",
            },
        )
        invited = Account.objects.get(email="lilei@example.org")
        assert answer.url == reverse("person-invited", args=[invited.pk])
        page = text_of(desk.get(answer.url))
        assert "lilei@example.org" in page
        assert "/accounts/password/reset/key/" not in page
        assert invited.has_perm("parcels.pack", tree.county)

    def test_without_a_mail_server_the_link_is_handed_over(
        self, desk: Client, manager: Account, tree: Tree, settings: object
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
        invited = actions.invite(
            email="a@example.org",
            name="李雷",
            role="auditor",
            division=tree.county,
            by=queries.actor(manager),
        )
        page = text_of(desk.get(reverse("person-invited", args=[invited.pk])))
        assert "/accounts/password/reset/key/" in page

    def test_the_link_of_a_higher_account_is_not_for_whoever_invites_it_again(
        self, desk: Client, tree: Tree, settings: object
    ) -> None:
        """A province that knew the address of a new national reviewer had got their password."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
        higher = actions.invite(
            email="b@example.org", name="B", role="reviewer", division=tree.nation, by=SYSTEM
        )
        answer = desk.post(
            "/desk/people/invite/",
            {
                "email": "b@example.org",
                "name": "B",
                "language": "zh-hans",
                "role": "clinic_doctor",
                "division": tree.county.code,
            },
        )
        assert answer.status_code == 302
        page = text_of(desk.get(reverse("person-invited", args=[higher.pk])))
        assert "/accounts/password/reset/key/" not in page

    def test_no_link_is_shown_for_an_account_in_use(
        self, desk: Client, tree: Tree, settings: object
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
        known = person("a@example.org", last_login=NOW)
        give(known, "auditor", tree.county)
        page = text_of(desk.get(reverse("person-invited", args=[known.pk])))
        assert "/accounts/password/reset/key/" not in page

    def test_an_invitation_into_another_area_is_refused_at_the_field(
        self, desk: Client, tree: Tree
    ) -> None:
        answer = desk.post(
            "/desk/people/invite/",
            {
                "name": "李雷",
                "email": "lilei@example.org",
                "language": "en",
                "role": "county_officer",
                "division": "13",
            },
        )
        assert answer.status_code == 422
        assert "There is no division “13” in your area" in text_of(answer)
        assert "河北" not in text_of(answer)
        assert not Account.objects.filter(email="lilei@example.org").exists()

    def test_a_coordinator_is_offered_only_roles_they_can_give(
        self, client: Client, tree: Tree
    ) -> None:
        coordinator = person("c@example.org")
        give(coordinator, "coordinator", tree.gansu)
        client.force_login(coordinator)
        page = text_of(client.get("/desk/people/invite/"))
        assert 'value="county_officer"' in page
        assert 'value="auditor"' not in page
        assert 'value="administrator"' not in page

    def test_giving_a_carrier_asks_for_the_organisation(
        self, desk: Client, tree: Tree, carrier: Organisation
    ) -> None:
        driver = person("d@example.org")
        give(driver, "clinic_doctor", tree.county)
        address = reverse("role-give", args=[driver.pk])
        asked = desk.post(address, {"role": "carrier", "division": "6201"})
        assert asked.status_code == 422
        assert "Choose the organisation" in text_of(asked)
        given = desk.post(
            address, {"role": "carrier", "division": "6201", "organisation": carrier.pk}
        )
        assert given.status_code == 302
        assert queries.reach(driver, "shipments.view").contains(tree.county, carrier.pk)

    def test_ending_a_role_asks_first_and_needs_a_reason(self, desk: Client, tree: Tree) -> None:
        officer = person("o@example.org")
        grant = give(officer, "county_officer", tree.county)
        address = reverse("role-end", args=[officer.pk, grant.pk])
        page = text_of(desk.get(address))
        assert "What will happen" in page
        assert page.index("Leave it as it is") < page.index(">End the role</button>")
        assert desk.post(address, {}).status_code == 200
        assert officer.grants.filter(ended_at=None).exists()
        assert desk.post(address, {"note": "换岗"}).url == f"/desk/people/{officer.pk}/"
        assert not officer.grants.filter(ended_at=None).exists()
        assert "Roles that have ended" in text_of(desk.get(f"/desk/people/{officer.pk}/"))

    def test_a_refusal_of_the_action_is_said_on_the_page(self, desk: Client, tree: Tree) -> None:
        """The manager sees the account, but it also holds a role elsewhere."""
        both = person("b@example.org")
        give(both, "county_officer", tree.county)
        give(both, "county_officer", tree.hebei)
        page = text_of(desk.get(f"/desk/people/{both.pk}/"))
        assert reverse("person-close", args=[both.pk]) not in page
        refused = desk.post(reverse("person-close", args=[both.pk]), {"note": "x"})
        assert "roles that are not yours to give" in text_of(refused)
        both.refresh_from_db()
        assert both.is_active

    def test_the_whole_life_of_an_account(self, desk: Client, tree: Tree) -> None:
        officer = person("o@example.org", last_login=NOW)
        give(officer, "county_officer", tree.county)

        def step(route: str, **data: str) -> int:
            return desk.post(reverse(route, args=[officer.pk]), data).status_code

        changes = {"name": "新名", "email": "new@example.org", "language": "en"}
        assert step("person-change", **changes) == 302
        assert step("person-sign-out") == 302
        assert step("person-close", note="离职") == 302
        assert step("person-reopen") == 302
        assert step("person-close", note="离职") == 302
        assert step("person-erase") == 200  # the same person closed it
        actions.erase_account(officer, by=SYSTEM)
        page = text_of(desk.get(f"/desk/people/{officer.pk}/"))
        assert "Erased" in page
        assert "erased.invalid" not in page
        assert [event.verb for event in Event.objects.order_by("id")] == [
            "account.updated",
            "account.signed_out",
            "account.closed",
            "account.reopened",
            "account.closed",
            "person.erased",
        ]

    def test_an_address_in_use_is_said_at_the_form(self, desk: Client, tree: Tree) -> None:
        officer = person("o@example.org")
        give(officer, "county_officer", tree.county)
        answer = desk.post(
            reverse("person-change", args=[officer.pk]),
            {"name": "x", "email": "admin@example.org", "language": "en"},
        )
        assert answer.status_code == 422
        assert "in use by another account" in text_of(answer)


class TestOwn:
    def test_ones_account_shows_ones_roles(self, desk: Client, tree: Tree) -> None:
        page = text_of(desk.get("/accounts/"))
        assert "Administrator" in page
        assert tree.gansu.name in page

    def test_one_changes_ones_own_details(self, desk: Client, manager: Account) -> None:
        answer = desk.post(
            "/accounts/details/", {"name": "新名", "phone": "13900000000", "language": "en"}
        )
        assert answer.url == "/accounts/"
        manager.refresh_from_db()
        assert (manager.name, manager.phone) == ("新名", "13900000000")

    def test_one_signs_out_everywhere(self, desk: Client) -> None:
        assert desk.post("/accounts/sessions/end/").status_code == 302
        assert desk.get("/desk/").status_code == 302


class TestOrganisations:
    def test_they_are_listed_added_and_changed(self, desk: Client, tree: Tree) -> None:
        values = {"name": "卫健局", "kind": "office", "division": "6201"}
        added = desk.post("/desk/add-organisation/", {"code": "wjj", **values})
        assert added.url == "/desk/organisations/wjj/"
        assert "卫健局" in text_of(desk.get("/desk/organisations/"))
        assert "卫健局" not in text_of(desk.get("/desk/organisations/?kind=donor"))
        changed = desk.post("/desk/organisations/wjj/change/", {**values, "name": "卫生健康局"})
        assert changed.status_code == 302
        page = text_of(desk.get("/desk/organisations/wjj/"))
        assert "卫生健康局" in page

    def test_a_code_is_used_once(self, desk: Client, carrier: Organisation) -> None:
        answer = desk.post("/desk/add-organisation/", {"code": "sf", "name": "x", "kind": "office"})
        assert "in use by another organisation" in text_of(answer)

    def test_one_for_the_whole_country_takes_somebody_at_the_top(self, desk: Client) -> None:
        answer = desk.post("/desk/add-organisation/", {"code": "x", "name": "x", "kind": "office"})
        assert answer.status_code == 422
        assert "right to manage people at that division" in text_of(answer)

    def test_who_manages_elsewhere_is_not_offered_the_change(
        self, desk: Client, carrier: Organisation
    ) -> None:
        page = text_of(desk.get("/desk/organisations/sf/"))
        assert "/desk/organisations/sf/change/" not in page


class TestDivisionField:
    def test_a_name_is_enough_where_it_is_the_only_one(self, desk: Client, tree: Tree) -> None:
        _index(tree)
        assert _division_of(desk, "甲县") is None

    def test_several_of_one_name_are_told_apart(self, desk: Client, tree: Tree) -> None:
        tree.trap.name = "甲县"
        tree.trap.save()
        _index(tree)
        error = _division_of(desk, "甲县")
        assert error is not None
        assert "6201 甲县" in error
        assert "62010 甲县" in error

    def test_a_name_outside_the_area_is_not_there(self, desk: Client, tree: Tree) -> None:
        _index(tree)
        assert "There is no division" in (_division_of(desk, "河北省") or "")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_in_both_languages(
    desk: Client, manager: Account, tree: Tree, carrier: Organisation, language: str
) -> None:
    somebody = person("a@example.org")
    grant = give(somebody, "county_officer", tree.county)
    desk.cookies["django_language"] = language
    one = [somebody.pk]
    addresses = [
        "/desk/",
        "/desk/people/",
        "/desk/people/invite/",
        "/desk/organisations/",
        "/desk/organisations/sf/",
        "/desk/add-organisation/",
        reverse("role-end", args=[somebody.pk, grant.pk]),
        *(
            reverse(name, args=one)
            for name in (
                "person",
                "person-invited",
                "person-change",
                "role-give",
                "person-close",
                "person-sign-out",
                "person-second-factor-reset",
                "person-erase",
                "person-reopen",
            )
        ),
    ]
    for address in addresses:
        assert desk.get(address).status_code == 200, address


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_of_refusal_say_what_to_do(client: Client, tree: Tree, language: str) -> None:
    client.force_login(person("a@example.org"))
    client.cookies["django_language"] = language
    refused = client.get("/desk/people/")
    assert refused.status_code == 403
    assert "/accounts/" in text_of(refused)
    lost = client.get("/no/such/page/")
    assert lost.status_code == 404
    assert "/no/such/page/" not in text_of(lost).replace('value="/no/such/page/"', "")


def test_a_stale_form_says_that_nothing_was_saved(manager: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    strict.cookies["django_language"] = "en"
    answer = strict.post("/desk/people/invite/", {})
    assert answer.status_code == 403
    assert "Nothing was saved" in text_of(answer)


def _index(tree: Tree) -> None:
    rows = (tree.nation, tree.gansu, tree.county, tree.trap, tree.town, tree.hebei)
    index.fill((row.level, row.first, row.name) for row in rows)


def _division_of(desk: Client, typed: str) -> str | None:
    """What the field says about a name, None where it took it."""
    with fixed_at(NOW):
        page = text_of(
            desk.post("/desk/add-organisation/", {"code": "x", "kind": "office", "division": typed})
        )
    found = re.search(r'id="id_division_error">([^<]+)<', page)
    return found.group(1) if found else None
