"""The guides of the release come into the database."""

from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.people.queries import digest_of_text

from ..models import Guide, GuideVersion
from ..queries import newest_version
from ..rules.builtin import Builtin, builtin_guides
from .guides import create_guide, write_guide


def load_builtin_guides(*, by: Actor = SYSTEM) -> int:
    """Make or renew each guide of the release; returns how many versions came.

    A wording that was here once is not brought again. Where the staff wrote the newest version,
    the release's wording comes as a draft: theirs stays with the readers.
    """
    return sum(_loaded(one, by) for one in builtin_guides())


def _loaded(one: Builtin, by: Actor) -> int:
    guide = Guide.objects.filter(slug=one.slug).first()
    if guide is None:
        create_guide(one.slug, one.audience, one.topic, one.text, by=by, publish=True)
        return 1
    if GuideVersion.objects.filter(guide=guide, sha256=digest_of_text(one.text.content)).exists():
        return 0
    last = newest_version(guide)
    ours = last is not None and last.by == str(by) and last.state == GuideVersion.State.PUBLISHED
    write_guide(guide, one.text, by=by, note="release", publish=ours)
    return 1
