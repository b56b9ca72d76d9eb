"""What is told of a parcel and its receipt: on the receive page, and to devices as an answer."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from tongzhou.supplies.models import Item

from ..models import Parcel, ParcelLine, Receipt


@dataclass(frozen=True, slots=True)
class Content:
    """Units sent of one item in a parcel."""

    item: Item
    units: int

    @property
    def name(self) -> str:
        return named(self.item)


def named(item: Item) -> str:
    """An item's name in the reader's language, the Chinese one where there is no English."""
    english = not (get_language() or "").startswith("zh")
    return (english and item.name_en) or item.name


def contents_of(parcel: Parcel) -> list[Content]:
    """What was packed into a parcel, by item; units that came by mistake are not part of it."""
    units: Counter[int] = Counter()
    lines = ParcelLine.objects.filter(parcel=parcel, units__gt=0).select_related("item")
    items: dict[int, Item] = {}
    for line in lines:
        items[line.item_id] = line.item
        units[line.item_id] += line.units
    return [Content(items[pk], units[pk]) for pk in sorted(units)]


def told(parcel: Parcel, receipt: Receipt, differences: Iterable[str] = ()) -> dict[str, object]:
    """What happened to a parcel, for the device that asked: no person is named."""
    return {
        "parcel": parcel.public_id,
        "state": parcel.state,
        "receipt": receipt.pk,
        "method": receipt.method,
        "at": receipt.at.isoformat(timespec="seconds"),
        "counts": receipt.counts,
        "differences": list(differences),
    }
