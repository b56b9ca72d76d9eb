"""What is checked of one row; each check gives back what it found wrong, in sentences."""

from collections.abc import Iterator

from .asking import Answer, ask
from .oracle import Holder, may
from .routes import address, missing
from .table import Row
from .world import RELATIONS, STRANGER, Built, World


def of_row(world: World, row: Row) -> list[str]:
    """Everything that is wrong with a row, [] when nothing is."""
    check = {
        "page": _page,
        "listing": _listing,
        "form": _form,
        "own": _own,
        "open": _open,
        "secret": _secret,
    }[row.shape]
    return list(check(world, row))


def _page(world: World, row: Row) -> Iterator[str]:
    """Open in reach, not there elsewhere, and no event from a form out of reach."""
    assert row.build is not None
    for relation, built, organisation in _objects(world, row):
        url = address(row.route, built.kwargs, built.query)
        absent = [address(row.route, kwargs, built.query) for kwargs in missing(built.kwargs)]
        for holder in _askers(world, relation):
            thing = world.at(relation)
            expected = may(
                holder,
                row.decides,
                thing,
                rule=row.rule,
                organisation=organisation,
            )
            for method in row.methods:
                answer = ask(world.browser(holder), method, url, built.data)
                say = f"{holder.name} {method} {relation} {url}: {answer.status}"
                if expected:
                    yield from _opened(row, method, answer, built, say)
                else:
                    yield from _hidden(world, row, holder, answer, built, say)
                    if holder.holds(row.decides):
                        yield from _like_nothing(world, holder, method, absent, answer, say)


def _listing(world: World, row: Row) -> Iterator[str]:
    """Shows what is in reach, and hides and does not even count what is not."""
    objects = _objects(world, row)
    for relation, built, organisation in objects:
        url = address(row.route, built.within, built.query)
        for holder in _askers(world, relation):
            answer = ask(world.browser(holder), "GET", url)
            say = f"{holder.name} {relation} {url}: {answer.status}"
            if not holder.holds(row.decides) or (row.whole and not holder.sees_all):
                yield from _hidden(world, row, holder, answer, built, say)
                continue
            if not answer.opened:
                yield f"{say}, but the list is open to this role"
            thing = world.at(relation)
            if may(holder, row.decides, thing, rule=row.rule, organisation=organisation):
                if row.marks and not all(mark in answer.text for mark in built.marks):
                    yield f"{say}: does not show {built.marks}"
            else:
                yield from _silent(world, row, holder, answer, built, say)


def _form(world: World, row: Row) -> Iterator[str]:
    """Open to who holds the permission; what the body names counts like an address."""
    objects = _objects(world, row) if row.build else [("own", Built(), None)]
    for relation, built, organisation in objects:
        url = address(row.route, built.kwargs, built.query)
        for holder in _askers(world, relation):
            for method in row.methods:
                answer = ask(world.browser(holder), method, url, built.data)
                say = f"{holder.name} {method} {relation} {url}: {answer.status}"
                if not holder.holds(row.decides):
                    yield from _hidden(world, row, holder, answer, built, say)
                    continue
                if not answer.opened and method == "GET":
                    yield f"{say}, but the form is open to this role"
                thing = world.at(relation)
                in_reach = may(holder, row.decides, thing, rule=row.rule, organisation=organisation)
                if in_reach and row.writes and method == "POST" and answer.events != 1:
                    yield f"{say}: wrote {answer.events} events instead of one"
                if not in_reach and answer.events:
                    yield f"{say}: wrote {answer.events} events out of reach"
                if not in_reach:
                    yield from _no_names(world, row, answer, say)


def _own(world: World, row: Row) -> Iterator[str]:
    """Open to everybody signed in, about themselves."""
    built = row.build(world.making("foreign")) if row.build else Built()
    url = address(row.route, built.kwargs, built.query)
    for holder in world.holders:
        for method in row.methods:
            answer = ask(world.browser(holder), method, url)
            say = f"{holder.name} {method} {url}: {answer.status}"
            if holder.name == STRANGER:
                yield from _hidden(world, row, holder, answer, built, say)
                continue
            if answer.status >= 500 or answer.status == 403:
                yield f"{say}, but it is the reader's own{answer.broke}"
            if row.build and answer.status == 200:
                yield f"{say}: opens somebody else's"
            if not row.build and answer.status == 404 and not row.absent:
                yield f"{say}, but it is the reader's own"
            yield from _silent(world, row, holder, answer, built, say)


def _open(world: World, row: Row) -> Iterator[str]:
    """The same for everybody, and nothing personal."""
    objects = _objects(world, row) if row.build else [("own", Built(), None)]
    for relation, built, _organisation in objects:
        url = address(row.route, built.kwargs, built.query)
        for holder in world.holders:
            for method in row.methods:
                answer = ask(world.browser(holder), method, url, built.data)
                say = f"{holder.name} {method} {relation} {url}: {answer.status}"
                if answer.status >= 500 or answer.status in (401, 403):
                    yield f"{say}, but the page is public{answer.broke}"
                yield from (f"{say}: shows {text}" for text in built.secrets if text in answer.text)
                if row.marks and method == "GET" and answer.status == 200:
                    shown = all(mark in answer.text for mark in built.marks)
                    yield from () if shown else (f"{say}: does not show {built.marks}",)


def _secret(world: World, row: Row) -> Iterator[str]:
    """Open with the secret, for anybody; a wrong secret is not there."""
    assert row.build is not None
    built = row.build(world.making("own"))
    for holder in world.holders:
        for method in row.methods:
            browser = world.browser(holder)
            good = ask(browser, method, address(row.route, built.kwargs), built.data)
            if good.denied or good.status >= 500:
                yield f"{holder.name} {method} with the secret: {good.status}"
            for kwargs in missing(built.kwargs):
                bad = ask(browser, method, address(row.route, kwargs), built.data)
                if bad.status not in (400, 403, 404, 410) or bad.events:
                    yield f"{holder.name} {method} with a wrong secret: {bad.status}"


def nothing_foreign_counts(world: World, row: Row) -> list[str]:
    """Read before and after objects out of reach are made: not one byte may differ."""
    if not row.decides or "GET" not in row.methods or not row.same:
        return []
    return list(_compared(world, row))


def _compared(world: World, row: Row) -> Iterator[str]:
    wide = next(h for h in world.holders if h.name == "administrator")
    reach = [r for r in RELATIONS[:-1] if may(wide, row.decides, world.at(r), rule=row.rule)]
    built = [row.build(world.making(r)) for r in reach] if row.build else [Built()]
    if not built:
        return
    inside = built[0].within if row.shape == "listing" else built[0].kwargs
    url = address(row.route, inside, built[0].query if row.shape != "listing" else "")
    askers = [h for h in _askers(world, "own") if h.holds(row.decides) and not h.sees_all]
    before = {h.name: ask(world.browser(h), "GET", url) for h in askers}
    if row.build:
        for relation in (r for r in RELATIONS[:-1] if r not in reach):
            row.build(world.making(relation))
    for holder in askers:
        after = ask(world.browser(holder), "GET", url)
        if after.text != before[holder.name].text:
            yield f"{holder.name} {url}: changed by what lies out of reach"
    if row.build and row.by_organisation:
        row.build(world.making("own", world.other))
        for holder in (h for h in askers if h.narrowed):
            if ask(world.browser(holder), "GET", url).text != before[holder.name].text:
                yield f"{holder.name} {url}: changed by another organisation's"


def _objects(world: World, row: Row) -> list[tuple[str, Built, object]]:
    """One object for each relation; for rows of organisations also another organisation's."""
    assert row.build is not None
    found = []
    for relation in RELATIONS:
        mine = world.mine if row.by_organisation else None
        found.append((relation, row.build(world.making(relation)), mine))
    if row.by_organisation:
        found.append(("own", row.build(world.making("own", world.other)), world.other))
    return found


def _askers(world: World, relation: str) -> list[Holder]:
    """Who asks about a relation: those whose role has ended about "none", all others elsewhere."""
    if relation == "none":
        return [holder for holder in world.holders if holder.ended]
    return [holder for holder in world.holders if not holder.ended]


def _opened(row: Row, method: str, answer: Answer, built: Built, say: str) -> Iterator[str]:
    if not answer.opened:
        yield f"{say}, but it is in reach{answer.broke}"
    elif method == "GET" and row.marks:
        yield from (f"{say}: does not show {m}" for m in built.marks if m not in answer.text)
    elif method == "POST" and row.writes and answer.events != 1:
        yield f"{say}: wrote {answer.events} events instead of one"


def _hidden(
    world: World, row: Row, holder: Holder, answer: Answer, built: Built, say: str
) -> Iterator[str]:
    if not answer.denied:
        yield f"{say}, but it is out of reach"
    if answer.events:
        yield f"{say}: wrote {answer.events} events out of reach"
    yield from _silent(world, row, holder, answer, built, say)


def _silent(
    world: World, row: Row, holder: Holder, answer: Answer, built: Built, say: str
) -> Iterator[str]:
    yield from (f"{say}: shows {text}" for text in built.secrets if text in answer.text)
    yield from _no_names(world, row, answer, say) if not holder.sees_all else ()


def _no_names(world: World, row: Row, answer: Answer, say: str) -> Iterator[str]:
    if row.names:
        yield from (f"{say}: names {n}" for n in world.foreign_names() if n in answer.text)


def _like_nothing(
    world: World, holder: Holder, method: str, absent: list[str], answer: Answer, say: str
) -> Iterator[str]:
    """What is not yours answers like what is not there."""
    for url in absent:
        nothing = ask(world.browser(holder), method, url)
        if (nothing.status, nothing.text) != (answer.status, answer.text):
            yield f"{say}, but {url}, which does not exist, answers otherwise: {nothing.status}"
