"""The guides as texts that a clinician signs: what is read today, else what waits to be read."""

from collections.abc import Iterable

from tongzhou.people.queries import HealthText, Part, Standing, health_texts, standings_of

from ..models import GuideVersion
from .guides import MOST_GUIDES, guides_now, text_of

TITLE = {"zh": "标题", "en": "Title"}
BODY = {"zh": "正文", "en": "Body"}
SOURCE = {"zh": "来源", "en": "Source"}
DAYS = {"zh": "核对日期、生效日期", "en": "As of, valid from"}


@health_texts("guide")
def guides() -> Iterable[HealthText]:
    """The version of each guide in force, and the newest draft of one that is not."""
    now = guides_now()
    drafts = GuideVersion.objects.filter(state=GuideVersion.State.DRAFT).exclude(
        guide__in=[one.guide_id for one in now]
    )
    waiting = {one.guide_id: one for one in drafts.select_related("guide").order_by("number")}
    return [health_text_of(one) for one in [*now, *waiting.values()][:MOST_GUIDES]]


def health_text_of(version: GuideVersion) -> HealthText:
    return HealthText(
        kind="guide",
        ref=version.guide.slug,
        version=str(version.number),
        sha256=version.sha256,
        title={"zh": version.title_zh, "en": version.title_en},
        parts=lambda: _parts(version),
    )


def standing_of(version: GuideVersion) -> Standing:
    """Whether a clinician signed this wording."""
    return standings_of([health_text_of(version)])[0]


def _parts(version: GuideVersion) -> list[Part]:
    text = text_of(version)
    days = f"{text.as_of.isoformat()}, {text.valid_from.isoformat()}"
    return [
        Part(TITLE, text.title["zh"], text.title["en"]),
        Part(BODY, text.body["zh"], text.body["en"]),
        *(Part(SOURCE, one.text("zh"), one.text("en")) for one in text.sources),
        Part(DAYS, days, days),
    ]
