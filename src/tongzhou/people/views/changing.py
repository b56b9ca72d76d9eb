"""The two shapes of a change: a form that calls an action, and a page that asks before it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.functional import Promise

from ..forms import ReasonForm
from ..models import Account
from ..rules import NotAllowedError, NotPossibleError

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks before something is ended, closed or erased."""

    title: Text
    effects: list[Text]
    button: Text
    done: Text
    back: str
    crumbs: list[tuple[Text, str]] = field(default_factory=list)
    reason: bool = True


def changed(form: forms.Form, change: Callable[[dict[str, Any]], object]) -> bool:
    """Run the action on a valid form; what the action refuses becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        change(form.cleaned_data)
    except (NotAllowedError, NotPossibleError) as refused:
        form.add_error(None, str(refused))
        return False
    return True


def asked(
    request: HttpRequest, question: Question, change: Callable[[str], object]
) -> HttpResponse:
    """Show what will happen; on POST do it and go back with what happened."""
    form = ReasonForm(request.POST or None) if question.reason else forms.Form(request.POST or None)
    if request.method == "POST":
        form.is_bound = True
        if changed(form, lambda given: change(given.get("note", ""))):
            messages.success(request, str(question.done))
            return redirect(question.back)
    context = {
        "form": form,
        "title": question.title,
        "effects": question.effects,
        "button": question.button,
        "back": resolve_url(question.back),
        "crumbs": question.crumbs,
    }
    return render(request, "question_page.html", context)


def signed_in_account(request: HttpRequest) -> Account:
    """The account behind a guarded view."""
    assert isinstance(request.user, Account)
    return request.user


def page_of_form(
    request: HttpRequest, form: forms.Form, title: Text, button: Text, **context: Any
) -> HttpResponse:
    """A page with one form; 422 when something in it is to correct, so that programs notice too."""
    values: Mapping[str, Any] = {"form": form, "title": title, "button": button, **context}
    return render(request, "form_page.html", values, status=422 if form.errors else 200)
