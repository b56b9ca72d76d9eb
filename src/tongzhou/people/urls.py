"""Addresses of the people app: the desk's first page, people, organisations, sign-in."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path
from django.views.i18n import set_language

from tongzhou.kit.access import public, signed_in

from .views import desk, organisations, people, reviews

# Of allauth only what is used: no sign-up and no second address for an account.
_sign_in = [
    path("login/", public(account.login), name="account_login"),
    path("logout/", public(account.logout), name="account_logout"),
    path("inactive/", public(account.account_inactive), name="account_inactive"),
    path("reauthenticate/", signed_in(account.reauthenticate), name="account_reauthenticate"),
    path("password/change/", signed_in(account.password_change), name="account_change_password"),
    path("password/set/", signed_in(account.password_set), name="account_set_password"),
    path("password/reset/", public(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/",
        public(account.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
_second_factor = [
    path("", signed_in(mfa.index), name="mfa_index"),
    path("authenticate/", public(mfa.authenticate), name="mfa_authenticate"),
    path("reauthenticate/", signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("totp/activate/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("totp/deactivate/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "recovery-codes/", signed_in(recovery.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "recovery-codes/generate/",
        signed_in(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "recovery-codes/download/",
        signed_in(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("keys/", signed_in(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("keys/add/", signed_in(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "keys/reauthenticate/",
        signed_in(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("keys/<int:pk>/edit/", signed_in(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("keys/<int:pk>/remove/", signed_in(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
]
_people = [
    path("", people.people, name="people"),
    path("invite/", people.invite, name="person-invite"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/invited/", people.invited, name="person-invited"),
    path("<int:pk>/change/", people.change, name="person-change"),
    path("<int:pk>/roles/give/", people.give_role, name="role-give"),
    path("<int:pk>/roles/<int:grant_id>/end/", people.end_role, name="role-end"),
    path("<int:pk>/close/", people.close, name="person-close"),
    path("<int:pk>/reopen/", people.reopen, name="person-reopen"),
    path("<int:pk>/sign-out/", people.sign_out, name="person-sign-out"),
    path(
        "<int:pk>/second-factor/reset/",
        people.reset_second_factor,
        name="person-second-factor-reset",
    ),
    path("<int:pk>/erase/", people.erase, name="person-erase"),
]
_organisations = [
    path("", organisations.organisations, name="organisations"),
    path("<slug:code>/", organisations.organisation, name="organisation"),
    path("<slug:code>/change/", organisations.change_organisation, name="organisation-change"),
]
urlpatterns = [
    path("desk/", desk.home, name="desk"),
    path("desk/people/", include(_people)),
    path("desk/organisations/", include(_organisations)),
    path("desk/add-organisation/", organisations.add_organisation, name="organisation-add"),
    path("desk/reviews/", reviews.reviews, name="reviews"),
    path("desk/reviews/<str:kind>/<str:ref>/", reviews.review, name="review"),
    path("accounts/", desk.own_account, name="account"),
    path("accounts/details/", desk.own_details, name="account-details"),
    path("accounts/sessions/end/", desk.own_sessions, name="account-sessions-end"),
    path("accounts/", include(_sign_in)),
    path("accounts/2fa/", include(_second_factor)),
    path("language/", public(set_language), name="language"),
]
