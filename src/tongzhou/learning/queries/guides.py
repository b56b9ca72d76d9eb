"""The version of each guide that is read today."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language

from tongzhou.kit import clock
from tongzhou.people.queries import digest_of_text

from ..models import Guide, GuideVersion
from ..rules.guides import GuideText, Source, means

MOST_GUIDES = 500


@dataclass(frozen=True, slots=True)
class GuideTitle:
    """What a list shows of a guide, in the reader's language."""

    slug: str
    title: str
    audience: str
    topic: str


def _shown() -> QuerySet[GuideVersion]:
    return GuideVersion.objects.filter(
        state=GuideVersion.State.PUBLISHED, valid_from__lte=clock.today()
    )


def guides_now(*, text: str = "") -> list[GuideVersion]:
    """The published version of each guide whose day has come, in the order of topics; those that
    hold every word of `text` in title or body. At most 500 guides are looked at."""
    newest = _newest(_shown().select_related("guide").order_by("-number"))
    found = [one for one in newest if means(text_of(one), text)] if text.strip() else newest
    return sorted(found, key=_place)


def guide_titles() -> list[GuideTitle]:
    """The titles of the guides that are read today, by one query that fetches no text."""
    fields = ("guide", "number", "title_zh", "title_en")
    rows = _shown().select_related("guide").only(
        *fields, "guide__slug", "guide__audience", "guide__topic"
    ).order_by("-number")  # fmt: skip
    language = language_now()
    return [
        GuideTitle(one.guide.slug, title_of(one, language), one.guide.audience, one.guide.topic)
        for one in sorted(_newest(rows), key=_place)
    ]


def guides_mark() -> str:
    """Another text whenever a list of titles would be another."""
    shown = sorted(
        (row.guide_id, row.pk) for row in _newest(_shown().only("guide").order_by("-number"))
    )
    return digest_of_text(shown)[:12]


def guide_now(slug: str) -> GuideVersion | None:
    """The version that is read today, None where there is none."""
    rows = _shown().filter(guide__slug=slug).select_related("guide")
    return rows.order_by("-number").first()


def newest_version(guide: Guide) -> GuideVersion | None:
    """The last that was written, whatever its state."""
    return guide.versions.order_by("-number").first()


def text_of(version: GuideVersion) -> GuideText:
    """The version as rules take it."""
    return GuideText(
        title={"zh": version.title_zh, "en": version.title_en},
        body={"zh": version.body_zh, "en": version.body_en},
        sources=tuple(Source(**row) for row in version.sources),
        as_of=version.as_of,
        valid_from=version.valid_from,
    )


def title_of(version: GuideVersion, language: str) -> str:
    return version.title_zh if language == "zh" else version.title_en


def language_now() -> str:
    """The reader's language as the texts name it."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def _newest(rows: Iterable[GuideVersion]) -> list[GuideVersion]:
    """The first of each guide, of rows with the newest first."""
    found: dict[int, GuideVersion] = {}
    for row in rows:
        found.setdefault(row.guide_id, row)
        if len(found) == MOST_GUIDES:
            break
    return list(found.values())


def _place(version: GuideVersion) -> tuple[int, str]:
    return list(Guide.Topic.values).index(version.guide.topic), version.guide.slug
