"""A security key as the second factor, with a virtual one in a real Chromium."""

from typing import Any

import pytest

from tongzhou.people.models import Account
from tongzhou.people.tests.conftest import Tree, give, person

PASSWORD = "correct horse battery"
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def officer(tree: Tree, settings: Any) -> Account:
    settings.SECOND_FACTOR_REQUIRED = True
    account = person("officer@example.org", name="李雷", language="en")
    account.set_password(PASSWORD)
    account.save()
    give(account, "county_officer", tree.county)
    return account


def sign_in(page: Any, address: str) -> None:
    page.goto(f"{address}/accounts/login/")
    page.fill("#id_login", "officer@example.org")
    page.fill("#id_password", PASSWORD)
    page.click("form.plain [type=submit]")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_key_is_added_and_asked_for_at_the_next_sign_in(
    live_server: Any, page: Any, officer: Account
) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

    sign_in(page, live_server.url)
    page.wait_for_url("**/accounts/2fa/")  # the desk is closed without a second factor
    page.goto(f"{live_server.url}/accounts/2fa/keys/add/")
    page.fill("#id_password", PASSWORD)
    page.click("form.plain [type=submit]")
    page.fill("#id_name", "blue key")
    page.click("#key-button")
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{live_server.url}/accounts/2fa/keys/")
    assert "blue key" in page.content()

    page.context.clear_cookies()
    sign_in(page, live_server.url)
    page.wait_for_url("**/2fa/authenticate/")
    page.click("#key-button")
    page.wait_for_url("**/desk/")
    assert "李雷" in page.content()
