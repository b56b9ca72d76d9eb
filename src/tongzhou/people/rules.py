"""What each role may do and who may hand it on. A role is held at a division: RoleGrant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongzhou.places.rules import Interval, Scope

NOWHERE = Scope(())
# An erased row needs an address that is nobody's: no domain under "invalid" exists (RFC 2606).
ERASED = "@erased.invalid"

LOOK = frozenset(
    {
        "people.view",
        "places.view",
        "facilities.view",
        "funds.view",
        "orders.view",
        "stock.view",
        "campaigns.view",
        "needs.view",
        "plans.view",
        "shipments.view",
        "parcels.view",
        "discrepancies.view",
        "board.view",
        "reviews.view",
        "api.read",
    }
)
CONTROL = frozenset({"audit.view", "ledger.view"})
CHANGE = frozenset(
    {
        "people.manage",
        "places.import",
        "places.edit",
        "facilities.edit",
        "facilities.import",
        "calls.make",
        "calls.review",
        "funds.edit",
        "orders.edit",
        "campaigns.edit",
        "needs.import",
        "needs.verify",
        "promises.edit",
        "plans.run",
        "plans.override",
        "plans.publish",
        "shipments.dispatch",
        "shipments.receive",
        "shipments.report",
        "parcels.pack",
        "parcels.enter_receipt",
        "discrepancies.resolve",
        "tasks.edit",
        "channel.edit",
        "guides.edit",
        "medicines.import",
    }
)
# A signature says that a clinician read the text: it comes with that role, not with an office.
SIGN = frozenset({"reviews.sign"})
PERMISSIONS = LOOK | CONTROL | CHANGE | SIGN


class NotAllowedError(PermissionDenied):
    """The actor may not do this here; the text says so without naming what they may not see."""


class NotPossibleError(ValueError):
    """The change cannot be made as asked; the text says why and what to do."""


class Role:
    """One role. `own_organisation_only`: its rights reach only rows of the organisation that the
    grant names. `second_factor`: its holder signs in with a second factor before any desk page."""

    name: ClassVar[str]
    title: ClassVar[Promise]
    says: ClassVar[Promise]
    permissions: ClassVar[frozenset[str]]
    own_organisation_only: ClassVar[bool] = False
    second_factor: ClassVar[bool] = True


class Administrator(Role):
    name = "administrator"
    title = _("Administrator")
    says = _("Runs the installation for a division: people, settings and every permission.")
    permissions = PERMISSIONS


class Coordinator(Role):
    """Holds people.manage so that a province can appoint its counties' officers itself."""

    name = "coordinator"
    title = _("Coordinator")
    says = _(
        "Opens campaigns, runs and publishes plans, and appoints the people who carry them out."
    )
    permissions = LOOK | CHANGE


class Reviewer(Role):
    """May publish, but neither runs nor overrides a plan: the second pair of eyes."""

    name = "reviewer"
    title = _("Reviewer")
    says = _("The second person, who reads a plan and approves its publishing.")
    permissions = frozenset(
        {
            "places.view",
            "funds.view",
            "orders.view",
            "stock.view",
            "campaigns.view",
            "needs.view",
            "plans.view",
            "plans.publish",
            "board.view",
            "api.read",
        }
    )


class CountyOfficer(Role):
    name = "county_officer"
    title = _("County officer")
    says = _("Receives shipments, breaks cartons into parcels and passes them on to the clinics.")
    permissions = frozenset(
        {
            "places.view",
            "places.edit",
            "facilities.view",
            "facilities.edit",
            "calls.make",
            "stock.view",
            "campaigns.view",
            "needs.view",
            "needs.import",
            "needs.verify",
            "plans.view",
            "shipments.view",
            "shipments.dispatch",
            "shipments.receive",
            "parcels.view",
            "parcels.pack",
            "parcels.enter_receipt",
            "discrepancies.view",
            "discrepancies.resolve",
            "board.view",
            "tasks.edit",
            "channel.edit",
            "api.read",
        }
    )


class Carrier(Role):
    name = "carrier"
    title = _("Carrier")
    says = _("Carries the shipments given to their own organisation and reports where they are.")
    permissions = frozenset(
        {
            "shipments.view",
            "shipments.report",
            "parcels.view",
            "parcels.enter_receipt",
            "api.read",
        }
    )
    own_organisation_only = True


class Auditor(Role):
    name = "auditor"
    title = _("Auditor")
    says = _("Reads everything in the division, the ledger and the log included; changes nothing.")
    permissions = LOOK | CONTROL


class Partner(Role):
    name = "partner"
    title = _("Partner")
    says = _("Reads the figures of the funds their own organisation gave.")
    permissions = frozenset({"funds.view", "api.read"})
    own_organisation_only = True


class ClinicDoctor(Role):
    """A cheap phone may not run a second factor, and receiving needs no account at all."""

    name = "clinic_doctor"
    title = _("Clinic doctor")
    says = _("Reads the page of their own clinic. Receiving a parcel needs no account.")
    permissions = frozenset({"places.view"})
    second_factor = False


class Clinician(Role):
    """Its signature counts for every place, so only one held at the root of the tree signs."""

    name = "clinician"
    title = _("Clinician")
    says = _("Reads the health rules, the medicine catalogue and the guides, and signs them.")
    permissions = frozenset({"reviews.view", "reviews.sign"})


ROLES: Mapping[str, type[Role]] = {
    role.name: role
    for role in (
        Administrator,
        Coordinator,
        Reviewer,
        CountyOfficer,
        Carrier,
        Auditor,
        Partner,
        ClinicDoctor,
        Clinician,
    )
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of a role by name; a name that is no role (any more) gives none."""
    return ROLES[role].permissions if role in ROLES else frozenset()


@dataclass(slots=True)
class Held:
    """One role held now: where (a division's interval) and, if narrowed, for which organisation."""

    role: str
    first: int
    last: int
    organisation_id: int | None = None

    @property
    def narrowed(self) -> bool:
        return self.role in ROLES and ROLES[self.role].own_organisation_only


# A superuser is an administrator of every division there is or will be.
HELD_BY_ROOT = Held(Administrator.name, -(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an account holds one permission: in a scope for every row, and for the rows of single
    organisations in a scope of their own (carriers, partners)."""

    scope: Scope
    by_organisation: Mapping[int, Scope] = field(default_factory=dict)

    def contains(self, division: Interval, organisation_id: int | None = None) -> bool:
        own = self.by_organisation.get(organisation_id, NOWHERE) if organisation_id else NOWHERE
        return self.scope.contains(division) or own.contains(division)

    def q(self, division: str, organisation: str) -> Q:
        """A filter by the relation to Division and the one to Organisation ("carrier", "donor")."""
        condition = self.scope.q(division)
        for organisation_id, scope in self.by_organisation.items():
            condition |= Q(**{organisation: organisation_id}) & scope.q(division)
        return condition


def reach_of(held: Iterable[Held], permission: str) -> Reach:
    """Collect the intervals of every role that gives the permission."""
    wide: list[tuple[int, int]] = []
    own: dict[int, list[tuple[int, int]]] = {}
    for one in held:
        if permission not in permissions_of(one.role):
            continue
        if not one.narrowed:
            wide.append((one.first, one.last))
        elif one.organisation_id is not None:
            own.setdefault(one.organisation_id, []).append((one.first, one.last))
    return Reach(_scope(wide), {key: _scope(spans) for key, spans in own.items()})


def may_hand_on(giver: Iterable[Held], role: str, division: Interval) -> bool:
    """Nobody gives (or takes) a role outside their scope, nor one that may do what they may not.

    Rights narrowed to an organisation are not theirs to hand on.
    """
    mine: set[str] = set()
    for one in giver:
        if not one.narrowed and _scope([(one.first, one.last)]).contains(division):
            mine |= permissions_of(one.role)
    return "people.manage" in mine and permissions_of(role) <= mine


def may_manage(manager: Iterable[Held], theirs: Iterable[Held]) -> bool:
    """An account is changed or closed only by somebody who could hand on every role it holds."""
    own = tuple(manager)
    return all(may_hand_on(own, one.role, one) for one in theirs)


def _scope(spans: list[tuple[int, int]]) -> Scope:
    return Scope(tuple(sorted(set(spans))))
