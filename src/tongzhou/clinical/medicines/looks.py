"""How each kind of check looks at a drawer. `medicine.js` is the same engine for the browser:
whoever changes one changes the other; a test finds both equal on drawers made at random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tongzhou.clinical.medicines.catalogue import Check, Ingredient
from tongzhou.clinical.medicines.drawer import Drawer, Over
from tongzhou.clinical.medicines.findings import Finding, age
from tongzhou.clinical.medicines.items import Line, micrograms
from tongzhou.clinical.medicines.names import plain


def _unknown_product(drawer: Drawer, check: Check) -> Iterator[Finding]:
    for line in drawer.lines:
        if not line.known:
            yield drawer.finding(check, [line])


def _clue(drawer: Drawer, check: Check) -> Iterator[Finding]:
    for line in drawer.lines:
        if not line.known:
            written = plain(line.written)
            for clue in drawer.book.clues:
                if any(sign in written for sign in clue.signs):
                    yield drawer.finding(check, [line], what=clue.what)


def _which_strength(drawer: Drawer, check: Check) -> Iterator[Finding]:
    for line in drawer.lines:
        if line.several:
            yield drawer.finding(check, [line])


def _amount_missing(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """Only where the catalogue has a limit that the amount would be held against."""
    for ingredient, lines in drawer.ingredients:
        still = [line for line in lines if line.measured and line.one_day(ingredient.id) is None]
        if ingredient.day_mg is not None and still:
            yield drawer.finding(check, still, ingredient=ingredient)


def _day_limit(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """What all products bring in 24 hours, against the limit for an adult and that by weight."""
    for ingredient, lines in drawer.ingredients:
        limit = _most_a_day(drawer, ingredient, lines)
        measured = [line for line in lines if line.one_day(ingredient.id) is not None]
        amount = sum(line.one_day(ingredient.id) or 0 for line in measured)
        if limit is not None and amount > limit:
            over = Over(amount, limit)
            yield drawer.finding(check, measured, ingredient=ingredient, over=over)


def _dose_limit(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """What one product brings at one time; two products of it are caught as repeated."""
    for ingredient, lines in drawer.ingredients:
        limit = _most_a_dose(drawer, ingredient)
        for line in lines:
            amount = line.one_dose(ingredient.id)
            if limit is not None and amount is not None and amount > limit:
                over = Over(amount, limit)
                yield drawer.finding(check, [line], ingredient=ingredient, over=over)


def _times_limit(drawer: Drawer, check: Check) -> Iterator[Finding]:
    for ingredient, lines in drawer.ingredients:
        often = [line for line in lines if line.times]
        times = int(sum(line.times or 0 for line in often))
        if ingredient.times is not None and times > ingredient.times:
            over = Over(times, ingredient.times, shown=str)
            yield drawer.finding(check, often, ingredient=ingredient, over=over)


def _no_child_dose(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """Where the catalogue has no dose by weight, an adult's limit says nothing about a child."""
    for ingredient, lines in drawer.ingredients:
        unknown = ingredient.child_dose_mg_kg is None and ingredient.repeated != "note"
        if unknown and drawer.child is None:
            drawer.miss("age_months", lines)
        elif unknown and drawer.child:
            yield drawer.finding(check, lines, ingredient=ingredient)


def _too_young(drawer: Drawer, check: Check) -> Iterator[Finding]:
    months = drawer.person.age_months
    for ingredient, lines in drawer.ingredients:
        if ingredient.from_months and months is None:
            drawer.miss("age_months", lines)
        elif months is not None and months < ingredient.from_months:
            from_age = age(ingredient.from_months)
            yield drawer.finding(check, lines, ingredient=ingredient, age=from_age)


def _duplicate(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """Two products with one ingredient; one product in two rows is no duplicate, but one that is
    taken anyway is: nobody told how much of it."""
    for ingredient, lines in drawer.ingredients:
        if len({(line.key, line.measured) for line in lines}) > 1:
            yield drawer.finding(check, lines, ingredient=ingredient, severity=ingredient.repeated)


def _clash(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """Two ingredients of two products; what one product joins was joined on purpose."""
    first, second = (drawer.held.get(about, []) for about in check.classes)
    indexes = {
        line.index
        for one, name in first
        for other, met in second
        if one.key != other.key and name != met
        for line in (one, other)
    }
    if indexes:
        yield drawer.finding(check, [line for line in drawer.lines if line.index in indexes])


def _person(drawer: Drawer, check: Check) -> Iterator[Finding]:
    lines = drawer.holding(check.about)
    if not lines or not drawer.told(check.person, lines):
        return
    weeks = drawer.person.pregnancy_weeks
    if check.from_weeks and weeks is None:
        drawer.miss("pregnancy_weeks", lines)
    if weeks is None or weeks >= check.from_weeks:
        yield drawer.finding(check, lines)


def _class(drawer: Drawer, check: Check) -> Iterator[Finding]:
    if lines := drawer.holding(check.about):
        yield drawer.finding(check, lines)


def _tell(drawer: Drawer, check: Check) -> Iterator[Finding]:
    """The last check: what the others would have had to know, and other medicines always."""
    known = [line for line in drawer.lines if line.known]
    if known and drawer.person.other is None:
        drawer.miss("other", known)
    for question in drawer.book.person.values():
        if indexes := drawer.asked.get(question.id):
            lines = [line for line in drawer.lines if line.index in indexes]
            yield drawer.finding(check, lines, asks=question.id, what=question.text)


def _most_a_day(drawer: Drawer, ingredient: Ingredient, lines: Sequence[Line]) -> int | None:
    """Micrograms. The limit by weight holds whoever is light; a child's weight is asked for."""
    limits = [] if ingredient.day_mg is None else [micrograms(ingredient.day_mg)]
    if limits and drawer.child is None:
        drawer.miss("age_months", lines)
    if ingredient.child_day_mg_kg is not None:
        if drawer.person.weight_kg is not None:
            limits.append(micrograms(ingredient.child_day_mg_kg * drawer.person.weight_kg))
        elif drawer.child is not False:
            drawer.miss("weight_kg", lines)
    return min(limits, default=None)


def _most_a_dose(drawer: Drawer, ingredient: Ingredient) -> int | None:
    """Micrograms. By weight for a child, and while nobody has said that it is none."""
    limits = [] if ingredient.dose_mg is None else [micrograms(ingredient.dose_mg)]
    weight = drawer.person.weight_kg
    if ingredient.child_dose_mg_kg and weight is not None and drawer.child is not False:
        limits.append(micrograms(ingredient.child_dose_mg_kg[1] * weight))
    return min(limits, default=None)


LOOKS: dict[str, Callable[[Drawer, Check], Iterator[Finding]]] = {
    "unknown_product": _unknown_product,
    "clue": _clue,
    "which_strength": _which_strength,
    "amount_missing": _amount_missing,
    "day_limit": _day_limit,
    "dose_limit": _dose_limit,
    "times_limit": _times_limit,
    "no_child_dose": _no_child_dose,
    "too_young": _too_young,
    "duplicate": _duplicate,
    "clash": _clash,
    "person": _person,
    "class": _class,
    "tell": _tell,
}
