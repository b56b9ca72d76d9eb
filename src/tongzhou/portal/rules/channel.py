"""What stands on a channel page: which cards, in which order, and whom each of them names.

A division's content is a mapping with a key for every part that its staff decided; a part that is
not there is taken from the nearest division above that has it. The red flags are no part of it:
they come first on every page.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ASK_DOCTOR = "ask_doctor"
MEDICINE_AID = "medicine_aid"
FEVER_CLINICS = "fever_clinics"
HOTLINES = "hotlines"
PARTNERS = "partners"
ORDER = "order"
# The cards below the red flags, in the order that holds where nobody decided another.
CARDS = (
    ASK_DOCTOR,
    MEDICINE_AID,
    FEVER_CLINICS,
    "medicines",
    "guides",
    HOTLINES,
    "supplies",
    PARTNERS,
)
TITLES: Mapping[str, Promise] = {
    ASK_DOCTOR: gettext_lazy("Ask a doctor"),
    MEDICINE_AID: gettext_lazy("Medicine from neighbours"),
    FEVER_CLINICS: gettext_lazy("Fever clinics"),
    "medicines": gettext_lazy("Check a medicine"),
    "guides": gettext_lazy("Guides"),
    HOTLINES: gettext_lazy("Telephone numbers"),
    "supplies": gettext_lazy("Where the supplies are"),
    PARTNERS: gettext_lazy("Partners"),
}
PARTS = (ORDER, ASK_DOCTOR, MEDICINE_AID, HOTLINES, PARTNERS)
LISTS = (HOTLINES, PARTNERS)
SERVICES_AT_MOST = 8
CHILDREN_SHOWN = 400
NAME_CHARACTERS = 60
SAYS_CHARACTERS = 200
URL_CHARACTERS = 300
PHONE = re.compile(r"\+?[0-9][0-9 \-]{1,22}[0-9]")
URL = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")

# What people type who look for a card rather than for a place.
ALIASES: Mapping[str, tuple[str, ...]] = {
    ASK_DOCTOR: ("问医生", "看医生", "在线问诊", "义诊", "ask a doctor", "doctor"),
    MEDICINE_AID: ("药品互助", "互助", "借药", "换药", "medicine aid", "mutual aid"),
    FEVER_CLINICS: ("发热门诊", "看病", "医院", "急诊", "fever clinic", "hospital"),
    "medicines": ("查药", "用药", "药品核对", "追溯码", "退烧药", "medicine", "drug", "trace code"),
    "guides": ("指南", "手册", "居家", "康复", "返乡", "防护", "guide", "guides"),
    HOTLINES: ("热线", "电话", "12345", "12320", "hotline", "phone"),
    "supplies": ("物资", "血氧仪", "捐赠", "supplies", "oximeter", "oximeters"),
}


class ContentRefused(ValueError):
    """The content of a page cannot be kept; the text says which part of it and what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """Somebody to turn to: a name in two languages, when they answer, a telephone, an address."""

    zh: str
    en: str = ""
    phone: str = ""
    url: str = ""
    says_zh: str = ""
    says_en: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Raises ContentRefused for a name, telephone or address that a page cannot show."""
        texts = {name: str(row.get(name, "")).strip() for name in cls.__dataclass_fields__}
        made = cls(**texts)
        made._check()
        return made

    def _check(self) -> None:
        name = self.zh or self.en or self.phone
        if not self.zh:
            raise ContentRefused(_("%(name)s lacks its Chinese name. Enter it.") % {"name": name})
        if not self.phone and not self.url:
            raise ContentRefused(
                _("%(name)s has neither a telephone nor an address. Enter one.") % {"name": name}
            )
        if self.phone and not PHONE.fullmatch(self.phone):
            raise ContentRefused(
                _("The telephone of %(name)s must be digits, with spaces or hyphens between.")
                % {"name": name}
            )
        if self.url and (len(self.url) > URL_CHARACTERS or not URL.fullmatch(self.url)):
            raise ContentRefused(
                _("The address of %(name)s must start with https:// and have no spaces.")
                % {"name": name}
            )
        if any(unicodedata.category(sign)[0] == "C" for text in self.row.values() for sign in text):
            raise ContentRefused(
                _("The texts of %(name)s have a sign that cannot be seen. Type them by hand.")
                % {"name": name}
            )
        too_long = max(len(self.zh), len(self.en)) > NAME_CHARACTERS
        if too_long or max(len(self.says_zh), len(self.says_en)) > SAYS_CHARACTERS:
            raise ContentRefused(_("The texts of %(name)s are too long.") % {"name": name})

    @property
    def row(self) -> dict[str, str]:
        """As it is kept: what is empty is left out."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: text for name, text in named.items() if text}

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en or self.zh

    def says(self, language: str) -> str:
        return self.says_zh if language.startswith("zh") else self.says_en or self.says_zh

    @property
    def dialled(self) -> str:
        """The telephone as a `tel:` link takes it."""
        return re.sub(r"[ \-]", "", self.phone)


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows, every part resolved. `taken_from`: the code of the division that decided a
    part, for the parts that somebody decided."""

    order: tuple[str, ...] = CARDS
    ask_doctor: Service | None = None
    medicine_aid: Service | None = None
    hotlines: tuple[Service, ...] = ()
    partners: tuple[Service, ...] = ()
    taken_from: Mapping[str, str] = field(default_factory=dict)


def checked(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content in the one form that is kept. Raises ContentRefused for what cannot be shown."""
    kept: dict[str, Any] = {}
    for part, value in content.items():
        if part not in PARTS:
            raise ContentRefused(_("A page has no part %(part)s.") % {"part": part})
        if part == ORDER:
            kept[part] = _order(value)
        elif part in LISTS:
            kept[part] = [Service.of(row).row for row in _few(value)]
        else:
            kept[part] = Service.of(value).row if value else None
    return kept


def _order(names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if name not in CARDS]
    if unknown or len(set(names)) != len(names):
        raise ContentRefused(_("Each card can stand on the page once. Give each its own place."))
    return list(names)


def _few(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if len(rows) > SERVICES_AT_MOST:
        raise ContentRefused(
            _("A card holds at most %(n)d entries. Leave out the least needed.")
            % {"n": SERVICES_AT_MOST}
        )
    return rows


def resolved(decided: Iterable[tuple[str, Mapping[str, Any]]]) -> Content:
    """The content of a page out of (division code, content), the nearest division first."""
    parts: dict[str, Any] = {}
    taken_from: dict[str, str] = {}
    for code, content in decided:
        for part in PARTS:
            if part in content and part not in parts:
                parts[part], taken_from[part] = content[part], code
    return Content(
        order=tuple(parts.get(ORDER, CARDS)),
        ask_doctor=_service(parts.get(ASK_DOCTOR)),
        medicine_aid=_service(parts.get(MEDICINE_AID)),
        hotlines=tuple(Service(**row) for row in parts.get(HOTLINES, ())),
        partners=tuple(Service(**row) for row in parts.get(PARTNERS, ())),
        taken_from=taken_from,
    )


def _service(row: Mapping[str, str] | None) -> Service | None:
    return Service(**row) if row else None


def cards_meant(text: str) -> list[str]:
    """The cards that a searched text asks for, in the order of the page."""
    asked = text.strip().lower()
    if len(asked) < 2:
        return []
    return [card for card in CARDS if any(_means(asked, alias) for alias in ALIASES.get(card, ()))]


def _means(asked: str, alias: str) -> bool:
    return asked == alias or (len(asked) >= 2 and alias in asked)
