"""The call-down as it stands: who is to be called next, who calls, what waits for a review."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from tongzhou.kit import clock
from tongzhou.kit.rules import Actor
from tongzhou.places.rules import Scope

from ..models import Call, Caller, Facility

# A site that was called is left in peace for so long.
REST = timedelta(hours=12)


def waiting_for_call(within: Scope) -> QuerySet[Facility]:
    """The sites of a scope that are on nobody's telephone, in the order of the queue."""
    claimed = Call.objects.filter(facility=OuterRef("pk"), state=Call.State.CLAIMED)
    rested = Q(called_at__isnull=True) | Q(called_at__lte=clock.now() - REST)
    return (
        Facility.objects.filter(rested, within.q("division"), state=Facility.State.ACTIVE)
        .exclude(phones="")
        .filter(~Exists(claimed))
        .select_related("division")
        .order_by("priority", "ever_called", "called_at", "pk")
    )


def level_of(who: Actor) -> str:
    """The level of whoever calls; a trainee's where nobody set one."""
    if who.kind != "account" or not who.ref.isdigit():
        return Caller.Level.TRAINEE
    row = Caller.objects.filter(account_id=int(who.ref)).first()
    return row.level if row else Caller.Level.TRAINEE


def call_of(by: str) -> Call | None:
    """The call that somebody holds now."""
    rows = Call.objects.select_related("facility__division")
    return rows.filter(by=by, state=Call.State.CLAIMED).first()


def calls_to_review(within: Scope, *, by: str) -> QuerySet[Call]:
    """The sampled calls of a scope that wait for a second person who is not the caller."""
    rows = Call.objects.filter(within.q("facility__division"), review=Call.Review.DUE)
    return rows.exclude(by=by).select_related("facility__division").order_by("pk")
