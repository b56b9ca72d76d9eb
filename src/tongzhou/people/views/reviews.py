"""Which texts about health a clinician has signed, and the page that is read and signed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongzhou.kit import access

from .. import actions, queries
from ..forms import SignForm
from ..models import Review
from ..queries.reviews import Standing, State, health_text, review_standings, standings_of
from .changing import changed, signed_in_account


@require_GET
@access.requires("reviews.view")
def reviews(request: HttpRequest) -> HttpResponse:
    """Every text with its state, by kind; or only those that wait."""
    waiting = request.GET.get("only") == "waiting"
    language = _language()
    sections = []
    for kind in Review.Kind:
        found = review_standings(kind)
        unsigned = sum(one.state is not State.SIGNED for one in found)
        rows = [one for one in found if not (waiting and one.state is State.SIGNED)]
        named = [(one, one.text.title[language]) for one in rows]
        sections.append({"kind": kind, "rows": named, "unsigned": unsigned, "total": len(found)})
    context = {"sections": sections, "waiting": waiting, "crumbs": [(_("Reviews"), "")]}
    return render(request, "people/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires("reviews.view")
def review(request: HttpRequest, kind: str, ref: str) -> HttpResponse:
    """One text in both languages with its source, its signatures, and the way to sign it."""
    text = health_text(kind, ref)
    if text is None:
        raise Http404
    account = signed_in_account(request)
    form = SignForm(request.POST or None, initial={"sha256": text.sha256})
    if request.method == "POST":
        by = queries.actor(request)
        if changed(form, lambda given: actions.sign_review(kind, ref, by=by, **given)):
            messages.success(request, _("Signed: %(title)s") % {"title": text.title[_language()]})
            return redirect(_next(kind, ref))
    (standing,) = standings_of([text])
    signed = Review.objects.filter(kind=kind, ref=ref).order_by("-at", "-pk")[:50]
    context = {
        "standing": standing,
        "title": text.title[_language()],
        "parts": text.parts(),
        "signed": [(row, row.sha256 == text.sha256) for row in signed],
        "may_sign": queries.is_clinician(account),
        "mine": any(row.sha256 == text.sha256 and row.account_id == account.pk for row in signed),
        "form": form,
        "crumbs": [(_("Reviews"), reverse("reviews")), (text.title[_language()], "")],
    }
    return render(request, "people/review.html", context, status=422 if form.errors else 200)


def _next(kind: str, ref: str) -> str:
    """The text after this one that still waits: forty are signed one after another."""
    found: list[Standing] = review_standings(kind)
    place = next((n for n, one in enumerate(found) if one.text.ref == ref), 0)
    for one in [*found[place + 1 :], *found[:place]]:
        if one.state is not State.SIGNED:
            return reverse("review", args=[kind, one.text.ref])
    return reverse("reviews")


def _language() -> str:
    return "zh" if (get_language() or "en").startswith("zh") else "en"
