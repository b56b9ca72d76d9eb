"""The tree seen through its numbering: ancestors, children and counts are ranges of one index."""

from collections.abc import Iterable, Sequence

from django.db.models import Count, Max, Q, QuerySet

from tongzhou.interchange import codes
from tongzhou.interchange.refusals import CodeRefused

from ..models import Division
from ..rules import Scope

SUCCESSORS_FOLLOWED = 20


def division_by_code(code: str) -> Division | None:
    """The division with this code, also when typed as 620000 or 6201; None when there is none."""
    typed = codes.narrowed(code)[:24]
    found = Division.objects.filter(code=typed).first()
    return found or Division.objects.filter(code__in=_other_forms(typed)).first()


def _other_forms(typed: str) -> list[str]:
    """A province has two digits here and a prefecture six, however official lists pad them."""
    try:
        division = codes.division(typed)
    except CodeRefused:
        return []
    short = division.level == codes.PROVINCE
    return [division.digits if short else division.padded]


def ancestors(division: Division) -> list[Division]:
    """The divisions above, nation first, the division itself left out: one seek for each level."""
    above = [_at_level(division, level) for level in range(division.level)]
    found = [row for part in above for row in part]
    if division.closed:
        found += [row for row in _at_level(division, division.level) if row.pk != division.pk]
    return sorted(found, key=lambda row: row.first)


def _at_level(division: Division, level: int) -> QuerySet[Division]:
    """The open division of a level whose interval holds this one. Closed ones hold nothing."""
    return Division.objects.filter(
        level=level, first__lte=division.first, last__gte=division.first, valid_to__isnull=True
    ).order_by("-first")[:1]


def county_of(division: Division) -> Division | None:
    """The county a division is or lies in, its successor's if merged; None above counties."""
    return _ancestor_or_self(division, Division.Level.COUNTY)


def province_of(division: Division) -> Division | None:
    return _ancestor_or_self(division, Division.Level.PROVINCE)


def _ancestor_or_self(division: Division, level: int) -> Division | None:
    if division.level < level:
        return None
    if division.level == level and not division.closed:
        return division
    return _at_level(division, level).first() or _itself(division, level)


def _itself(division: Division, level: int) -> Division | None:
    """A county closed without a successor is still its own county, so that its records have one."""
    return division if division.level == level else None


def chain_of(division: Division) -> str:
    """The event chain of what happens in a division: its county's, above counties its own."""
    county = county_of(division)
    return f"county:{county.code}" if county else f"division:{division.code}"


def children(division: Division, *, closed: bool = False) -> QuerySet[Division]:
    """The divisions one level below, in tree order; those no longer valid only when asked for."""
    below = Division.objects.filter(
        level=division.level + 1, first__gt=division.first, first__lte=division.last
    )
    return (below if closed else below.filter(valid_to__isnull=True)).order_by("first")


def counts_by_level(division: Division) -> dict[int, int]:
    """How many divisions each level below has, closed ones included; read from the index alone."""
    rows = (
        Division.objects.filter(
            level__in=range(division.level + 1, Division.Level.VILLAGE + 1),
            first__gt=division.first,
            first__lte=division.last,
        )
        .values_list("level")
        .annotate(count=Count("level"))
        .order_by("level")
    )
    return dict(rows)


def current(division: Division) -> Division:
    """The division that stands for this one today: itself, or the last of its successors."""
    for _ in range(SUCCESSORS_FOLLOWED):
        if division.successor is None:
            break
        division = division.successor
    return division


def scope_of(*divisions: Division) -> Scope:
    """What holding a role at these divisions covers; a merged one covers its successor's area."""
    return Scope.of(*(current(division) for division in divisions))


def with_paths(divisions: Sequence[Division]) -> list[Division]:
    """The same divisions, each with `path`: its ancestors below the nation, province first."""
    known = _with_parents(divisions)
    for division in divisions:
        path: list[Division] = []
        at = known.get(division.parent_id or 0)
        while at is not None and at.level > Division.Level.NATION:
            path.insert(0, at)
            at = known.get(at.parent_id or 0)
        division.path = tuple(path)
    return list(divisions)


def _with_parents(divisions: Iterable[Division]) -> dict[int, Division]:
    """All ancestors by id, one query a level."""
    known: dict[int, Division] = {}
    wanted = {d.parent_id for d in divisions if d.parent_id}
    while wanted:
        found = Division.objects.in_bulk(wanted)
        known.update(found)
        wanted = {d.parent_id for d in found.values() if d.parent_id} - known.keys()
    return known


def in_scope(scope: Scope | None) -> Q:
    return Q() if scope is None else scope.q()


def highest_number() -> int:
    """The highest pre-order number in use, 0 before the first tree."""
    return Division.objects.filter(first__gt=0).aggregate(top=Max("last"))["top"] or 0
