"""May the sender of a change make it? Asked inside the action, so that no way in can forget it."""

from django.utils.translation import gettext as _

from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.rules import Interval, Scope

from .. import queries
from ..models import Account, Organisation
from ..rules import HELD_BY_ROOT, Held, NotAllowedError, may_hand_on, reach_of


def held_by(by: Actor) -> tuple[Held, ...]:
    """The roles of the sender: the system is root, an account what it holds now, others nothing."""
    if by.kind == "system":
        return (HELD_BY_ROOT,)
    if by.kind != "account":
        return ()
    account = Account.objects.filter(pk=by.ref).first()
    return queries.held(account) if account else ()


def check_hands_on(by: Actor, role: str, division: Interval) -> None:
    """Raises NotAllowedError unless the sender may give or end this role at this division."""
    if not may_hand_on(held_by(by), role, division):
        raise NotAllowedError(
            _(
                "You cannot give or end this role there: you need the right to manage people at"
                " that division and every permission of the role. Ask an administrator above you."
            )
        )


def check_manages(by: Actor, account: Account) -> None:
    """Raises NotAllowedError unless the sender could hand on every role the account holds."""
    if not queries.may_change(held_by(by), account):
        raise NotAllowedError(
            _(
                "You cannot change this account: it holds roles that are not yours to give."
                " Ask an administrator above you."
            )
        )


def check_division(by: Actor, division: Division | None) -> None:
    """Raises NotAllowedError unless the sender manages people at the division; None is the top."""
    scope = _scope_of(by)
    spans = [division] if division else list(Division.objects.filter(parent=None))
    if not scope.intervals or not all(scope.contains(span) for span in spans):
        raise NotAllowedError(
            _("You cannot do this there: you need the right to manage people at that division.")
        )


def check_organisation(by: Actor, organisation: Organisation | None) -> None:
    """Raises NotAllowedError unless the sender may put people into the organisation."""
    if organisation is None:
        return
    mine = queries.organisations_in(_scope_of(by))
    if not mine.filter(pk=organisation.pk).exists():
        raise NotAllowedError(_("You cannot choose this organisation: it is outside your area."))


def _scope_of(by: Actor) -> Scope:
    return reach_of(held_by(by), "people.manage").scope
