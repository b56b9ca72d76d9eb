"""The call-down: a site is claimed and called, its answers are kept, some calls are reviewed."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import Told, record, record_each
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Account
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.places.rules import Scope

from ..models import Call, Caller, Facility
from ..queries import level_of, waiting_for_call
from ..rules import CLAIMED_FOR, is_sampled
from .facts import Said, locked, write_facts

CLAIM_TRIES = 5
RELEASED_AT_ONCE = 200


class CallRefused(ValueError):
    """A call cannot be claimed, finished or reviewed; the text says why and what to do."""


def claim_call(within: Scope, *, by: Actor) -> Call | None:
    """The next site to call, for an hour, event "call.claimed"; None when there is none.

    The priority group first, then those never called, then the one called longest ago. Raises
    CallRefused for somebody who holds a call already. The database sees to it that a site is on
    one telephone only: who comes second gets the next one.
    """
    now = clock.now()
    if Call.objects.filter(by=str(by), state=Call.State.CLAIMED).exists():
        raise CallRefused(_("You hold a call already. Finish it, or give it back."))
    for _try in range(CLAIM_TRIES):
        facility = waiting_for_call(within).first()
        if facility is None:
            return None
        try:
            with transaction.atomic():
                call = Call.objects.create(
                    facility=facility,
                    by=str(by),
                    claimed_at=now,
                    claimed_until=now + CLAIMED_FOR,
                )
                _record("call.claimed", call, facility, by, until=call.claimed_until)
                return call
        except IntegrityError:
            continue
    raise CallRefused(_("Others were faster. Try again."))


@transaction.atomic
def finish_call(
    call: Call, result: str, facts: Mapping[str, object], *, note: str = "", by: Actor
) -> Call:
    """Write down what a call gave, event "call.done": answers become facts of source C.

    Raises CallRefused for somebody else's call or one that has run out, FieldRefused for an answer
    that its field cannot have.
    """
    call = _mine(call, by)
    facility = locked(call.facility)
    now = clock.now()
    said = Said("C", now, call.facility.phones[:120])
    answers: dict[str, object] = {}
    if result == Call.Result.REACHED:
        answers = dict(facts)
    elif result == Call.Result.CLOSED:
        answers = {"state": Facility.State.CLOSED}
    facility.ever_called, facility.called_at = True, now
    changed: list[str] = []
    if result in (Call.Result.REACHED, Call.Result.CLOSED):
        changed = write_facts(facility, answers, said, by=by)
    else:
        facility.save(update_fields=["ever_called", "called_at"])
    call.state, call.result, call.note = Call.State.DONE, result, note.strip()
    call.ended_at = now
    call.review = Call.Review.DUE if is_sampled(call.pk, level_of(by)) else Call.Review.NONE
    call.save()
    _record("call.done", call, facility, by, result=result, changed=changed)
    return call


@transaction.atomic
def give_back(call: Call, *, by: Actor) -> Call:
    """Somebody else may call, event "call.given_back". Raises CallRefused."""
    call = _mine(call, by)
    call.state, call.ended_at = Call.State.GIVEN_BACK, clock.now()
    call.save(update_fields=["state", "ended_at"])
    _record("call.given_back", call, call.facility, by)
    return call


@transaction.atomic
def release_overdue(*, by: Actor) -> int:
    """Free the sites whose hour is over, event "call.expired" for each; how many."""
    now = clock.now()
    overdue = Call.objects.select_for_update(of=("self",)).filter(
        state=Call.State.CLAIMED, claimed_until__lte=now
    )
    rows = list(overdue.select_related("facility__division").order_by("pk")[:RELEASED_AT_ONCE])
    if not rows:
        return 0
    for call in rows:
        call.state, call.ended_at = Call.State.EXPIRED, now
    Call.objects.bulk_update(rows, ["state", "ended_at"])
    told = [
        Told(call, chain_of(call.facility.division), None, {"code": call.facility.code})
        for call in rows
    ]
    record_each("call.expired", told, by=by)
    return len(rows)


@transaction.atomic
def review_call(call: Call, *, agreed: bool, by: Actor) -> Call:
    """A second person heard of a sampled call, event "call.reviewed". One that was wrong puts its
    site at the head of the queue. Raises CallRefused for one's own call or one not waiting."""
    call = _locked(call)
    if call.review != Call.Review.DUE:
        raise CallRefused(_("This call does not wait for a review. Reload the page."))
    if call.by == str(by):
        raise CallRefused(_("Nobody reviews their own call. Leave it to a colleague."))
    call.review = Call.Review.AGREED if agreed else Call.Review.CORRECTED
    call.reviewed_by = str(by)
    call.save(update_fields=["review", "reviewed_by"])
    if not agreed:
        Facility.objects.filter(pk=call.facility_id).update(
            priority=0, ever_called=False, called_at=None, checked_at=None
        )
    _record("call.reviewed", call, call.facility, by, review=call.review)
    return call


@transaction.atomic
def set_level(account: Account, level: str, division: Division, *, by: Actor) -> Caller:
    """How many of an account's calls are reviewed from now on, event "caller.level_set"."""
    row, _made = Caller.objects.update_or_create(account=account, defaults={"level": level})
    record("caller.level_set", row, by=by, chain=chain_of(division), after={"level": level})
    return row


def _mine(call: Call, by: Actor) -> Call:
    call = _locked(call)
    if call.by != str(by) or call.state != Call.State.CLAIMED:
        raise CallRefused(_("This call is not yours any more. Take the next one."))
    if call.claimed_until <= clock.now():
        raise CallRefused(_("The hour for this call is over. Take the next one."))
    return call


def _locked(call: Call) -> Call:
    rows = Call.objects.select_for_update(of=("self",))
    return rows.select_related("facility__division").get(pk=call.pk)


def _record(verb: str, call: Call, facility: Facility, by: Actor, **after: object) -> None:
    record(
        verb,
        call,
        by=by,
        chain=chain_of(facility.division),
        after={"code": facility.code, **after},
    )
