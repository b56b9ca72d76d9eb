"""The small country in which everything is tried: divisions, and one account for each role."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from django.db import connection

from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.people.rules import ROLES
from tongzhou.places.actions import index
from tongzhou.places.models import Division

from .asking import Browser
from .oracle import Holder

NOW = datetime(2023, 1, 8, 6, tzinfo=UTC)
RELATIONS = ("own", "child", "sibling", "parent", "trap", "foreign", "none")
# `trap` begins with the code of `own`, and yet is no part of it.
TREE = (
    # relation, code, level, parent's code, first, last
    ("nation", "CN", 0, None, 0, 9999),
    ("province", "62", 1, "CN", 1000, 4999),
    ("parent", "6201", 2, "62", 1100, 2999),
    ("own", "620102", 3, "6201", 1200, 1399),
    ("town", "620102001", 4, "620102", 1210, 1299),
    ("child", "620102001201", 5, "620102001", 1220, 1229),
    ("sibling", "620103", 3, "6201", 1400, 1599),
    ("trap", "6201021", 3, "6201", 1600, 1799),
    ("elsewhere", "13", 1, "CN", 5000, 8999),
    ("foreign", "130102", 3, "13", 5100, 5199),
)
# Names that a reader at `own` meets for good reason: the way up from their own division.
ABOVE = ("nation", "province", "parent")
STRANGER = "stranger"


@dataclass(frozen=True)
class Built:
    """One object: its address, what shows it, and what nobody out of reach may see."""

    kwargs: dict[str, object] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    data: dict[str, object] = field(default_factory=dict)
    query: str = ""
    # The address of a list that itself stands under something: the plans of one campaign.
    within: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Making:
    """What a builder is asked for: an object at a division, of an organisation, with a token."""

    world: "World"
    relation: str
    division: Division
    organisation: Organisation
    token: str


class World:
    """Made once for all rows of a run, inside a transaction that is rolled back."""

    def __init__(self) -> None:
        self.divisions: dict[str, Division] = {}
        for relation, code, level, parent, first, last in TREE:
            self.divisions[relation] = Division.objects.create(
                code=code,
                name=f"县Zq{relation}0",
                pinyin=f"xianzq{relation}0",
                initials=f"xzq{relation}0",
                level=level,
                parent=self.by_code(parent),
                first=first,
                last=last,
            )
        index.fill((d.level, d.first, d.name) for d in self.divisions.values())
        self.mine = Organisation.objects.create(code="mine", name="机构Zqmine0", kind="carrier")
        self.other = Organisation.objects.create(code="other", name="机构Zqother0", kind="carrier")
        self._tokens = count(1)
        # Everything is tried on one database; on the other, what depends on the database.
        self.thorough = connection.vendor == "sqlite"
        self.accounts: dict[str, Account] = {}
        self.holders = [self._holder(role) for role in ROLES]
        self.holders += [self._holder(role, ended=True) for role in ROLES]
        self.holders.append(self._holder("administrator", at="nation"))
        self.holders += [self._root(), self._nobody(), Holder(STRANGER)]
        # Signed in here, so that the sessions outlive the rows' own transactions.
        self._browsers = {h.name: Browser(self.accounts.get(h.name)) for h in self.holders}

    def by_code(self, code: str | None) -> Division | None:
        return next((d for d in self.divisions.values() if d.code == code), None)

    def at(self, relation: str) -> Division:
        """The division of a relation; "none" is about a role that has ended at one's own."""
        return self.divisions["own" if relation == "none" else relation]

    def making(self, relation: str, organisation: Organisation | None = None) -> Making:
        # The last letter ends the number: Zqown1z is no part of Zqown12z.
        token = f"Zq{relation}{next(self._tokens)}z"
        return Making(self, relation, self.at(relation), organisation or self.mine, token)

    def browser(self, holder: Holder) -> Browser:
        """A browser signed in as the holder; strangers are not."""
        return self._browsers[holder.name]

    def foreign_names(self) -> tuple[str, ...]:
        """Names of divisions that a reader at `own` has no reason to meet on a page of the desk."""
        known = {*ABOVE, "own", "town", "child"}
        return tuple(d.name for relation, d in self.divisions.items() if relation not in known)

    def _holder(self, role: str, *, ended: bool = False, at: str = "own") -> Holder:
        own = self.divisions[at]
        name = f"{role} (ended)" if ended else role if at == "own" else f"{role} ({at})"
        organisation = self.mine if ROLES[role].own_organisation_only else None
        account = self._account(name)
        RoleGrant.objects.create(
            account=account,
            role=role,
            division=own,
            organisation=organisation,
            granted_by="system:matrix",
            granted_at=NOW,
            ended_at=NOW if ended else None,
        )
        return Holder(name, role, own, organisation, ended=ended)

    def _root(self) -> Holder:
        self._account("superuser", is_superuser=True)
        return Holder("superuser", superuser=True)

    def _nobody(self) -> Holder:
        self._account("nobody")
        return Holder("nobody")

    def _account(self, name: str, **values: object) -> Account:
        address = name.replace(" (", ".").replace(")", "")
        account = Account(email=f"{address}@matrix.example", name=name, **values)
        account.set_password("matrix")
        account.last_login = NOW
        account.save()
        self.accounts[name] = account
        return account
