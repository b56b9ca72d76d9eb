"""The shapes that several pages share: a form that calls an action, a question before a change."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import urlencode

from tongzhou.kit.paging import CursorError, Page, page
from tongzhou.people.models import Account

from ..forms import FORM_ID, ReasonForm
from ..rules import Refused

Text = str | Promise
Crumbs = Sequence[tuple[Text, str]]
ROWS = 50
_COMMAND = re.compile(r"[A-Za-z0-9_-]{8,40}")
_PUBLIC_ID = re.compile(r"[A-Z0-9-]{1,20}")


def account_of(request: HttpRequest) -> Account:
    """The account behind a guarded view."""
    assert isinstance(request.user, Account)
    return request.user


def command_of(request: HttpRequest) -> str:
    """The id that a button's form carries; what is no id of ours is answered with a new one, so
    that a made-up one cannot pass for a step that was taken before."""
    given = request.POST.get("command", "")
    return FORM_ID + (given if _COMMAND.fullmatch(given) else new_command()["command"])


def ticked(request: HttpRequest, name: str, most: int) -> list[str]:
    """The public ids that were ticked in a list; what cannot be one is left out."""
    return [one for one in request.POST.getlist(name)[:most] if _PUBLIC_ID.fullmatch(one)]


def new_command() -> dict[str, str]:
    """The id that a form carries, so that pressing twice has one effect."""
    return {"command": secrets.token_urlsafe(12)}


def listed(
    request: HttpRequest, rows: Any, *order: str, size: int = ROWS
) -> tuple[Page[Any], dict[str, str]]:
    """A page of a list by the cursor in the address, and its pager."""
    try:
        found = page(rows, *order, after=request.GET.get("after", ""), size=size)
    except CursorError as error:
        raise Http404(str(error)) from error
    return found, {"next_url": with_query(request, after=found.next) if found.next else ""}


def with_query(request: HttpRequest, **changes: str) -> str:
    """This address with some of its filters changed; an empty one falls out."""
    asked = {**request.GET.dict(), **changes}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def done(form: forms.Form, change: Callable[[dict[str, Any]], object]) -> bool:
    """Run an action on a valid form; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        change(form.cleaned_data)
    except Refused as refused:
        form.add_error(None, refused.text)
        return False
    return True


def step(
    request: HttpRequest, change: Callable[[], object], success: Text, back: str
) -> HttpResponse:
    """A button that does one thing: what was refused is said on the page it came from."""
    try:
        change()
    except Refused as refused:
        messages.error(request, refused.text)
    else:
        messages.success(request, str(success))
    return redirect(back)


def question(
    request: HttpRequest,
    change: Callable[[str, str], object],
    back: str,
    words: Mapping[str, Any],
) -> HttpResponse:
    """Say what will happen and ask what is known; on POST do it (command id, note) and go back.

    words: title, effects, button, success, crumbs.
    """
    form = ReasonForm(request.POST or None, initial=new_command())
    if request.method == "POST" and done(
        form, lambda given: change(FORM_ID + given["command"], given["note"])
    ):
        messages.success(request, str(words["success"]))
        return redirect(back)
    context = {**words, "form": form, "back": back}
    return render(request, "question_page.html", context, status=422 if form.errors else 200)


def pdf(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
