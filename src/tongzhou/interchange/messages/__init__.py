"""Every sentence this package says about a file, in English and Chinese, as plain data.

A sentence has two parts: what is wrong, and the cure. Both are templates whose names in braces
are filled from the parameters of the problem. An application in another language passes
`translate`, a function from the English template to its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tongzhou.interchange.messages.chinese import CHINESE
from tongzhou.interchange.messages.english import ENGLISH

Translate = Callable[[str], str]


class Told(Protocol):
    """Anything with a message code and parameters: a refusal or a note."""

    code: str
    params: dict[str, str]


LANGUAGES = {"en": ENGLISH, "zh": CHINESE}


def sentence(
    problem: Told | Mapping[str, object],
    lang: str = "en",
    *,
    translate: Translate | None = None,
) -> str:
    """What is wrong and what to do, for a refusal, a note or a row of `Table.problems`."""
    code, params = _told(problem)
    gap = "" if lang == "zh" else " "
    return gap.join(part for part in parts(code, params, lang, translate=translate) if part)


def parts(
    code: str,
    params: Mapping[str, object],
    lang: str = "en",
    *,
    translate: Translate | None = None,
) -> tuple[str, str]:
    """(What is wrong, the cure) for one message code; a parameter not given is an empty text."""
    what, cure = LANGUAGES[lang][code]
    if translate is not None:
        what, cure = (translate(part) if part else "" for part in ENGLISH[code])
    if "{examples}" in cure and not params.get("examples"):
        # Examples of personal cells are never given.
        cure = ""
    values = _Blank(params)
    return what.format_map(values), cure.format_map(values)


class _Blank(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return ""


def _told(problem: Told | Mapping[str, object]) -> tuple[str, dict[str, object]]:
    if not isinstance(problem, Mapping):
        return problem.code, dict(problem.params)
    params = problem.get("params")
    given = dict(params) if isinstance(params, Mapping) else {}
    return str(problem["code"]), {**problem, **given}
