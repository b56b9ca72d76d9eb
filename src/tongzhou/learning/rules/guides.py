"""What makes a guide complete, and which guides a search means."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from . import markdown

TITLE_CHARACTERS = 80
SOURCES_AT_MOST = 20
SOURCE_CHARACTERS = 300
SEARCH_CHARACTERS = 60
KINDS = ("P", "M", "D")


class GuideRefused(ValueError):
    """The guide cannot be kept or published so; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a guide's facts come from. `kind`: P seen on a stored page, M from memory, D ours."""

    zh: str
    en: str
    kind: str

    def text(self, language: str) -> str:
        return f"{self.zh if language == 'zh' else self.en} [{self.kind}]"


@dataclass(frozen=True, slots=True)
class GuideText:
    """Everything of one version that a reader sees; titles and bodies by "zh" and "en"."""

    title: Mapping[str, str]
    body: Mapping[str, str]
    sources: tuple[Source, ...]
    as_of: date
    valid_from: date

    def check(self) -> None:
        """Raises GuideRefused for what a page cannot show."""
        for language in ("zh", "en"):
            if not self.title[language].strip() or not self.body[language].strip():
                raise GuideRefused(_("A guide has a title and a text in both languages."))
            if len(self.title[language]) > TITLE_CHARACTERS:
                raise GuideRefused(_("A title has at most %(n)d characters. Shorten it.")
                                   % {"n": TITLE_CHARACTERS})  # fmt: skip
            if len(self.body[language]) > markdown.MOST_CHARACTERS:
                raise GuideRefused(_("A text has at most %(n)d characters. Shorten it.")
                                   % {"n": markdown.MOST_CHARACTERS})  # fmt: skip
        if not 0 < len(self.sources) <= SOURCES_AT_MOST:
            raise GuideRefused(_("A guide names from 1 to %(n)d sources.")
                               % {"n": SOURCES_AT_MOST})  # fmt: skip
        if any(not one.zh or not one.en or one.kind not in KINDS for one in self.sources):
            raise GuideRefused(_("A source has words in both languages and a kind: P, M or D."))

    @property
    def content(self) -> dict[str, Any]:
        """What a signature covers."""
        return {
            "title": dict(self.title),
            "body": dict(self.body),
            "sources": [asdict(one) for one in self.sources],
            "as_of": self.as_of,
            "valid_from": self.valid_from,
        }


def sources_of(lines: str) -> tuple[Source, ...]:
    """ "P | 中文 | English", one a line. Raises GuideRefused for a line of another form."""
    found = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or parts[0] not in KINDS or len(line) > SOURCE_CHARACTERS:
            raise GuideRefused(
                _("“%(line)s” is no source. Write: P | Chinese | English") % {"line": line[:60]}
            )
        found.append(Source(parts[1], parts[2], parts[0]))
    return tuple(found)


def lines_of(sources: Sequence[Source]) -> str:
    """Sources as they are typed."""
    return "\n".join(f"{one.kind} | {one.zh} | {one.en}" for one in sources)


def means(text: GuideText, asked: str) -> bool:
    """Whether every word that was typed stands in the title or the text, in either language."""
    words = asked.lower()[:SEARCH_CHARACTERS].split()
    held = " ".join(
        [*text.title.values(), *(markdown.plain(body) for body in text.body.values())]
    ).lower()
    return all(word in held for word in words)
