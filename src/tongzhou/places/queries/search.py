"""Find divisions by what people type: a name, a part of one, pinyin, initials or a code.

SQLite keeps the terms of names in an FTS5 table whose row id is level and number, so that hits come
out highest level first and a scope is a range of row ids. PostgreSQL keeps them in two GIN indexes,
one for villages, one for the rest, and sorts what it finds. Pinyin and codes are plain indexes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection

from ..models import Division
from ..rules import Scope, names
from .tree import division_by_code, with_paths

LONGEST_QUERY = 60
MOST_RESULTS = 100
# Names compared with the text for one list of results; the index gives them one by one.
CANDIDATES = 2_000
# The FTS row id is level * 2^40 + first.
LEVEL_BITS = 40
# The conditions of the two GIN indexes of PostgreSQL.
UPPER, VILLAGES = "level < 5", "level >= 5"
ALL_LEVELS = tuple(Division.Level.values)
Ids = Iterator[int]


def search(
    text: str,
    *,
    levels: Iterable[int] | None = None,
    within: Scope | None = None,
    limit: int = 20,
) -> list[Division]:
    """At most `limit` divisions for what was typed, each with its `path`, best first.

    Exact names come before names that begin with the text, and those before names that contain it;
    within each, higher levels first, then tree order. Several words narrow each other:
    "兰州 城关" looks for 城关 below what "兰州" finds.
    """
    words = text.strip()[:LONGEST_QUERY].split()
    looking = _Search(ALL_LEVELS if levels is None else sorted(set(levels)), within, limit)
    if not names.chinese(text):
        return with_paths(looking.found("".join(words)))
    if len(words) > 1:
        above = search(" ".join(words[:-1]), within=within, limit=5)
        return _search_below(above, words[-1], looking)
    return with_paths(looking.found(words[0])) or _search_address(names.plain(words[0]), looking)


def _search_below(above: list[Division], text: str, looking: "_Search") -> list[Division]:
    within = Scope.of(*above)
    within = within if looking.within is None else within.within(looking.within)
    return search(text, levels=looking.levels, within=within, limit=looking.limit)


def _search_address(text: str, looking: "_Search") -> list[Division]:
    """An address written in one piece, as 甘肃省兰州市城关区: the longest beginning that is a name,
    then the rest below it."""
    for cut in range(len(text) - 1, 1, -1):
        named = _Search(ALL_LEVELS, looking.within, 5).named(text[:cut])
        if named and (found := _search_below(named, text[cut:], looking)):
            return found
    return []


class _Search:
    """One search: which levels, in which scope, how many; its generators give ids, best first."""

    def __init__(self, levels: Sequence[int], within: Scope | None, limit: int) -> None:
        self.levels = levels
        self.within = within
        self.limit = max(0, min(limit, MOST_RESULTS))

    def found(self, text: str) -> list[Division]:
        return self._taken(self._ids(text))

    def named(self, text: str) -> list[Division]:
        """Only the divisions with exactly this name."""
        return self._taken(self._with_terms(names.being(text), lambda name: name == text))

    def _taken(self, found: Ids) -> list[Division]:
        ids = list(islice(_once(found), self.limit))
        rows = Division.objects.in_bulk(ids)
        return [rows[pk] for pk in ids]

    def _ids(self, text: str) -> Ids:
        if names.chinese(text):
            yield from self._by_name(names.plain(text))
        elif text[:1].isdigit():
            yield from self._by_code(text)
        elif text:
            for typed in names.as_stored(names.typed(text)):
                yield from self._by_pinyin(typed)
            yield from self._by_code(text)

    def _by_name(self, text: str) -> Ids:
        if len(text) == 1:
            # One character says too little for 620,000 villages; counties and above are few.
            for level in self._upper_levels():
                yield from self._select("level = %s AND name LIKE %s", [level, f"%{text}%"])
            return
        yield from self._with_terms(names.being(text), lambda name: name == text)
        yield from self._with_terms(names.starting(text), lambda name: name.startswith(text))
        yield from self._with_terms(names.containing(text), lambda name: text in name)

    def _with_terms(self, terms: list[str], fits: Callable[[str], bool]) -> Ids:
        """Bigrams may stand apart in a long name, so each hit is compared with the text itself."""
        find = self._fts if connection.vendor == "sqlite" else self._gin
        hits = find(names.telling(terms)) if self.limit else iter(())
        return (pk for pk, name in hits if fits(names.plain(name)))

    def _fts(self, terms: list[str]) -> Iterator[tuple[int, str]]:
        """FTS5 walks its list from the first row id of a range and stops at the limit."""
        sql = (
            "SELECT d.id, d.name FROM places_division_terms t JOIN places_division d"
            f" ON d.first = (t.rowid & {2**LEVEL_BITS - 1}) AND d.level = (t.rowid >> {LEVEL_BITS})"
            " WHERE t.places_division_terms MATCH %s AND t.rowid BETWEEN %s AND %s"
            " ORDER BY t.rowid LIMIT %s"
        )
        query = " AND ".join(f'"{term}"' for term in terms)
        for low, high in self._row_ids():
            with connection.cursor() as cursor:
                cursor.execute(sql, [query, low, high, CANDIDATES])
                yield from cursor

    def _row_ids(self) -> Iterator[tuple[int, int]]:
        if self.within is None and tuple(self.levels) == ALL_LEVELS:
            yield 0, 2**63 - 1
            return
        whole = ((0, 2**LEVEL_BITS - 1),)
        for level in self.levels:
            for first, last in whole if self.within is None else self.within.intervals:
                yield (level << LEVEL_BITS) + first, (level << LEVEL_BITS) + last

    def _gin(self, terms: list[str]) -> Iterator[tuple[int, str]]:
        scope, bounds = self._scope()
        for condition in (UPPER, VILLAGES):
            matching, values = _matching(terms, condition)
            sql = (
                f"SELECT id, name FROM places_division WHERE {condition} AND level = ANY(%s)"
                f" AND {matching} AND {scope} ORDER BY level, first LIMIT %s"
            )
            yield from _rows(sql, [list(self.levels), *values, *bounds, 5 * self.limit])

    def _by_pinyin(self, text: str) -> Ids:
        levels = self.levels if len(text) > 1 else self._upper_levels()
        for column in ("pinyin", "initials"):
            for level in levels if text else ():
                yield from self._select(f"level = %s AND {column} = %s", [level, text])
        for level in levels if text else ():
            for column in ("pinyin", "initials"):
                yield from self._by_prefix(column, text, "level = %s", [level])

    def _by_code(self, text: str) -> Ids:
        """Counties and above by level, then the rest in code order: towns before their villages."""
        exact = division_by_code(text)
        if exact and exact.level in self.levels and self._holds(exact):
            yield exact.pk
        for level in self._upper_levels():
            # Both conditions: the first is that of the small index of upper codes.
            yield from self._by_prefix("code", text, "level <= 3 AND level = %s", [level])
        marks = ", ".join("%s" for _ in self.levels)
        yield from self._by_prefix("code", text, f"level IN ({marks})", list(self.levels))

    def _by_prefix(self, column: str, text: str, condition: str, values: list[object]) -> Ids:
        """A range of the index. LIKE with a bound value would scan on SQLite; on PostgreSQL the
        index is in byte order, whatever the collation."""
        sqlite = connection.vendor == "sqlite"
        least, below, order = (">=", "<", "") if sqlite else ("~>=~", "~<~", " USING ~<~")
        return self._select(
            f"{condition} AND {column} {least} %s AND {column} {below} %s",
            [*values, text, text + "\U0010ffff"],
            f"{column}{order}",
        )

    def _select(self, condition: str, values: list[object], order: str = "first") -> Ids:
        scope, bounds = self._scope()
        sql = (
            f"SELECT id FROM places_division WHERE {condition} AND {scope}"
            f" ORDER BY {order} LIMIT %s"
        )
        return (row[0] for row in _rows(sql, [*values, *bounds, self.limit]))

    def _scope(self) -> tuple[str, list[int]]:
        return ("1 = 1", []) if self.within is None else self.within.sql("first")

    def _upper_levels(self) -> list[int]:
        return [level for level in self.levels if level <= Division.Level.COUNTY]

    def _holds(self, division: Division) -> bool:
        return self.within is None or self.within.contains(division)


def _matching(terms: list[str], condition: str) -> tuple[str, list[str]]:
    """The condition of PostgreSQL for names that have all the terms. Terms that most villages have
    are compared row by row in tree order: the limit is reached at once."""
    if condition == VILLAGES and names.COMMON.issuperset(terms):
        return " AND ".join("name LIKE %s" for _ in terms), [f"%{term}%" for term in terms]
    return "places_terms(name) @@ %s::tsquery", [" & ".join(f"'{term}'" for term in terms)]


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _once(ids: Ids) -> Ids:
    seen: set[int] = set()
    for pk in ids:
        if pk not in seen:
            seen.add(pk)
            yield pk
