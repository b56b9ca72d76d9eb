"""The shapes that several pages share: a form that calls an action, a question before a change."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from tongzhou.people.models import Account

from ..actions import SupplyRefused
from ..forms import ReasonForm

Text = str | Promise
Crumbs = Sequence[tuple[Text, str]]


def account_of(request: HttpRequest) -> Account:
    """The account behind a guarded view."""
    assert isinstance(request.user, Account)
    return request.user


def done(form: forms.Form, change: Callable[[dict[str, Any]], object]) -> bool:
    """Run an action on a valid form; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        change(form.cleaned_data)
    except SupplyRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


def form_page(
    request: HttpRequest, form: forms.Form, title: Text, button: Text, crumbs: Crumbs, **more: Any
) -> HttpResponse:
    """A page with one form; 422 when there is something to correct."""
    context = {"form": form, "title": title, "button": button, "crumbs": crumbs, **more}
    return render(request, "form_page.html", context, status=422 if form.errors else 200)


def question_page(
    request: HttpRequest,
    change: Callable[[str], object],
    *,
    title: Text,
    effects: Sequence[Text],
    button: Text,
    success: Text,
    back: str,
    crumbs: Crumbs,
) -> HttpResponse:
    """Say what will happen and ask why; on POST do it and go back."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and done(form, lambda given: change(given["note"])):
        messages.success(request, str(success))
        return redirect(back)
    context = {
        "form": form,
        "title": title,
        "effects": effects,
        "button": button,
        "back": back,
        "crumbs": crumbs,
    }
    return render(request, "question_page.html", context, status=422 if form.errors else 200)


def step(
    request: HttpRequest, change: Callable[[], object], success: Text, back: str
) -> HttpResponse:
    """A button that does one thing: what was refused is said on the page it came from."""
    try:
        change()
    except SupplyRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, str(success))
    return redirect(back)
