"""A guide's life: made with a first version, written anew, published, withdrawn."""

from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.people.queries import digest_of_text

from .. import queries
from ..models import Guide, GuideVersion
from ..rules.guides import GuideRefused, GuideText

CHAIN = "guides"
State = GuideVersion.State


@transaction.atomic
def create_guide(
    slug: str, audience: str, topic: str, text: GuideText, *, by: Actor, publish: bool = False
) -> GuideVersion:
    """Make a guide with its first version, event "guide.created". Raises GuideRefused for a short
    name that is taken, and for a text that a page cannot show."""
    text.check()
    guide, made = Guide.objects.get_or_create(
        slug=slug, defaults={"audience": audience, "topic": topic}
    )
    if not made:
        raise GuideRefused(_("There is a guide of this short name already. Choose another."))
    state = State.PUBLISHED if publish else State.DRAFT
    version = _written(guide, text, 1, state, "", by)
    after = _told(version) | {"audience": audience, "topic": topic}
    record("guide.created", version, by=by, chain=CHAIN, after=after)
    return version


@transaction.atomic
def write_guide(
    guide: Guide, text: GuideText, *, by: Actor, note: str = "", publish: bool = False
) -> GuideVersion:
    """Write the next version, event "guide.written"; readers keep the published one until this is
    published too. The same text once more makes no version."""
    text.check()
    Guide.objects.select_for_update().get(pk=guide.pk)  # one writer for a guide's versions
    last = queries.newest_version(guide)
    if last is not None and last.sha256 == digest_of_text(text.content):
        return last
    state = State.PUBLISHED if publish else State.DRAFT
    version = _written(guide, text, (last.number if last else 0) + 1, state, note, by)
    record("guide.written", version, by=by, chain=CHAIN, after=_told(version))
    return version


@transaction.atomic
def publish_guide(version: GuideVersion, *, by: Actor) -> GuideVersion:
    """Let readers have it from its day on, event "guide.published"."""
    return _turned(version, State.PUBLISHED, "guide.published", by)


@transaction.atomic
def withdraw_guide(version: GuideVersion, *, by: Actor) -> GuideVersion:
    """Take it from the readers, event "guide.withdrawn": the version published before comes back,
    or the guide is gone from the pages where there was none."""
    return _turned(version, State.WITHDRAWN, "guide.withdrawn", by)


def _turned(version: GuideVersion, state: str, verb: str, by: Actor) -> GuideVersion:
    row = GuideVersion.objects.select_for_update().get(pk=version.pk)
    if row.state == state:
        return row
    if state == State.WITHDRAWN and row.state != State.PUBLISHED:
        raise GuideRefused(_("Only a published version is withdrawn. A draft can be left alone."))
    before = {"state": row.state}
    row.state = state
    row.save(update_fields=["state"])
    record(verb, row, by=by, chain=CHAIN, before=before, after=_told(row))
    return row


def _written(
    guide: Guide, text: GuideText, number: int, state: str, note: str, by: Actor
) -> GuideVersion:
    return GuideVersion.objects.create(
        guide=guide,
        number=number,
        title_zh=text.title["zh"],
        title_en=text.title["en"],
        body_zh=text.body["zh"],
        body_en=text.body["en"],
        sources=[asdict(one) for one in text.sources],
        as_of=text.as_of,
        valid_from=text.valid_from,
        sha256=digest_of_text(text.content),
        state=state,
        note=note,
        by=str(by),
        at=clock.now(),
    )


def _told(version: GuideVersion) -> dict[str, object]:
    return {
        "guide": version.guide.slug,
        "version": version.number,
        "state": version.state,
        "sha256": version.sha256,
    }
