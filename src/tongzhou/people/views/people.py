"""Accounts in one's area: the list, one account, inviting, giving and ending roles, closing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.kit import access

from .. import actions, queries
from ..forms import AccountForm, InviteForm, RoleForm
from ..models import Account, RoleGrant
from ..rules import ROLES, may_hand_on
from .changing import Question, Text, asked, changed, page_of_form, signed_in_account


@access.requires("people.view")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a role in the area, masked; the filters are in the address."""
    scope = queries.scope(request.user, "people.view")
    chosen = queries.PeopleFilter.of(request.GET)
    context = {
        "listed": queries.people_page(scope, chosen),
        "chosen": chosen,
        "roles": [(name, role.title) for name, role in ROLES.items()],
        "may_invite": request.user.has_perm("people.manage"),
    }
    return render(request, "people/people.html", context)


@access.requires("people.view")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: how to reach the person, what they hold in the area, what may be changed."""
    viewer = signed_in_account(request)
    account = _account(request, pk, "people.view")
    mine = queries.held(viewer)
    grants = queries.grants_in(queries.scope(viewer, "people.view")).filter(account=account)
    roles = [
        (ROLES.get(grant.role), grant, may_hand_on(mine, grant.role, grant.division))
        for grant in grants.order_by("ended_at", "-granted_at")
    ]
    context = {
        "account": account,
        "present": [row for row in roles if row[1].ended_at is None],
        "past": [row for row in roles if row[1].ended_at is not None],
        "second_factors": queries.second_factors_of(account.pk).count(),
        "erased": queries.is_erased(account),
        "may_give": viewer.has_perm("people.manage"),
        "may_change": account != viewer and queries.may_change(mine, account),
    }
    return render(request, "people/person.html", context)


@access.requires("people.manage")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person by e-mail with their first role."""
    by = queries.actor(request)
    form = InviteForm(signed_in_account(request), request.POST or None)
    made: list[Account] = []
    if request.method == "POST" and changed(
        form, lambda given: made.append(actions.invite(by=by, **given))
    ):
        return redirect("person-invited", pk=made[0].pk)
    return page_of_form(
        request, form, _("Invite a person"), _("Send the invitation"), crumbs=_crumbs(_("Invite"))
    )


@access.requires("people.manage")
def invited(request: HttpRequest, pk: int) -> HttpResponse:
    """What happens next; where no mail server is set, the link to hand over oneself."""
    account = _account(request, pk, "people.manage")
    unused = account.last_login is None and not account.has_usable_password()
    # The link is the account itself: only for somebody who could hand on every role it holds.
    mine = queries.may_change(queries.held(signed_in_account(request)), account)
    link = queries.password_link(account) if unused and mine and not queries.mail_leaves() else ""
    context = {"account": account, "link": link, "crumbs": _crumbs(_("Invited"))}
    return render(request, "people/invited.html", context)


@access.requires("people.manage")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's name, address, telephone, language or organisation."""
    account = _account(request, pk, "people.manage")
    names = ("name", "email", "phone", "language", "organisation")
    initial = {name: getattr(account, name) for name in names}
    form = AccountForm(signed_in_account(request), request.POST or None, initial=initial)
    by = queries.actor(request)
    if request.method == "POST" and changed(
        form, lambda given: actions.update_account(account, by=by, **given)
    ):
        messages.success(request, _("The account was saved."))
        return redirect("person", pk=pk)
    crumbs = _crumbs(_("Change"), account)
    return page_of_form(request, form, _("Change the account"), _("Save"), crumbs=crumbs)


@access.requires("people.manage")
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role at a division."""
    account = _account(request, pk, "people.manage")
    form = RoleForm(signed_in_account(request), request.POST or None)
    by = queries.actor(request)
    if request.method == "POST" and changed(
        form, lambda given: actions.grant_role(account, by=by, **given)
    ):
        messages.success(request, _("The role was given. It counts from now."))
        return redirect("person", pk=pk)
    crumbs = _crumbs(_("Give a role"), account)
    return page_of_form(request, form, _("Give a role"), _("Give the role"), crumbs=crumbs)


@access.requires("people.manage")
def end_role(request: HttpRequest, pk: int, grant_id: int) -> HttpResponse:
    """End a role, after a page that says what follows."""
    account = _account(request, pk, "people.manage")
    scope = queries.scope(request.user, "people.manage")
    present: RoleGrant = get_object_or_404(
        queries.grants_in(scope), pk=grant_id, account=account, ended_at=None
    )
    words = {"role": ROLES[present.role].title, "division": present.division.name}
    question = _question(
        account,
        _("End the role %(role)s at %(division)s") % words,
        [
            _("From the next click on, the person can do nothing more in this role."),
            _("They are signed out everywhere and can sign in again with what is left to them."),
            _("Tasks and discrepancies in their name stay open: pass them on."),
        ],
        _("End the role"),
        _("The role has ended."),
    )
    by = queries.actor(request)
    return asked(request, question, lambda note: actions.end_role(present, by=by, note=note))


@access.requires("people.manage")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account."""
    account = _account(request, pk, "people.manage")
    question = _question(
        account,
        _("Close the account"),
        [
            _("The person is signed out everywhere and can no longer sign in."),
            _("Their roles stay written: you can reopen the account."),
        ],
        _("Close the account"),
        _("The account is closed."),
    )
    by = queries.actor(request)
    return asked(request, question, lambda note: actions.close_account(account, by=by, note=note))


@access.requires("people.manage")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a closed account in again."""
    account = _account(request, pk, "people.manage")
    question = _question(
        account,
        _("Reopen the account"),
        [_("The person can sign in again, with the roles listed on their page.")],
        _("Reopen the account"),
        _("The account is open again."),
        reason=False,
    )
    by = queries.actor(request)
    return asked(request, question, lambda _note: actions.reopen_account(account, by=by))


@access.requires("people.manage")
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a person out on every device: a telephone was lost."""
    account = _account(request, pk, "people.manage")
    question = _question(
        account,
        _("Sign the person out everywhere"),
        [_("Every browser and telephone signed in with this account has to sign in again.")],
        _("Sign out everywhere"),
        _("The person is signed out everywhere."),
        reason=False,
    )
    by = queries.actor(request)
    return asked(request, question, lambda _note: actions.end_sessions(account, by=by))


@access.requires("people.manage")
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a second factor that was lost."""
    account = _account(request, pk, "people.manage")
    question = _question(
        account,
        _("Reset the second factor"),
        [
            _("Make sure that you speak to the person: call the number you know."),
            _("Their authenticator app, keys and recovery codes stop working at once."),
            _("They sign in with the password and set up a new second factor."),
        ],
        _("Reset the second factor"),
        _("The second factor was reset."),
        reason=False,
    )
    by = queries.actor(request)
    return asked(request, question, lambda _note: actions.reset_second_factor(account, by=by))


@access.requires("people.manage")
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a person for good; a second person confirms what the first has closed."""
    account = _account(request, pk, "people.manage")
    question = _question(
        account,
        _("Erase the person"),
        [
            _("Name, e-mail address and telephone are deleted. This cannot be undone."),
            _("All roles end; what was done under this account stays written without the name."),
            _("It takes two people: somebody else has closed the account, you erase it."),
        ],
        _("Erase for good"),
        _("The person was erased."),
        reason=False,
    )
    by = queries.actor(request)
    return asked(request, question, lambda _note: actions.erase_account(account, by=by))


def _account(request: HttpRequest, pk: int, permission: str) -> Account:
    """The account if it lies in the area of the permission; elsewhere it is "not there"."""
    found: Account = get_object_or_404(
        queries.accounts_in(queries.scope(request.user, permission)), pk=pk
    )
    return found


def _question(
    account: Account,
    title: str,
    effects: list[str],
    button: str,
    done: str,
    *,
    reason: bool = True,
) -> Question:
    return Question(
        title=title,
        effects=list[Text](effects),
        button=button,
        done=done,
        back=reverse("person", args=[account.pk]),
        crumbs=_crumbs(title, account),
        reason=reason,
    )


def _crumbs(here: str, account: Account | None = None) -> list[tuple[Text, str]]:
    crumbs: list[tuple[Text, str]] = [(_("People"), reverse("people"))]
    if account:
        crumbs.append((account.name or _("Erased"), reverse("person", args=[account.pk])))
    return [*crumbs, (here, "")]
