"""Open a discrepancy for each difference that a count has found, with an owner and a due day."""

from collections.abc import Iterable
from datetime import timedelta

from tongzhou.kit import clock
from tongzhou.people.models import Account
from tongzhou.people.queries import owner_for
from tongzhou.places.models import Place

from ..models import Discrepancy, Receipt
from ..rules import Found

DAYS_TO_EXPLAIN = 3


def open_all(receipt: Receipt, place: Place, found: Iterable[Found], note: str = "") -> list[str]:
    """Store the differences of a receipt; returns them in words for its event."""
    rows = list(found)
    if not rows:
        return []
    owner = owner_of(place)
    now = clock.now()
    Discrepancy.objects.bulk_create(
        Discrepancy(
            receipt=receipt,
            place=place,
            item_id=one.item_id,
            kind=one.kind,
            units=one.units,
            owner=owner,
            due_on=clock.today() + timedelta(days=DAYS_TO_EXPLAIN),
            parts=[
                {"line": held.line_id, "lot": held.lot_id, "fund": held.fund_id, "units": units}
                for held, units in one.parts
            ],
            note=note[:500],
            opened_at=now,
        )
        for one in rows
    )
    return [f"{one.kind} {one.units}" for one in rows]


def owner_of(place: Place) -> Account | None:
    """A county answers for its depot and clinics, a coordinator for everything above."""
    if place.kind == Place.Kind.HUB:
        return owner_for(place.division, "coordinator")
    return owner_for(place.division, "county_officer") or owner_for(place.division, "coordinator")
