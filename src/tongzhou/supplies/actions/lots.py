"""Items and their lots: recorded, held, recalled, released."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division

from ..models import Item, Lot, PackLevel
from ..rules import SupplyRefused


@transaction.atomic
def create_item(
    *,
    code: str,
    name: str,
    base_unit: str,
    by: Actor,
    name_en: str = "",
    gtin: str = "",
    volume_l: float | None = None,
    shelf_life_days: int | None = None,
    carton_units: int = 0,
    serialised: bool = False,
) -> Item:
    """Record an item and, if given, how many units a carton holds.

    `volume_l`: litres of one unit. Raises SupplyRefused if its code is known already.
    """
    if Item.objects.filter(code=code).exists():
        raise SupplyRefused(_("There is an item with the code %(code)s already.") % {"code": code})
    item = Item.objects.create(
        code=code,
        name=name,
        name_en=name_en,
        base_unit=base_unit,
        gtin=gtin,
        volume_l=volume_l,
        shelf_life_days=shelf_life_days,
        serialised=serialised,
    )
    if carton_units:
        PackLevel.objects.create(item=item, level=PackLevel.Level.CARTON, units=carton_units)
    names = ("code", "name", "name_en", "base_unit", "volume_l", "serialised")
    after = values_of(item, *names) | {"carton_units": carton_units}
    record("item.created", item, by=by, chain=_top(), after=after)
    return item


@transaction.atomic
def set_lot_state(lot: Lot, state: str, *, by: Actor, note: str) -> Lot:
    """Hold or recall a lot, or release it again: what is not ok no longer goes out anywhere."""
    row = Lot.objects.select_for_update().get(pk=lot.pk)
    before = values_of(row, "state")
    row.state = Lot.State(state)
    row.save(update_fields=["state"])
    after = values_of(row, "state") | {"number": row.number, "note": note}
    record("lot.state_set", row, by=by, chain=_top(), before=before, after=after)
    return row


def lot_of(item: Item, number: str, expires_on: date | None) -> Lot:
    """The lot of this number, recorded if it is new. Raises SupplyRefused if it is known with
    another expiry: one of the two papers is wrong."""
    lot, made = Lot.objects.get_or_create(
        item=item, number=number, defaults={"expires_on": expires_on}
    )
    if not made and expires_on not in (None, lot.expires_on):
        raise SupplyRefused(
            _("Lot %(lot)s is known to expire on %(known)s, not %(given)s. Check both papers.")
            % {"lot": number or "-", "known": lot.expires_on or "-", "given": expires_on}
        )
    return lot


def _top() -> str:
    """Items and lots belong to the whole installation: the chain of the top of its tree."""
    top = Division.objects.filter(parent=None).order_by("first").first()
    return f"division:{top.code}" if top else "division:0"
