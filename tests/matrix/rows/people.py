"""The desk's first page, people, organisations, and sign-in."""

from dataclasses import replace

from allauth.mfa.models import Authenticator

from tongzhou.people.models import Account, Organisation, RoleGrant

from ..table import Row, form, listing, open_to_all, own, page
from ..world import NOW, Built, Making


def account(making: Making, **values: object) -> Account:
    """An account with a role at the division, its token in every personal field."""
    made = Account(
        email=f"{making.token}@canary.example",
        name=making.token,
        phone=f"138{making.token}",
        last_login=NOW,
        **values,
    )
    made.set_unusable_password()
    made.save()
    return made


def grant(making: Making, holder: Account) -> RoleGrant:
    return RoleGrant.objects.create(
        account=holder,
        role="clinic_doctor",
        division=making.division,
        granted_by="system:matrix",
        granted_at=NOW,
    )


def person(making: Making, **values: object) -> Built:
    made = account(making, **values)
    grant(making, made)
    return Built(
        kwargs={"pk": made.pk},
        marks=(f"/desk/people/{made.pk}/",),
        secrets=(making.token, f"/desk/people/{made.pk}/"),
        data={
            "name": "改名",
            "email": f"new{making.token}@canary.example",
            "language": "en",
            "note": "换岗",
            "role": "county_officer",
            "division": making.division.code,
        },
    )


def person_page(making: Making) -> Built:
    """The page shows what the list masks."""
    made = person(making)
    return replace(made, marks=(f"{making.token}@canary.example",))


def invited(making: Making) -> Built:
    """Somebody who has not signed in yet."""
    made = person(making)
    account = Account.objects.get(pk=made.kwargs["pk"])
    account.last_login = None
    account.set_unusable_password()
    account.save()
    return made


def closed_person(making: Making) -> Built:
    return person(making, is_active=False)


def one_grant(making: Making) -> Built:
    made = account(making)
    held = grant(making, made)
    return Built(
        kwargs={"pk": made.pk, "grant_id": held.pk},
        secrets=(making.token,),
        data={"note": "换岗"},
    )


def invitation(making: Making) -> Built:
    """Nothing stored: the body names a division, and the answer may name none that is foreign."""
    return Built(
        secrets=(making.token,),
        data={
            "name": "新人",
            "email": f"{making.token}@new.example",
            "language": "en",
            "role": "clinic_doctor",
            "division": making.division.code,
        },
    )


def role_for_colleague(making: Making) -> Built:
    """The address names somebody of one's own county, the body the division of the role."""
    colleague = account(making.world.making("own"))
    grant(making.world.making("own"), colleague)
    return Built(
        kwargs={"pk": colleague.pk},
        data={"role": "county_officer", "division": making.division.code},
    )


def organisation(making: Making) -> Built:
    made = Organisation.objects.create(
        code=making.token, name=f"机构{making.token}", kind="office", division=making.division
    )
    return Built(
        kwargs={"code": made.code},
        marks=(making.token,),
        secrets=(making.token,),
        data={"name": "新名称", "kind": "office", "division": making.division.code},
    )


def new_organisation(making: Making) -> Built:
    return Built(
        data={
            "code": f"new-{making.token}",
            "name": "新机构",
            "kind": "office",
            "division": making.division.code,
        }
    )


def reset_key(making: Making) -> Built:
    return Built(kwargs={"uidb36": "1", "key": "set-password"})


def key_of_somebody(making: Making) -> Built:
    made = account(making)
    key = Authenticator.objects.create(user=made, type="webauthn", data={"name": making.token})
    return Built(kwargs={"pk": key.pk}, secrets=(making.token,))


BOTH = ("GET", "POST")


def health_text(making: Making) -> Built:
    """A rule lies in no division; its page names no person."""
    data = {"sha256": "0" * 64}
    return Built(kwargs={"kind": "rule", "ref": "r10-92"}, data=data)


ROWS: list[Row] = [
    form("reviews", "reviews.view", posts=False),
    form("review", "reviews.view", health_text),
    own("desk"),
    own("account"),
    own("account-details", methods=BOTH),
    own("account-sessions-end", methods=BOTH),
    listing("people", "people.view", person),
    page("person", "people.view", person_page),
    form("person-invite", "people.manage", invitation, writes=True),
    page("person-invited", "people.manage", person, marks=False),
    page("person-change", "people.manage", person, posts=True, marks=False, writes=True),
    page("role-give", "people.manage", person, posts=True, marks=False),
    form("role-give", "people.manage", role_for_colleague, part="body", writes=True),
    page("role-end", "people.manage", one_grant, posts=True, writes=True),
    page("person-close", "people.manage", person, posts=True, marks=False, writes=True),
    page("person-reopen", "people.manage", closed_person, posts=True, marks=False, writes=True),
    page("person-sign-out", "people.manage", person, posts=True, marks=False, writes=True),
    page(
        "person-second-factor-reset",
        "people.manage",
        person,
        posts=True,
        marks=False,
        writes=True,
    ),
    page("person-erase", "people.manage", closed_person, posts=True, marks=False),
    listing("organisations", "people.view", organisation),
    page("organisation", "people.view", organisation),
    form("organisation-add", "people.manage", new_organisation, writes=True),
    page("organisation-change", "people.manage", organisation, posts=True, writes=True),
    open_to_all("language", methods=("POST",)),
    open_to_all("account_login", methods=BOTH),
    open_to_all("account_logout", methods=("GET",)),
    open_to_all("account_inactive"),
    open_to_all("account_reset_password", methods=BOTH),
    open_to_all("account_reset_password_done"),
    open_to_all("account_reset_password_from_key", reset_key),
    open_to_all("account_reset_password_from_key_done"),
    open_to_all("mfa_authenticate"),
    own("account_reauthenticate", methods=BOTH),
    own("account_change_password", methods=BOTH),
    own("account_set_password", methods=BOTH),
    own("mfa_index"),
    own("mfa_reauthenticate"),
    own("mfa_activate_totp", methods=BOTH),
    own("mfa_deactivate_totp", absent=True),
    own("mfa_view_recovery_codes", absent=True),
    own("mfa_generate_recovery_codes"),
    own("mfa_download_recovery_codes", absent=True),
    own("mfa_list_webauthn"),
    own("mfa_add_webauthn"),
    own("mfa_reauthenticate_webauthn"),
    own("mfa_edit_webauthn", key_of_somebody),
    own("mfa_remove_webauthn", key_of_somebody),
]
