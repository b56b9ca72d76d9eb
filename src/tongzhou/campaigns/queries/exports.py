"""Needs as a table for other offices."""

from collections.abc import Iterator

from tongzhou.interchange.tables import chunks
from tongzhou.places.models import Division

from ..models import NeedStatement
from ..rules import NEEDS


def export_needs(*, division: Division | None = None, format: str = "csv") -> Iterator[bytes]:
    """The live statements in a division, or everywhere, in the columns that an import reads, so
    that the file can come back. Raises ValueError for a format that is no table."""
    rows = NeedStatement.objects.exclude(state=NeedStatement.State.SUPERSEDED)
    if division is not None:
        within = (division.first, division.last)
        rows = rows.filter(place__division__first__range=within)
    values = rows.order_by("campaign", "place__division__first", "pk").values_list(
        "place__code",
        "item__code",
        "units_asked",
        "stock_units",
        "source",
        "evidence",
        "as_of",
        "campaign__public_id",
    )
    names = [column.name for column in NEEDS]
    found = (dict(zip(names, row, strict=True)) for row in values.iterator(chunk_size=5_000))
    return chunks(found, NEEDS, format=format)
