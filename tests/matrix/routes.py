"""Every address of the project, and who its view says may open it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tongzhou.kit.access import access_of

from .table import Row

PART = re.compile(r"<(?:\w+:)?(\w+)>")
MISSING: dict[type, object] = {int: 987654321, str: "Zqmissing0"}


@dataclass(frozen=True)
class Route:
    """An address and its view. It is called by its name; by its pattern, beginning with "/", where
    it has none or belongs to the API, whose names are not ours."""

    name: str
    pattern: str
    view: Callable[..., Any]

    @property
    def access(self) -> str | None:
        return access_of(self.view)


def routes() -> dict[str, Route]:
    return {route.name: route for route in _walk(get_resolver().url_patterns, "", False)}


def unlisted(known: Iterable[str], rows: Iterable[Row]) -> list[str]:
    """Routes that no row speaks of."""
    return sorted(set(known) - {row.route for row in rows})


def address(route: str, kwargs: dict[str, object], query: str = "") -> str:
    """The address of a route by its name, or by its pattern with the parts filled in."""
    if not route.startswith("/"):
        return reverse(route, kwargs=kwargs) + query
    return PART.sub(lambda part: str(kwargs[part.group(1)]), route) + query


def missing(kwargs: dict[str, object]) -> list[dict[str, object]]:
    """The same address with one part at a time naming what does not exist."""
    return [{**kwargs, name: _nothing(value)} for name, value in kwargs.items()]


def _nothing(value: object) -> object:
    return MISSING[int] if isinstance(value, int) else MISSING[str]


def _walk(patterns: list[URLPattern | URLResolver], before: str, spaced: bool) -> Iterator[Route]:
    for entry in patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, pattern, spaced or bool(entry.namespace))
        else:
            name = entry.name if entry.name and not spaced else f"/{pattern}"
            yield Route(name, pattern, entry.callback)
