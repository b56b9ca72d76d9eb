"""The guides as everybody reads them: a list with a search, and one guide to read and to print."""

from importlib.resources import files
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongzhou.kit.access import public

from .. import queries
from ..models import Guide, GuideVersion
from ..queries.signing import standing_of
from ..rules.guides import SEARCH_CHARACTERS
from ..rules.markdown import rendered

# The same for everybody: a front may keep it, for a day where we are away.
KEPT = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"


@public
@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """The guides that are read today, by topic, or those that hold what was typed."""
    text = request.GET.get("q", "").strip()[:SEARCH_CHARACTERS]
    language = queries.language_now()
    found = queries.guides_now(text=text)
    titled = [(one, queries.text_of(one).title[language]) for one in found]
    parts = [
        (Guide.Topic(topic).label, list(rows))
        for topic, rows in groupby(titled, key=lambda pair: pair[0].guide.topic)
    ]
    return _kept(render(request, "learning/guides.html", {"parts": parts, "q": text}))


@public
@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One guide with its day, its sources and whether a clinician signed it."""
    version = queries.guide_now(slug)
    if version is None:
        raise Http404
    return _kept(render(request, "learning/guide.html", shown(version)))


def shown(version: GuideVersion) -> dict[str, object]:
    """What the page of a version shows."""
    text, language = queries.text_of(version), queries.language_now()
    return {
        "version": version,
        "title": text.title[language],
        "body": rendered(text.body[language]),
        "sources": [one.text(language) for one in text.sources],
        "standing": standing_of(version) if version.pk else None,
    }


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps what was opened: below /guides/, so that it answers there alone."""
    script = files("tongzhou.learning").joinpath("static/learning/worker.js").read_bytes()
    response = HttpResponse(script, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = KEPT
    return response
