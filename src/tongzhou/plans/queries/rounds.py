"""A driver's round by the secret of its sheet, and the items that each of its stops gets."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongzhou.planning.sheets import Round, rounds_of
from tongzhou.planning.sheets.words import day_after
from tongzhou.plans.models import CountyRoutes

from .deliveries import items_by_stop
from .routes import answer_in

OPEN_DAYS = 3  # after the day of the round
SECRET_BYTES = 16
PARTS = 4


@dataclass(frozen=True, slots=True)
class Opened:
    """What a secret opens: a round, the day on which it is driven and the last one on which the
    secret works. `round` is None once that is over."""

    row: CountyRoutes
    on: date
    until: date
    round: Round | None


def rounds_in(row: CountyRoutes) -> list[Round]:
    """The rounds of a county that is done, in the reader's language, for paper and phone."""
    english = not (get_language() or "").startswith("zh")
    items = items_by_stop(row.route_run.run, row.county_id, english=english)
    answer = answer_in(row)
    rounds = rounds_of(answer, items, county=row.county.name)
    if len(answer.vehicles) > 1:
        return rounds
    # Of one kind of vehicle the number is name enough, and can be said in every language.
    return [replace(r, called=_("Vehicle %(n)s") % {"n": r.vehicle_number}) for r in rounds]


def token_of(row: CountyRoutes, round_: Round, first: date) -> str:
    """The secret of a round, where day 1 is `first`: row, first trip and date, signed with 128 bits
    that no one can guess. Routes that are computed again have other secrets."""
    on = day_after(first, round_.day)
    return _signed(row, f"{row.pk}.{round_.trips[0].number}.{on:%Y%m%d}")


def opened_by(token: str, today: date) -> Opened | None:
    """What a secret opens; None when it is none, or its routes were replaced."""
    parts = token.split(".")
    if len(parts) != PARTS or not all(p.isascii() and p.isdecimal() for p in parts[:3]):
        return None
    if any(len(part) > 12 for part in parts[:3]):
        return None
    rows = CountyRoutes.objects.filter(pk=int(parts[0]), state=CountyRoutes.State.DONE)
    row = rows.select_related("county", "route_run__run__campaign__division").first()
    if row is None or not hmac.compare_digest(_signed(row, ".".join(parts[:3])), token):
        return None
    on = date.fromisoformat(parts[2])
    until = on + timedelta(days=OPEN_DAYS)
    return Opened(row, on, until, _round(row, int(parts[1])) if today <= until else None)


def _round(row: CountyRoutes, number: int) -> Round:
    return next(one for one in rounds_in(row) if one.trips[0].number == number)


def _signed(row: CountyRoutes, text: str) -> str:
    key = hashlib.sha256(b"tongzhou.plans.round:" + settings.SECRET_KEY.encode()).digest()
    document = hashlib.sha256(bytes(row.data)).digest()
    secret = hmac.new(key, text.encode() + b":" + document, hashlib.sha256).digest()
    written = base64.b32encode(secret[:SECRET_BYTES]).decode().rstrip("=")
    return f"{text}.{written}"
