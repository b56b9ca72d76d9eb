"""A guide's text as HTML: a small part of Markdown, and nothing that could carry a script.

    ## heading        ### smaller heading       - point        1. step
    **bold**          [words](https://address)   [words](/guides/when-to-go/)

An address begins with https:// or is one of this site, so that a guide can lead to another.

Everything else is text and is shown as it stands. Blocks are separated by an empty line; a list
may follow a line of text directly.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

MOST_CHARACTERS = 20_000
HEADING = re.compile(r"(##|###) +(\S.*)")
POINT = re.compile(r"- +(\S.*)")
STEP = re.compile(r"[0-9]{1,2}\. +(\S.*)")
# No longer than so much: a page of stars that never end would take a second to look through.
BOLD = re.compile(r"\*\*(?=\S)(.{1,300}?)(?<=\S)\*\*")
# In escaped text: quotes and angle brackets are entities by then, so an address cannot end early.
# Its host is what it seems to be: no name before an @, no backslash that browsers turn round.
LINK = re.compile(
    r"\[([^\[\]]+)\]\((https://[^\s()<>\"'@/?#\\]+(?:[/?#][^\s()<>\"'\\]*)?|/(?:[\w-]+/)*)\)"
)


def rendered(text: str) -> SafeString:
    """The text as HTML of h2, h3, p, ul, ol, strong and a. Raises ValueError for over 20,000
    characters."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"A guide has at most {MOST_CHARACTERS} characters.")
    return mark_safe("\n".join(_blocks(text)))  # noqa: S308 - every character was escaped


def _blocks(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.splitlines()]
    for kind, group in groupby(lines, key=_kind):
        found = list(group)
        if kind == "heading":
            for line in found:
                marks, words = _match(HEADING, line)
                yield f"<h{len(marks)}>{_inline(words)}</h{len(marks)}>"
        elif kind == "point":
            yield _list("ul", [_match(POINT, line)[0] for line in found])
        elif kind == "step":
            yield _list("ol", [_match(STEP, line)[0] for line in found])
        elif kind == "text":
            yield f"<p>{'<br>'.join(_inline(line) for line in found)}</p>"


def _kind(line: str) -> str:
    if not line:
        return ""
    for kind, pattern in (("heading", HEADING), ("point", POINT), ("step", STEP)):
        if pattern.fullmatch(line):
            return kind
    return "text"


def _match(pattern: re.Pattern[str], line: str) -> tuple[str, ...]:
    found = pattern.fullmatch(line)
    return found.groups() if found else ("", "")


def _list(tag: str, items: list[str]) -> str:
    return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>"


def _inline(words: str) -> str:
    shown = BOLD.sub(r"<strong>\1</strong>", str(escape(words)))
    return LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', shown)


def plain(text: str) -> str:
    """The words alone, for a search."""
    words = LINK.sub(r"\1", BOLD.sub(r"\1", text))
    return re.sub(r"^(#{2,3}|-|[0-9]{1,2}\.) +", "", words, flags=re.MULTILINE)
