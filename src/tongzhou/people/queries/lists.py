"""The accounts, grants and organisations that lie in a scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet

from tongzhou.kit import paging
from tongzhou.places.models import Division
from tongzhou.places.rules import Interval, Scope

from ..models import Account, Organisation, RoleGrant
from ..rules import ERASED, ROLES

STATES = ("active", "invited", "closed")


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What the list of people is narrowed to, as the address says; unknown words count as none."""

    text: str = ""
    role: str = ""
    state: str = ""
    after: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "PeopleFilter":
        role, state = asked.get("role", ""), asked.get("state", "")
        return cls(
            asked.get("q", "").strip()[:80],
            role if role in ROLES else "",
            state if state in STATES else "",
            asked.get("after", "")[:400],
        )

    @property
    def any(self) -> bool:
        return bool(self.text or self.role or self.state)

    def address(self, after: str) -> str:
        """The query string of a page of this list."""
        parts = {"q": self.text, "role": self.role, "state": self.state, "after": after}
        return "?" + urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the list and how many there are in all; a cursor of another list starts over."""

    accounts: list[Account]
    count: int
    previous_url: str
    next_url: str


def people_page(scope: Scope, chosen: PeopleFilter) -> PeoplePage:
    """The accounts of a scope that fit the filter, 50 a page, in the order they were made."""
    fitting = _fitting(accounts_in(scope), grants_in(scope), chosen)
    try:
        page = paging.page(fitting, "id", after=chosen.after)
    except paging.CursorError:
        page = paging.page(fitting, "id")
    return PeoplePage(
        page.rows,
        fitting.count(),
        chosen.address("") if chosen.after else "",
        chosen.address(page.next) if page.next else "",
    )


def invitations_unused(scope: Scope) -> QuerySet[Account]:
    """Accounts that were invited and have never signed in."""
    return accounts_in(scope).filter(_unused())


def grants_in(scope: Scope) -> QuerySet[RoleGrant]:
    """The roles held, now or once, at divisions of the scope."""
    return RoleGrant.objects.filter(scope.q("division")).select_related("division", "organisation")


def accounts_in(scope: Scope) -> QuerySet[Account]:
    """Accounts with a role, now or once, in the scope, or with an organisation there.

    `roles_here` are their present roles in the scope and no others. An account that belongs to no
    division at all is seen by whoever's scope holds the whole tree.
    """
    here = grants_in(scope)
    seen = Q(pk__in=here.values("account")) | scope.q("organisation__division")
    if _holds_a_root(scope):
        seen |= Q(pk__isnull=False)
    present = Prefetch(
        "grants", here.filter(ended_at=None).order_by("division__first"), to_attr="roles_here"
    )
    return Account.objects.filter(seen).select_related("organisation").prefetch_related(present)


def organisations_in(scope: Scope) -> QuerySet[Organisation]:
    """Organisations of the scope, and the public ones that belong to no single division."""
    anywhere = Q(division=None) if _holds_a_root(scope) else Q(division=None, public=True)
    seen = scope.q("division") | anywhere if scope.intervals else Q(pk__in=[])
    return Organisation.objects.filter(seen).select_related("division", "dock")


def carriers_for(
    scope: Scope, division: Interval, *, assigned: int | None = None
) -> QuerySet[Organisation]:
    """The carriers that may be given what leaves a division: those of the scope, those whose own
    division holds it, the public ones that serve everywhere, and the one that has it already."""
    serving = (
        Q(pk__in=organisations_in(scope).values("pk"))
        | Q(division__first__lte=division.first, division__last__gte=division.first)
        | Q(pk=assigned)
    )
    carriers = Organisation.objects.filter(serving, kind=Organisation.Kind.CARRIER)
    return carriers.order_by("name", "pk")


def is_erased(account: Account) -> bool:
    return account.email.endswith(ERASED)


def _fitting(
    accounts: QuerySet[Account], grants: QuerySet[RoleGrant], chosen: PeopleFilter
) -> QuerySet[Account]:
    if chosen.text:
        accounts = accounts.filter(Q(name__icontains=chosen.text) | Q(email__icontains=chosen.text))
    if chosen.role:
        held = grants.filter(role=chosen.role, ended_at=None)
        accounts = accounts.filter(pk__in=held.values("account"))
    if chosen.state == "closed":
        return accounts.filter(is_active=False)
    if chosen.state == "invited":
        return accounts.filter(_unused())
    return accounts.filter(is_active=True) if chosen.state == "active" else accounts


def _unused() -> Q:
    """Invited, and never signed in: still with the password that opens nothing."""
    return Q(is_active=True, last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX)


def _holds_a_root(scope: Scope) -> bool:
    return any(scope.contains(root) for root in Division.objects.filter(parent=None))
