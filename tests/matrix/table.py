"""The rows of the matrix: one for each route, written in rows/<app>.py."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tongzhou.kit import access

from .oracle import Holder, Rule, inside
from .world import RELATIONS, Built, Making

API = "/api/v1/"
Builder = Callable[[Making], Built]


@dataclass(frozen=True)
class Row:
    """What is expected of one route."""

    route: str
    access: str | None
    shape: str
    # The permission that decides, where it is not the one the view names.
    permission: str = ""
    build: Builder | None = None
    methods: tuple[str, ...] = ("GET",)
    rule: Rule = inside
    by_organisation: bool = False
    marks: bool = True
    same: bool = True
    names: bool = True
    writes: bool = False
    absent: bool = False
    # Nobody below the root of the tree opens it at all: refused (403) rather than "not there".
    whole: bool = False
    # Permissions that it takes besides the one that decides where.
    besides: tuple[str, ...] = ()
    # The relations for which an object is made, where not all of them make sense.
    relations: tuple[str, ...] = RELATIONS
    # A second row of one route: its body instead of its address.
    part: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        return f"{self.route}#{self.part}" if self.part else self.route

    @property
    def decides(self) -> str:
        """The permission that decides, empty where none does."""
        return self.permission or (self.access if self.access and "." in self.access else "")

    def held_by(self, holder: Holder) -> bool:
        """Whether somebody holds, anywhere, all that the route takes."""
        return all(holder.holds(name) for name in (self.decides, *self.besides))


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
    return Row(route, permission, "page", build=build, methods=_methods(gets, posts), **more)  # type: ignore[arg-type]


def listing(route: str, permission: str, build: Builder, **more: object) -> Row:
    """Objects of the reader's area; the builder makes one, its marks show it, its query narrows."""
    return Row(route, permission, "listing", build=build, **more)  # type: ignore[arg-type]


def part_of(
    route: str, permission: str, inner: str, build: Builder, *, part: str, **more: object
) -> Row:
    """Something on a page that a second permission shows: whoever lacks it may still open the page,
    and does not see the secrets."""
    row = page(route, permission, build, part=part, **more)
    return replace(row, permission=inner, shape="part")


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
    return Row(route, permission, "form", build=build, methods=_methods(gets, posts), **more)  # type: ignore[arg-type]


def own(route: str, build: Builder | None = None, **more: object) -> Row:
    """About the reader's own account: anybody signed in opens it and sees nobody else. With a
    builder the address names somebody else's, which is not there; `absent`: theirs may not be."""
    return Row(route, access.SIGNED_IN, "own", build=build, **more)  # type: ignore[arg-type]


def signed_in(route: str, permission: str, build: Builder, **more: object) -> Row:
    """Any account may ask, and the view itself decides by a permission: what is out of reach is
    "not there" for everybody, whatever they hold."""
    row = page(route, permission, build, **more)  # type: ignore[arg-type]
    return replace(row, access=access.SIGNED_IN, permission=permission)


def open_to_all(route: str, build: Builder | None = None, **more: object) -> Row:
    """Public: everybody sees the same, and no personal value of anybody."""
    return Row(route, access.PUBLIC, "open", build=build, **more)  # type: ignore[arg-type]


def api_page(route: str, permission: str, build: Builder, **more: object) -> Row:
    """One object for programs; it takes api.read besides."""
    row = page(API + route, permission, build, **more)  # type: ignore[arg-type]
    return replace(row, access=None, permission=permission, besides=("api.read",))


def api_listing(route: str, permission: str, build: Builder, **more: object) -> Row:
    """Objects of the reader's area for programs."""
    row = listing(API + route, permission, build, **more)
    return replace(row, access=None, permission=permission, besides=("api.read",))


def api_open(route: str, build: Builder | None = None, **more: object) -> Row:
    """Public for programs."""
    row = open_to_all(API + route, build, **more)
    return replace(row, access=None, marks=False)


def api_form(route: str, permission: str, build: Builder, **more: object) -> Row:
    """A program sends what the builder's data hold under "json"."""
    row = form(API + route, permission, build, gets=False, **more)
    return replace(row, access=None, permission=permission)


def outbox(route: str, permission: str, build: Builder, **more: object) -> Row:
    """Devices send commands: the call is always answered, each command has an effect or none."""
    row = api_form(route, permission, build, **more)
    return replace(row, shape="outbox")


def by_secret(route: str, build: Builder, **more: object) -> Row:
    """Whoever has the secret in the address; a wrong one is not there."""
    return Row(route, access.TOKEN, "secret", build=build, **more)  # type: ignore[arg-type]


def token_in_header(route: str, **more: object) -> Row:
    """Machines send a token; without it, from this machine only, everybody gets the same."""
    return Row(route, access.TOKEN, "open", **more)  # type: ignore[arg-type]
