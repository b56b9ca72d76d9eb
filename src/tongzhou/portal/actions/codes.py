"""Counting how often the code of one box was checked.

No event is written: it is nobody's change to anything of ours, and what is counted is a digest.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from tongzhou.interchange.medicine_codes import CodeRead
from tongzhou.kit import clock
from tongzhou.portal.models import CodeSeen

# A box is long used up by then.
KEPT_FOR = timedelta(days=730)
MOST_KEPT = 2_000_000
FORGOTTEN_AT_ONCE = 10_000


@transaction.atomic
def note_seen(read: CodeRead) -> datetime | None:
    """Count a check of one box. When it was first checked, None where this was the first time or
    the code names no single box."""
    if read.fault is not None or not read.serial:
        return None
    now = clock.now()
    row, is_new = CodeSeen.objects.get_or_create(
        digest=digest_of(read), defaults={"first_at": now, "last_at": now}
    )
    if is_new:
        return None
    CodeSeen.objects.filter(pk=row.pk).update(times=F("times") + 1, last_at=now)
    return row.first_at


def digest_of(read: CodeRead) -> str:
    """The HMAC of one box's code, however it was written. Whoever has the table but not the key
    cannot try codes on it."""
    box = f"{read.product}|{read.serial}"
    return salted_hmac("tongzhou.portal.code_seen", box, algorithm="sha256").hexdigest()


def forget_seen() -> int:
    """Delete what was last seen too long ago, and the oldest of what is too much; how many."""
    old = CodeSeen.objects.filter(last_at__lt=clock.now() - KEPT_FOR)
    forgotten = _delete(old.order_by("last_at"))
    over = CodeSeen.objects.count() - MOST_KEPT
    if over > 0:
        forgotten += _delete(CodeSeen.objects.order_by("last_at"), over)
    return forgotten


def _delete(rows: QuerySet[CodeSeen], most: int = FORGOTTEN_AT_ONCE) -> int:
    """The first of these rows, a limited number at once; the next run goes on."""
    keys = list(rows.values_list("pk", flat=True)[: min(most, FORGOTTEN_AT_ONCE)])
    return CodeSeen.objects.filter(pk__in=keys).delete()[0]
