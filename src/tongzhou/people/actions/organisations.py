"""Organisations: who gives, makes, carries or answers."""

from django.db import transaction

from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of

from ..models import Organisation
from .giver import check_division

TOLD = ("code", "name", "name_en", "kind", "division_id", "public")
CHAIN_OF_NO_DIVISION = "people"


def create_organisation(
    *,
    code: str,
    name: str,
    kind: str,
    by: Actor,
    name_en: str = "",
    division: Division | None = None,
    public: bool = True,
    made_up: bool = False,
) -> Organisation:
    """Add an organisation. Raises NotAllowedError unless the sender manages people at its division
    (at the top of the tree for one that belongs to no division)."""
    with transaction.atomic():
        check_division(by, division)
        made = Organisation.objects.create(
            code=code,
            name=name,
            name_en=name_en,
            kind=kind,
            division=division,
            public=public,
            made_up=made_up,
        )
        after = values_of(made, *TOLD)
        record("organisation.created", made, by=by, chain=chain_for(division), after=after)
    return made


def update_organisation(
    organisation: Organisation, *, by: Actor, **changes: object
) -> Organisation:
    """Change name, name_en, kind, division or public; the code stays. Raises NotAllowedError unless
    the sender manages people at both the old and the new division."""
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=organisation.pk)
        check_division(by, row.division)
        before = values_of(row, *TOLD)
        for name, value in changes.items():
            setattr(row, name, value)
        check_division(by, row.division)
        row.save(update_fields=[*changes])
        record(
            "organisation.updated",
            row,
            by=by,
            chain=chain_for(row.division),
            before=before,
            after=values_of(row, *TOLD),
        )
    return row


def chain_for(division: Division | None) -> str:
    """The chain of a division's events, or the one for what belongs to no division."""
    return chain_of(division) if division else CHAIN_OF_NO_DIVISION
