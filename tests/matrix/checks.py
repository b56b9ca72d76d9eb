"""What is checked of one row; each check gives back what it found wrong, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from tongzhou.people.models import Organisation

from .asking import Answer, ask
from .oracle import Holder, may
from .routes import address, missing
from .table import Builder, Row
from .world import STRANGER, Built, World

# A public page looks at no role: a stranger, somebody without a role, one with, and the superuser.
PASSERS_BY = (STRANGER, "nobody", "county_officer", "superuser")
# For whom "not yours" is compared with "not there": a wide role, and those of one organisation.
COMPARERS = ("administrator", "carrier", "partner")


def of_row(world: World, row: Row) -> list[str]:
    """Everything that is wrong with a row, [] when nothing is."""
    shapes = {
        "page": _page,
        "listing": _listing,
        "part": _part,
        "outbox": _outbox,
        "form": _form,
        "own": _own,
        "open": _open,
        "secret": _secret,
    }
    return list(shapes[row.shape](world, row))


def nothing_foreign_counts(world: World, row: Row) -> list[str]:
    """Read before and after objects out of reach are made: not one byte may differ."""
    if not world.thorough or not row.decides or "GET" not in row.methods or not row.same:
        return []
    return list(_compared(world, row))


@dataclass(frozen=True)
class Thing:
    """An object in its relation to the holders, and the organisation it is of."""

    relation: str
    built: Built
    organisation: Organisation | None = None


@dataclass(frozen=True)
class Question:
    """One holder asks one thing once; `say` begins every sentence about it."""

    world: World
    row: Row
    holder: Holder
    thing: Thing
    method: str
    answer: Answer
    url: str

    @property
    def say(self) -> str:
        who = f"{self.holder.name} {self.method} {self.thing.relation}"
        return f"{who} {self.url}: {self.answer.status}"

    @property
    def in_reach(self) -> bool:
        row, where = self.row, self.world.at(self.thing.relation)
        return row.held_by(self.holder) and may(
            self.holder, row.decides, where, rule=row.rule, organisation=self.thing.organisation
        )

    def opened(self) -> Iterator[str]:
        """It is in reach: it opens, shows its marks, and a form has its effect."""
        if not self.answer.opened:
            yield f"{self.say}, but it is in reach{self.answer.broke}"
        elif self.method == "GET" and self.row.marks:
            unseen = [m for m in self.thing.built.marks if m not in self.answer.text]
            yield from (f"{self.say}: does not show {mark}" for mark in unseen)
        elif self.method == "POST" and self.row.writes and self.answer.events != 1:
            yield f"{self.say}: wrote {self.answer.events} events instead of one"

    def hidden(self) -> Iterator[str]:
        """It is out of reach: refused, without effect, and telling nothing."""
        if not self.answer.denied:
            yield f"{self.say}, but it is out of reach{self.answer.broke}"
        if self.answer.events:
            yield f"{self.say}: wrote {self.answer.events} events out of reach"
        yield from self.silent()

    def silent(self) -> Iterator[str]:
        """The answer holds neither the object's secrets nor the names of foreign divisions."""
        shown = (text for text in self.thing.built.secrets if text in self.answer.text)
        yield from (f"{self.say}: shows {text}" for text in shown)
        yield from self.nameless()

    def nameless(self) -> Iterator[str]:
        if self.row.names and not self.holder.sees_all:
            named = (n for n in self.world.foreign_names() if n in self.answer.text)
            yield from (f"{self.say}: names {name}" for name in named)

    def like_nothing(self) -> Iterator[str]:
        """What is not yours answers like what is not there."""
        built = self.thing.built
        for kwargs in missing(built.kwargs):
            url = address(self.row.route, kwargs, built.query)
            nothing = ask(self.world.browser(self.holder), self.method, url, built.data)
            if (nothing.status, nothing.text) != (self.answer.status, self.answer.text):
                what = f"but {url}, which does not exist, answers otherwise: {nothing.status}"
                yield f"{self.say}, {what}"


def _page(world: World, row: Row) -> Iterator[str]:
    """Open in reach, not there elsewhere, and no event from a form out of reach."""
    for asked in _asked(world, row, inside=False):
        if asked.in_reach:
            yield from asked.opened()
            continue
        yield from asked.hidden()
        if row.held_by(asked.holder) and asked.holder.name in COMPARERS:
            yield from asked.like_nothing()


def _listing(world: World, row: Row) -> Iterator[str]:
    """Shows what is in reach, and hides what is not."""
    for asked in _asked(world, row, inside=True):
        if not row.held_by(asked.holder) or (row.whole and not asked.holder.sees_all):
            yield from asked.hidden()
        elif asked.in_reach or not asked.answer.opened:
            yield from asked.opened()
        else:
            yield from asked.silent()


def _part(world: World, row: Row) -> Iterator[str]:
    """Shown to whoever is in reach, kept from whoever else opens the page."""
    for asked in _asked(world, row, inside=False):
        yield from asked.opened() if asked.in_reach else asked.silent()


def _outbox(world: World, row: Row) -> Iterator[str]:
    """In reach a command has its effect; elsewhere none, and its answer tells nothing."""
    for asked in _asked(world, row, inside=False):
        if asked.in_reach:
            yield from asked.opened()
            continue
        if asked.answer.events:
            yield f"{asked.say}: wrote {asked.answer.events} events out of reach"
        yield from asked.silent()


def _form(world: World, row: Row) -> Iterator[str]:
    """Open to who holds the permission; what the body names counts like an address."""
    for asked in _asked(world, row, inside=False):
        if not row.held_by(asked.holder):
            yield from asked.hidden()
        elif asked.in_reach or (asked.method == "GET" and not asked.answer.opened):
            yield from asked.opened()
        else:
            if asked.answer.events:
                yield f"{asked.say}: wrote {asked.answer.events} events out of reach"
            yield from asked.nameless()


def _own(world: World, row: Row) -> Iterator[str]:
    """Open to everybody signed in, about themselves."""
    thing = Thing("foreign", row.build(world.making("foreign")) if row.build else Built())
    for asked in _everybody(world, row, thing):
        answer = asked.answer
        if asked.holder.name == STRANGER:
            yield from asked.hidden()
            continue
        if answer.status >= 500 or answer.status == 403:
            yield f"{asked.say}, but it is the reader's own{answer.broke}"
        if row.build and answer.status == 200:
            yield f"{asked.say}: opens somebody else's"
        if not row.build and answer.status == 404 and not row.absent:
            yield f"{asked.say}, but it is the reader's own"
        yield from asked.silent()


def _open(world: World, row: Row) -> Iterator[str]:
    """The same for everybody, and nothing personal."""
    for thing in _things(world, row):
        for asked in _everybody(world, row, thing, *PASSERS_BY):
            answer, built = asked.answer, thing.built
            if answer.status >= 500 or answer.status in (401, 403):
                yield f"{asked.say}, but the page is public{answer.broke}"
            yield from (f"{asked.say}: shows {s}" for s in built.secrets if s in answer.text)
            if row.marks and asked.method == "GET" and answer.status == 200:
                unseen = (mark for mark in built.marks if mark not in answer.text)
                yield from (f"{asked.say}: does not show {mark}" for mark in unseen)


def _secret(world: World, row: Row) -> Iterator[str]:
    """Open with the secret, for anybody; a wrong secret is not there."""
    assert row.build is not None
    thing = Thing("own", row.build(world.making("own")))
    for good in _everybody(world, row, thing):
        if good.answer.denied or good.answer.status >= 500:
            yield f"{good.say}, but the secret is right{good.answer.broke}"
        for kwargs in missing(thing.built.kwargs):
            url = address(row.route, kwargs, thing.built.query)
            bad = ask(world.browser(good.holder), good.method, url, thing.built.data)
            if bad.status not in (400, 403, 404, 410, 422) or bad.events:
                yield f"{good.say}, but a wrong secret answers {bad.status}"


def moved_by(world: World, url: str, builders: list[Builder]) -> list[str]:
    """Whose page is changed by objects of many kinds that lie out of their reach."""
    askers = [h for h in _askers(world, "own") if h.role and not h.sees_all]
    before = {h.name: ask(world.browser(h), "GET", url) for h in askers}
    for build in builders:
        for relation in ("sibling", "parent", "trap", "foreign"):
            build(world.making(relation))
    return list(_changed(world, askers, url, before, "what lies out of reach"))


def _compared(world: World, row: Row) -> Iterator[str]:
    wide = next(h for h in world.holders if h.name == "administrator")
    every = [r for r in row.relations if r != "none"]
    reach = [r for r in every if may(wide, row.decides, world.at(r), rule=row.rule)]
    built = [row.build(world.making(r)) for r in reach] if row.build else [Built()]
    if not built:
        return
    inside = built[0].within if row.shape == "listing" else built[0].kwargs
    url = address(row.route, inside, built[0].query if row.shape != "listing" else "")
    askers = [h for h in _askers(world, "own") if row.held_by(h) and not h.sees_all]
    before = {h.name: ask(world.browser(h), "GET", url) for h in askers}
    if row.build:
        for relation in (r for r in every if r not in reach):
            row.build(world.making(relation))
    yield from _changed(world, askers, url, before, "what lies out of reach")
    if row.build and row.by_organisation:
        row.build(world.making("own", world.other))
        narrowed = [h for h in askers if h.narrowed]
        yield from _changed(world, narrowed, url, before, "another organisation's")


def _changed(
    world: World, askers: list[Holder], url: str, before: dict[str, Answer], what: str
) -> Iterator[str]:
    for holder in askers:
        after = ask(world.browser(holder), "GET", url)
        if after.text != before[holder.name].text:
            yield f"{holder.name} {url}: changed by {what}"


def _asked(world: World, row: Row, *, inside: bool) -> Iterator[Question]:
    """Everybody whom a relation concerns asks about every thing, in every way."""
    for thing in _things(world, row):
        built = thing.built
        url = address(row.route, built.within if inside else built.kwargs, built.query)
        for holder in _askers(world, thing.relation):
            for method in _methods(world, row, holder, thing.relation):
                answer = ask(world.browser(holder), method, url, built.data)
                yield Question(world, row, holder, thing, method, answer, url)


def _methods(world: World, row: Row, holder: Holder, relation: str) -> tuple[str, ...]:
    """Who lacks the permission is stopped before the object is looked at, so away from their own
    division one way of asking is tried; and on the second database, which cannot change that, none.
    """
    if row.held_by(holder) or relation in ("own", "none"):
        return row.methods
    return row.methods[-1:] if world.thorough else ()


def _everybody(world: World, row: Row, thing: Thing, *names: str) -> Iterator[Question]:
    """Every holder whose role has not ended, or only those named."""
    built = thing.built
    url = address(row.route, built.within or built.kwargs, built.query)
    for holder in _askers(world, thing.relation):
        if names and holder.name not in names:
            continue
        for method in row.methods:
            answer = ask(world.browser(holder), method, url, built.data)
            yield Question(world, row, holder, thing, method, answer, url)


def _things(world: World, row: Row) -> list[Thing]:
    """One object for each relation; for rows of organisations also another organisation's."""
    if row.build is None:
        return [Thing(relation, Built()) for relation in ("own", "none")]
    mine = world.mine if row.by_organisation else None
    found = [Thing(r, row.build(world.making(r)), mine) for r in row.relations]
    if row.by_organisation:
        foreign = row.build(world.making("own", world.other))
        found.append(Thing("own", foreign, world.other))
    return found


def _askers(world: World, relation: str) -> list[Holder]:
    """Who asks about a relation: those whose role has ended about "none", all others elsewhere."""
    return [holder for holder in world.holders if holder.ended == (relation == "none")]
