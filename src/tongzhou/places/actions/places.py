"""One place at a time: made, moved, closed, merged. Others follow by its event."""

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor

from ..models import Division, Place
from ..queries import chain_of


class PlaceRefused(ValueError):
    """The change cannot be made; the text says why and what to do."""


def create_place(
    *,
    code: str,
    name: str,
    kind: str,
    division: Division,
    by: Actor,
    lat: float | None = None,
    lon: float | None = None,
    made_up: bool = False,
) -> Place:
    """A new place, event "place.created". Raises PlaceRefused where the code is taken."""
    with transaction.atomic():
        if Place.objects.filter(code=code).exists():
            raise PlaceRefused(_("There is a place %(code)s already.") % {"code": code})
        place = Place.objects.create(
            code=code, name=name, kind=kind, division=division, lat=lat, lon=lon, made_up=made_up
        )
        after = values_of(place, "code", "name", "kind")
        record("place.created", place, by=by, chain=chain_of(division), after=after)
    return place


def move_place(place: Place, division: Division, *, by: Actor) -> Place:
    """The place stands in another division from now on, event "place.moved"."""
    with transaction.atomic():
        place = _active(place)
        before = {"division": place.division.code}
        chain = chain_of(place.division)
        place.division = division
        place.save(update_fields=["division"])
        after = {"division": division.code}
        record("place.moved", place, by=by, chain=chain, before=before, after=after)
    return place


def close_place(place: Place, *, by: Actor, reason: str) -> Place:
    """The place is no longer served, event "place.closed"; its records and stock stay."""
    with transaction.atomic():
        place = _active(place)
        place.state = Place.State.CLOSED
        place.save(update_fields=["state"])
        after = {"state": place.state, "reason": reason}
        record("place.closed", place, by=by, chain=chain_of(place.division), after=after)
    return place


def merge_places(place: Place, into: Place, *, by: Actor) -> Place:
    """Two rows were one place, or two places became one: the first stays, merged into the other,
    event "place.merged". Raises PlaceRefused where either is not active or both are the same."""
    with transaction.atomic():
        place, into = _active(place), _active(into)
        if place.pk == into.pk:
            raise PlaceRefused(_("A place cannot be merged into itself. Choose another."))
        if place.kind != into.kind:
            raise PlaceRefused(_("Only places of one kind can be merged."))
        place.state, place.merged_into = Place.State.MERGED, into
        place.save(update_fields=["state", "merged_into"])
        record(
            "place.merged",
            place,
            by=by,
            chain=chain_of(place.division),
            before={"code": place.code},
            after={"into": into.code, "into_id": into.pk},
        )
    return place


def _active(place: Place) -> Place:
    """The place as it is now, locked until the change is made."""
    now = Place.objects.select_for_update(of=("self",)).select_related("division").get(pk=place.pk)
    if now.state != Place.State.ACTIVE:
        raise PlaceRefused(
            _("%(code)s is %(state)s already. Reload the page.")
            % {"code": now.code, "state": now.get_state_display()}
        )
    return now
