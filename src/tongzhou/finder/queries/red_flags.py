"""The danger signs that come first on every resident's page, out of the health rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy

from tongzhou import clinical

# Signs that somebody at home can see, a few for each kind of person; the rules have all of them.
NOW = (
    (gettext_lazy("Anyone"), ("e1-danger", "r7-breaths", "r10-92")),
    (gettext_lazy("A child"), ("r8-convulsion", "r8-laboured")),
    (gettext_lazy("Pregnant"), ("r6-pregnant-bleeding",)),
)
SOON = ("r6-breathless", "r6-fever", "r6-disease", "r8-feed", "r6-pregnant")


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of one kind of person, each a sentence in the reader's language."""

    title: str
    signs: list[str]


@dataclass(frozen=True, slots=True)
class RedFlags:
    """Call now; or see a doctor within the hour or today."""

    now: list[Signs]
    soon: list[str]


def red_flags() -> RedFlags:
    """The card in the active language."""
    return RedFlags(
        now=[Signs(str(title), _texts(ids)) for title, ids in NOW],
        soon=_texts(SOON),
    )


def for_everybody() -> dict[str, object]:
    """What a page shows whoever asks for it, so that it may be kept: the signs and the numbers."""
    return {
        "emergency_number": settings.EMERGENCY_NUMBER,
        "red_flags": red_flags(),
        "hotline": settings.HOTLINE,
        "is_demo": settings.MODE == "demo",
    }


def unreviewed_signs() -> int:
    """How many of the shown signs no clinician has signed yet."""
    shown = {one for _title, ids in NOW for one in ids} | set(SOON)
    return len(shown & set(clinical.load().unreviewed()))


def _texts(ids: Sequence[str]) -> list[str]:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    rules = clinical.load().rules
    return [rules[one].text[language] for one in ids]
