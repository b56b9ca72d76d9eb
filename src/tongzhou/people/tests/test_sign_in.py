"""Signing in: closed to strangers, locked after guesses, with a second factor for staff."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tongzhou.kit import jobs
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.people import actions, adapters, queries
from tongzhou.people.models import Account

from .conftest import Tree, give, person

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_limits_from_before() -> None:
    cache.clear()


@pytest.fixture
def officer(tree: Tree) -> Account:
    account = person("officer@example.org", name="李雷")
    account.set_password(PASSWORD)
    account.save()
    give(account, "county_officer", tree.county)
    return account


def sign_in(client: Client, password: str = PASSWORD, email: str = "officer@example.org"):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def code_of(secret: str, at: float) -> str:
    return format_hotp_value(hotp_value(secret, int(at) // 30))


class TestPassword:
    def test_the_right_password_opens_the_desk(self, officer: Account, client: Client) -> None:
        answer = sign_in(client)
        assert answer.status_code == 302
        assert answer.url == "/desk/"
        assert client.get("/desk/").status_code == 200

    def test_the_address_may_be_typed_in_capitals(self, officer: Account, client: Client) -> None:
        assert sign_in(client, email="Officer@Example.ORG").url == "/desk/"

    def test_a_wrong_password_says_no_more_than_that(
        self, officer: Account, client: Client
    ) -> None:
        known = sign_in(client, "wrong wrong wrong").content.decode()
        unknown = sign_in(client, "wrong wrong wrong", "nobody@example.org").content.decode()
        assert _errors(known) == _errors(unknown) != ""

    def test_five_wrong_passwords_lock_and_the_page_says_what_to_do(
        self, officer: Account, client: Client
    ) -> None:
        for _try in range(4):
            assert sign_in(client, "wrong wrong wrong").status_code == 200
        locked = sign_in(client, "wrong wrong wrong")
        assert locked.status_code == 429
        assert reverse("account_reset_password") in locked.content.decode()
        assert sign_in(client).status_code == 429

    def test_the_lock_is_for_one_address_and_one_connection(
        self, officer: Account, client: Client
    ) -> None:
        other = person("other@example.org")
        other.set_password(PASSWORD)
        other.save()
        for _try in range(5):
            sign_in(client, "wrong wrong wrong")
        assert sign_in(client, email="other@example.org").status_code == 302
        elsewhere = Client(REMOTE_ADDR="10.9.8.7")
        assert sign_in(elsewhere).status_code == 302

    def test_the_lock_stores_no_address(self, officer: Account, client: Client) -> None:
        sign_in(client, "wrong wrong wrong")
        row = AccessAttempt.objects.get()
        assert "officer" not in f"{row.username} {row.get_data} {row.post_data}"
        assert len(row.username) == 64

    def test_a_closed_account_is_told_so_only_with_its_password(
        self, officer: Account, client: Client
    ) -> None:
        actions.close_account(officer, by=SYSTEM, note="")
        assert sign_in(client).url == reverse("account_inactive")
        assert sign_in(client, "wrong wrong wrong").status_code == 200

    def test_nobody_can_sign_up(self, client: Client, db: None) -> None:
        with pytest.raises(NoReverseMatch):
            reverse("account_signup")
        assert client.get("/accounts/signup/").status_code == 404
        assert not adapters.SignIn().is_open_for_signup(None)

    def test_signing_out_needs_a_click(self, officer: Account, client: Client) -> None:
        sign_in(client)
        assert client.get(reverse("account_logout")).status_code == 200
        assert client.get("/desk/").status_code == 200
        client.post(reverse("account_logout"))
        assert client.get("/desk/").url.startswith("/accounts/login/")

    def test_a_new_password_is_an_event_and_ends_other_sessions(
        self, officer: Account, client: Client
    ) -> None:
        other = Client()
        sign_in(client)
        sign_in(other)
        answer = client.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": "new long words", "password2": "new long words"},
        )
        assert answer.status_code == 302
        assert client.get("/desk/").status_code == 200
        assert other.get("/desk/").status_code == 302
        event = Event.objects.get(verb="account.password_set")
        assert "new long words" not in str(event.after)

    def test_the_account_speaks_its_language_where_the_browser_chose_none(
        self, officer: Account, client: Client
    ) -> None:
        Account.objects.filter(pk=officer.pk).update(language="en")
        sign_in(client)
        assert client.cookies["django_language"].value == "en"

    def test_a_chosen_language_stays(self, officer: Account, client: Client) -> None:
        client.post("/language/", {"language": "zh-hans", "next": "/desk/"})
        Account.objects.filter(pk=officer.pk).update(language="en")
        sign_in(client)
        assert client.cookies["django_language"].value == "zh-hans"


class TestLetters:
    def test_a_reset_letter_sets_a_password_once(self, officer: Account, client: Client) -> None:
        client.post(reverse("account_reset_password"), {"email": officer.email})
        assert len(mail.outbox) == 1
        assert _set_through(mail.outbox[0].body, client)
        assert sign_in(client, "new long words").status_code == 302
        assert not _set_through(mail.outbox[0].body, Client())

    def test_a_stranger_gets_no_letter_and_the_same_answer(
        self, officer: Account, client: Client
    ) -> None:
        known = client.post(reverse("account_reset_password"), {"email": officer.email})
        unknown = client.post(reverse("account_reset_password"), {"email": "no@example.org"})
        assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
        assert [letter.to for letter in mail.outbox] == [[officer.email]]

    @pytest.mark.django_db(transaction=True)
    def test_an_invitation_leaves_after_commit_and_lets_its_reader_in(self, tree: Tree) -> None:
        invited = actions.invite(
            email="new@example.org",
            name="韩梅梅",
            role="auditor",
            division=tree.county,
            by=SYSTEM,
            language="en",
        )
        assert mail.outbox == []
        jobs.drain()
        assert [letter.to for letter in mail.outbox] == [["new@example.org"]]
        assert "韩梅梅" in mail.outbox[0].body
        browser = Client()
        assert _set_through(mail.outbox[0].body, browser)
        sign_in(browser, "new long words", "new@example.org")
        assert browser.get(f"/desk/people/{invited.pk}/").status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_nobody_who_signed_in_before_gets_an_invitation(
        self, officer: Account, tree: Tree, client: Client
    ) -> None:
        sign_in(client)
        actions.invite(
            email=officer.email, name="x", role="auditor", division=tree.county, by=SYSTEM
        )
        jobs.drain()
        assert mail.outbox == []


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def _required(self, settings: object) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    def test_staff_without_one_are_sent_to_set_one_up(
        self, officer: Account, client: Client
    ) -> None:
        sign_in(client)
        for address in ("/desk/", "/desk/people/"):
            assert client.get(address).url == reverse("mfa_index")
        page = client.get(reverse("mfa_index")).content.decode()
        assert reverse("mfa_activate_totp") in page

    @pytest.mark.django_db(transaction=True)
    def test_they_set_up_an_app_see_recovery_codes_and_reach_the_desk(
        self, officer: Account, client: Client
    ) -> None:
        sign_in(client)
        secret = _secret_shown(client)
        answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, _now())})
        assert answer.url == reverse("mfa_view_recovery_codes")
        assert len(re.findall(r"<li>\d{8}</li>", client.get(answer.url).content.decode())) == 10
        assert client.get("/desk/").status_code == 200
        written = Event.objects.filter(verb="account.second_factor_changed")
        assert [event.after["what"] for event in written] == ["totp_activated"]
        assert "app" in mail.outbox[-1].body or "应用" in mail.outbox[-1].body

    def test_the_secret_is_stored_encrypted(self, officer: Account, client: Client) -> None:
        sign_in(client)
        secret = _secret_shown(client)
        client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, _now())})
        stored = Authenticator.objects.get(type="totp").data["secret"]
        assert secret not in stored
        assert adapters.SecondFactor().decrypt(stored) == secret

    def test_the_next_sign_in_asks_for_it(self, officer: Account, client: Client) -> None:
        TOTP.activate(officer, "JBSWY3DPEHPK3PXP")
        assert sign_in(client).url == reverse("mfa_authenticate")
        assert client.get("/desk/").status_code == 302
        wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert wrong.status_code == 200
        right = client.post(
            reverse("mfa_authenticate"), {"code": code_of("JBSWY3DPEHPK3PXP", _now())}
        )
        assert right.url == "/desk/"
        assert client.get("/desk/").status_code == 200

    def test_the_last_one_cannot_be_removed_by_its_owner(
        self, officer: Account, client: Client
    ) -> None:
        TOTP.activate(officer, "JBSWY3DPEHPK3PXP")
        factor = Authenticator.objects.get(type="totp")
        assert not adapters.SecondFactor().can_delete_authenticator(factor)
        Authenticator.objects.create(user=officer, type="webauthn", data={})
        assert adapters.SecondFactor().can_delete_authenticator(factor)

    def test_a_clinic_doctor_goes_straight_to_the_desk(self, tree: Tree, client: Client) -> None:
        doctor = person("doctor@example.org")
        give(doctor, "clinic_doctor", tree.town)
        client.force_login(doctor)
        assert client.get("/desk/").status_code == 200

    def test_the_demo_offers_it_but_does_not_force_it(
        self, officer: Account, client: Client, settings: object
    ) -> None:
        settings.SECOND_FACTOR_REQUIRED = False
        settings.MODE = "demo"
        page = client.get(reverse("account_login")).content.decode()
        assert "no second factor is asked for" in page or "不要求第二重验证" in page
        sign_in(client)
        assert client.get("/desk/").status_code == 200
        assert _secret_shown(client)


@pytest.mark.parametrize(
    "name",
    [
        "account",
        "account-details",
        "account-sessions-end",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_account_opens_in_both_languages(
    officer: Account, client: Client, name: str, language: str
) -> None:
    sign_in(client)
    _confirm(client)
    client.post("/language/", {"language": language})
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in answer.content.decode()


def test_links_to_set_a_password_carry_the_public_address(
    officer: Account, settings: object
) -> None:
    settings.BASE_URL = "https://relief.example.org/"
    link = queries.password_link(officer)
    assert link.startswith("https://relief.example.org/accounts/password/reset/key/")


def _errors(page: str) -> str:
    found = re.search(r'<div class="errors".*?</div>', page, re.DOTALL)
    return found.group() if found else ""


def _set_through(letter: str, client: Client) -> bool:
    """Open the link of a letter and set a password; whether the link worked."""
    path = re.search(r"/accounts/password/reset/key/\S+", letter)
    assert path is not None
    form = client.get(path.group(), follow=True)
    words = {"password1": "new long words", "password2": "new long words"}
    answer = client.post(form.request["PATH_INFO"], words)
    return answer.status_code == 302


def _confirm(client: Client) -> None:
    """Type the password once more, as every change of the sign-in settings asks."""
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302


def _secret_shown(client: Client) -> str:
    assert client.get(reverse("mfa_activate_totp")).url.startswith("/accounts/reauthenticate/")
    _confirm(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'<span class="code">([A-Z2-7]+)</span>', page)
    assert found is not None
    return found.group(1)


def _now() -> float:
    return time.time()
