"""Give numbers to divisions that are new or were moved, disturbing as few others as possible.

New and moved divisions float: their numbers are negative until they have a place. They go into the
gap behind the last child of their parent. Where it is too small, the smallest division above that
has room is numbered anew inside its own interval; only when no division has room does a whole tree
move behind all others. Ids, and so every record that points at a division, never change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl
from django.db import connection
from django.db.models import Max

from ..models import Division
from ..queries import highest_number
from ..rules import Spacing, numbered
from . import index
from .staging import staged

# From roomy to the last free number; what fits first is taken.
SPACINGS = (Spacing.roomy(), Spacing.tight(8), Spacing.tight(4), Spacing.tight(2), Spacing.tight(1))
SUBTREE = """
    SELECT id, parent_id, level, first, name FROM places_division
    WHERE first > %s AND first <= %s ORDER BY first
"""


@dataclass(slots=True)
class _Node:
    """A floating division; `first` is its old number, None where it is new."""

    id: int
    parent: int | None
    level: int
    first: int | None
    name: str


@dataclass(slots=True)
class _Floating:
    """All divisions that wait for numbers, and those below each parent in order."""

    nodes: dict[int, _Node] = field(default_factory=dict)
    below: defaultdict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, nodes: Iterable[_Node], *, in_front: bool = False) -> None:
        grouped: defaultdict[int | None, list[int]] = defaultdict(list)
        for node in nodes:
            if node.id not in self.nodes:
                self.nodes[node.id] = node
                grouped[node.parent].append(node.id)
        for parent, ids in grouped.items():
            was = self.below[parent]
            self.below[parent] = [*ids, *was] if in_front else [*was, *ids]

    def under(self, parent: int | None, depth: int) -> tuple[list[int], list[int]]:
        """The floating divisions below a parent in pre-order, with their depths."""
        ids: list[int] = []
        depths: list[int] = []
        waiting = [(pk, depth) for pk in reversed(self.below.get(parent, []))]
        while waiting:
            pk, at = waiting.pop()
            ids.append(pk)
            depths.append(at)
            waiting.extend((child, at + 1) for child in reversed(self.below.get(pk, [])))
        return ids, depths


def renumber(new: Iterable[Division], moved: Mapping[int, int]) -> None:
    """Number new divisions (stored with negative numbers) and moved ones (new parent by id).

    Inside the transaction of the import that stored them.
    """
    floating = _Floating()
    floating.add(_Node(d.pk, d.parent_id, d.level, None, d.name) for d in new)
    for division in Division.objects.filter(pk__in=moved).order_by("first"):
        _lift(floating, division, moved)
    for pk, parent in moved.items():
        Division.objects.filter(pk=pk).update(parent=parent)
    numbers: dict[int, tuple[int, int]] = {}
    for anchor in _anchors(floating):
        # Making room for the anchor before may have let this one float, with all below it.
        if anchor.pk not in floating.nodes:
            numbers |= _placed(floating, anchor)
    if floating.below.get(None):
        numbers |= _beside_all(floating, numbers)
    _write(floating, numbers)


def _lift(floating: _Floating, division: Division, moved: Mapping[int, int]) -> None:
    """Let a division and all below it float."""
    if division.pk in floating.nodes:
        return
    own = _Node(division.pk, division.parent_id, division.level, division.first, division.name)
    nodes = [own, *_rows(division.first, division.last)]
    for node in nodes:
        node.parent = moved.get(node.id, node.parent)
    floating.add(nodes)
    _sink(division.first, division.last)


def _rows(first: int, last: int) -> list[_Node]:
    with connection.cursor() as cursor:
        cursor.execute(SUBTREE, [first, last])
        return [_Node(*row) for row in cursor.fetchall()]


def _sink(first: int, last: int) -> None:
    """Free the numbers of an interval; minus the old number is unique as the number was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE places_division SET first = -first, last = -first"
            " WHERE first BETWEEN %s AND %s",
            [first, last],
        )


def _anchors(floating: _Floating) -> list[Division]:
    """The numbered divisions below which something floats, highest first."""
    wanted = [pk for pk in floating.below if pk is not None and pk not in floating.nodes]
    return list(Division.objects.filter(pk__in=wanted).order_by("level", "first"))


def _placed(floating: _Floating, anchor: Division) -> dict[int, tuple[int, int]]:
    """Numbers for what floats below an anchor: in its last gap, or by clearing it or one above."""
    inside = Division.objects.filter(first__gt=anchor.first, first__lte=anchor.last)
    end = inside.aggregate(end=Max("last"))["end"] or anchor.first
    if found := _fitted(floating, anchor, end):
        return found
    at: Division | None = anchor
    while at is not None:
        floating.add(_rows(at.first, at.last), in_front=True)
        _sink(at.first + 1, at.last)
        if found := _fitted(floating, at, at.first):
            return found
        at = at.parent
    return _moved_whole(floating, anchor)


def _fitted(floating: _Floating, at: Division, start: int) -> dict[int, tuple[int, int]] | None:
    ids, depths = floating.under(at.pk, at.level + 1)
    for spacing in SPACINGS:
        first, last, top = numbered(depths, start=start, spacing=spacing)
        if top <= at.last:
            return dict(zip(ids, zip(first.tolist(), last.tolist(), strict=True), strict=True))
    return None


def _moved_whole(floating: _Floating, anchor: Division) -> dict[int, tuple[int, int]]:
    """No division of the tree has room: the whole of it moves behind all others."""
    root = anchor
    while root.parent is not None:
        root = root.parent
    floating.add([_Node(root.pk, None, root.level, root.first, root.name)])
    _sink(root.first, root.first)
    return {}


def _beside_all(
    floating: _Floating, numbers: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """Trees of their own, behind every number in use."""
    used = max([highest_number(), *(last for _first, last in numbers.values())])
    ids, depths = floating.under(None, 0)
    first, last, _ = numbered(depths, start=used, spacing=Spacing.roomy())
    return dict(zip(ids, zip(first.tolist(), last.tolist(), strict=True), strict=True))


def _write(floating: _Floating, numbers: Mapping[int, tuple[int, int]]) -> None:
    """Store the numbers and keep the name index, which knows divisions by them."""
    nodes = floating.nodes
    if missing := nodes.keys() - numbers.keys():
        raise RuntimeError(f"Divisions without a number: {sorted(missing)[:5]}")
    frame = pl.DataFrame(
        [(i, pk, first, last) for i, (pk, (first, last)) in enumerate(numbers.items())],
        schema={"row": pl.Int64, "division_id": pl.Int64, "first": pl.Int64, "last": pl.Int64},
        orient="row",
    )
    # By the old numbers, the only ones under which the index knows these names.
    index.remove((n.level, n.first, n.name) for n in nodes.values() if n.first is not None)
    with staged(frame, "numbers") as stage:
        stage.run(
            "UPDATE places_division AS d SET first = s.first, last = s.last"
            f" FROM {stage.name} s WHERE d.id = s.division_id"
        )
    index.fill((nodes[pk].level, first, nodes[pk].name) for pk, (first, _) in numbers.items())
