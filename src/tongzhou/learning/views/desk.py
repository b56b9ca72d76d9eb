"""The office's pages of the guides: the list, one guide with its versions, writing, publishing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, holds_whole, standings_of

from .. import actions, queries
from ..forms import NewGuideForm, TextForm, initial_of
from ..models import Guide, GuideVersion
from ..queries.signing import health_text_of
from ..rules.guides import GuideRefused
from .public import shown

VERSIONS_SHOWN = 50
# A guide lies in no division: who writes it writes for every place.
writes = requires("guides.edit", whole=True)


@require_GET
@requires("guides.edit")
def guides(request: HttpRequest) -> HttpResponse:
    """Every guide with the version in force, whether it is signed, and drafts that wait."""
    now = queries.guides_now()
    rows = list(Guide.objects.order_by("topic", "slug")[: queries.MOST_GUIDES])
    signed = {one.text.ref: one for one in standings_of(health_text_of(one) for one in now)}
    in_force = {one.guide_id: one for one in now}
    newest = {v.guide_id: v for v in GuideVersion.objects.order_by("number")}
    language = queries.language_now()
    listed = [
        {
            "guide": one,
            "title": queries.text_of(newest[one.pk]).title[language],
            "now": in_force.get(one.pk),
            "newest": newest[one.pk],
            "standing": signed.get(one.slug),
        }
        for one in rows
    ]
    may_write = holds_whole(request.user, "guides.edit")
    context = {"rows": listed, "may_write": may_write, "crumbs": [(_("Guides"), "")]}
    return render(request, "learning/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@writes
def new(request: HttpRequest) -> HttpResponse:
    """A guide that is not there yet; its first version is a draft."""
    form = NewGuideForm(request.POST or None, initial=initial_of(None))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if "preview" in request.POST:
            guide = Guide(slug=given["slug"], audience=given["audience"], topic=given["topic"])
            return _preview(request, guide, form)
        try:
            made = actions.create_guide(
                given["slug"], given["audience"], given["topic"], form.text, by=actor(request)
            )
            return _saved(request, made)
        except GuideRefused as refused:
            form.add_error(None, str(refused))
    title = _("Write a guide")
    context = {"form": form, "title": title, "crumbs": [*_crumbs(), (title, "")]}
    return render(request, "learning/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@writes
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A guide's versions, and the form that writes the next."""
    guide = get_object_or_404(Guide, slug=slug)
    last = queries.newest_version(guide)
    form = TextForm(request.POST or None, initial=initial_of(last))
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            return _preview(request, guide, form)
        try:
            note = form.cleaned_data["note"]
            made = actions.write_guide(guide, form.text, by=actor(request), note=note)
            return _saved(request, made)
        except GuideRefused as refused:
            form.add_error(None, str(refused))
    now = queries.guide_now(slug)
    context = {
        "form": form,
        "guide": guide,
        "title": queries.text_of(last).title[queries.language_now()] if last else slug,
        "versions": guide.versions.order_by("-number")[:VERSIONS_SHOWN],
        "now": now,
        "crumbs": [*_crumbs(), (slug, "")],
    }
    return render(request, "learning/edit.html", context, status=422 if form.errors else 200)


@require_GET
@writes
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version as readers see it, or would."""
    found = _version(slug, number)
    draft = found.state != GuideVersion.State.PUBLISHED
    return render(request, "learning/guide.html", shown(found) | {"draft": draft})


@require_POST
@writes
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give a version to the readers."""
    actions.publish_guide(_version(slug, number), by=actor(request))
    messages.success(request, _("Published: version %(n)d") % {"n": number})
    return redirect("guide-desk", slug=slug)


@require_POST
@writes
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take a version from the readers."""
    try:
        actions.withdraw_guide(_version(slug, number), by=actor(request))
        messages.success(request, _("Withdrawn: version %(n)d") % {"n": number})
    except GuideRefused as refused:
        messages.error(request, str(refused))
    return redirect("guide-desk", slug=slug)


def _version(slug: str, number: int) -> GuideVersion:
    rows = GuideVersion.objects.select_related("guide")
    return get_object_or_404(rows, guide__slug=slug, number=number)


def _preview(request: HttpRequest, guide: Guide, form: TextForm) -> HttpResponse:
    """What was typed as a page; nothing is kept."""
    text = form.text
    unsaved = GuideVersion(
        guide=guide,
        number=0,
        title_zh=text.title["zh"],
        title_en=text.title["en"],
        body_zh=text.body["zh"],
        body_en=text.body["en"],
        sources=[{"zh": one.zh, "en": one.en, "kind": one.kind} for one in text.sources],
        as_of=text.as_of,
        valid_from=text.valid_from,
    )
    return render(request, "learning/guide.html", shown(unsaved) | {"draft": True})


def _saved(request: HttpRequest, made: GuideVersion) -> HttpResponse:
    messages.success(request, _("Kept as version %(n)d.") % {"n": made.number})
    return redirect("guide-desk", slug=made.guide.slug)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Guides"), reverse("guides-desk"))]
