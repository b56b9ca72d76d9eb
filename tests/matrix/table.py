"""The rows of the matrix: one for each route, written in rows/<app>.py."""

from collections.abc import Callable
from dataclasses import dataclass

from tongzhou.kit import access

from .oracle import Rule, inside
from .world import Built, Making

Builder = Callable[[Making], Built]


@dataclass(frozen=True)
class Row:
    """What is expected of one route."""

    route: str
    access: str
    shape: str
    build: Builder | None = None
    methods: tuple[str, ...] = ("GET",)
    rule: Rule = inside
    by_organisation: bool = False
    marks: bool = True
    same: bool = True
    names: bool = True
    writes: bool = False
    absent: bool = False
    why: str = ""

    @property
    def guarded(self) -> bool:
        """Whether a permission decides."""
        return "." in self.access


def _methods(gets: bool, posts: bool) -> tuple[str, ...]:
    return (("GET",) if gets else ()) + (("POST",) if posts else ())


def page(
    route: str,
    permission: str,
    build: Builder,
    *,
    gets: bool = True,
    posts: bool = False,
    **more: object,
) -> Row:
    """One object in the address. `posts=True` takes a form too, `gets=False` nothing else.
    `writes=True`: with the builder's data the form of somebody in reach leaves one event."""
    return Row(route, permission, "page", build, _methods(gets, posts), **more)  # type: ignore[arg-type]


def listing(route: str, permission: str, build: Builder, **more: object) -> Row:
    """Objects of the reader's area; the builder makes one, its marks show it, its query narrows."""
    return Row(route, permission, "listing", build, **more)  # type: ignore[arg-type]


def form(
    route: str,
    permission: str,
    build: Builder | None = None,
    *,
    gets: bool = True,
    posts: bool = True,
    **more: object,
) -> Row:
    """No object in the address; with a builder, its data names the object in the body."""
    return Row(route, permission, "form", build, _methods(gets, posts), **more)  # type: ignore[arg-type]


def own(route: str, build: Builder | None = None, **more: object) -> Row:
    """About the reader's own account: anybody signed in opens it and sees nobody else. With a
    builder the address names somebody else's, which is not there; `absent`: theirs may not be."""
    return Row(route, access.SIGNED_IN, "own", build, **more)  # type: ignore[arg-type]


def signed_in(route: str, permission: str, build: Builder, **more: object) -> Row:
    """Any account may ask, but the view itself answers for one permission at one division: as a
    page, whose guard stands inside the view."""
    row = page(route, permission, build, **more)  # type: ignore[arg-type]
    return Row(**{**row.__dict__, "shape": "inner"})


def open_to_all(route: str, build: Builder | None = None, **more: object) -> Row:
    """Public: everybody sees the same, and no personal value of anybody."""
    return Row(route, access.PUBLIC, "open", build, **more)  # type: ignore[arg-type]


def by_secret(route: str, build: Builder, **more: object) -> Row:
    """Whoever has the secret in the address; a wrong one is not there."""
    return Row(route, access.TOKEN, "secret", build, **more)  # type: ignore[arg-type]
