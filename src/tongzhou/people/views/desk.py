"""The desk's first page, and the page of one's own account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tongzhou.kit import access, clock

from .. import actions, queries
from ..forms import OwnForm
from ..rules import ROLES
from .changing import Question, asked, changed, page_of_form, signed_in_account


@access.signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What needs this account, then where it may go."""
    account = signed_in_account(request)
    context = {
        "cards": queries.desk_cards(account),
        "as_of": clock.now(),
        "has_role": bool(queries.permissions(account)),
        "needs_second_factor": queries.needs_second_factor(account),
    }
    return render(request, "people/desk.html", context)


@access.signed_in
def own_account(request: HttpRequest) -> HttpResponse:
    """One's roles, and the ways to change password, second factor and language."""
    account = signed_in_account(request)
    grants = account.grants.filter(ended_at=None).select_related("division", "organisation")
    held = [(ROLES[grant.role], grant) for grant in grants if grant.role in ROLES]
    context = {"account": account, "held": held, "second_factors": _second_factors(account.pk)}
    return render(request, "people/own.html", context)


@access.signed_in
def own_details(request: HttpRequest) -> HttpResponse:
    """Change one's own name, telephone and language."""
    account = signed_in_account(request)
    initial = {"name": account.name, "phone": account.phone, "language": account.language}
    form = OwnForm(request.POST or None, initial=initial)
    by = queries.actor(request)
    if request.method == "POST" and changed(
        form, lambda given: actions.update_account(account, by=by, **given)
    ):
        messages.success(request, _("Your details were saved."))
        return redirect("account")
    crumbs = [(_("Your account"), "/accounts/"), (_("Your details"), "")]
    return page_of_form(request, form, _("Your details"), _("Save"), crumbs=crumbs)


@access.signed_in
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out on every device, this one included."""
    account = signed_in_account(request)
    question = Question(
        title=_("Sign out everywhere"),
        effects=[_("Every browser and telephone signed in as you has to sign in again.")],
        button=_("Sign out everywhere"),
        done=_("You are signed out everywhere."),
        back="account",
        crumbs=[(_("Your account"), "/accounts/"), (_("Sign out everywhere"), "")],
        reason=False,
    )
    by = queries.actor(request)
    return asked(request, question, lambda _note: actions.end_sessions(account, by=by))


def _second_factors(account_id: int) -> int:
    return queries.second_factors_of(account_id).count()
