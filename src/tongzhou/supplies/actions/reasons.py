"""Why a posting is refused: what happened, where, and what to do next."""

from django.utils.translation import gettext as _

from ..models.dialect import Dialect
from ..rules.ledger import Key
from ..rules.words import BUCKETS


def not_enough(speaker: Dialect, key: Key, held: int, needed: int) -> str:
    account, item, lot, fund = key
    return _(
        "%(place)s has %(held)d of %(item)s %(bucket)s (lot %(lot)s, fund %(fund)s), and %(needed)d"
        " are needed. Receive the missing units first, or enter fewer."
    ) % {
        "place": _name(speaker, "SELECT name FROM places_place WHERE id IN {ids}", account // 8),
        "item": _name(speaker, "SELECT name FROM supplies_item WHERE id IN {ids}", item),
        "lot": _name(speaker, "SELECT number FROM supplies_lot WHERE id IN {ids}", lot) or "-",
        "fund": _name(speaker, "SELECT public_id FROM supplies_fund WHERE id IN {ids}", fund),
        "bucket": BUCKETS[account % 8],
        "held": held,
        "needed": needed,
    }


def unfit_lot(speaker: Dialect, lot: int) -> str:
    return _(
        "Lot %(lot)s is held, recalled or expired, and must not go out. Take another lot, or have"
        " this one released first."
    ) % {"lot": _name(speaker, "SELECT number FROM supplies_lot WHERE id IN {ids}", lot) or "-"}


def unknown_place(place: int) -> str:
    return _("There is no place %(place)d. Register it first, or correct the leg.") % {
        "place": place
    }


def unknown_fund(fund: int) -> str:
    return _("There is no fund %(fund)d. Record the donation first.") % {"fund": fund}


def unknown_lot(lot: int, item: int) -> str:
    return _("There is no lot %(lot)d of item %(item)d. Record the lot first.") % {
        "lot": lot,
        "item": item,
    }


def no_mirror(move: int) -> str:
    return _("A reversal has exactly the lines of move %(move)d with the opposite sign.") % {
        "move": move
    }


def reversed_before(move: int) -> str:
    return _("Move %(move)d has been reversed before. Post what is right as a new move.") % {
        "move": move
    }


def other_body(command_id: str) -> str:
    return _(
        "The command %(command)s was used before for something else. Send the change again under"
        " a new id."
    ) % {"command": command_id}


def by_database(error: Exception) -> str:
    first_line = str(error).partition("\n")[0][:300]
    return _("The database refused the move: %(why)s Nothing was changed.") % {"why": first_line}


def _name(speaker: Dialect, sql: str, pk: int) -> str:
    rows = speaker.read(sql, [pk])
    return str(rows[0][0]) if rows else str(pk)
