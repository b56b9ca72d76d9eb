"""Facilities are public; stating what is known of them, and calling them, is the office's."""

from dataclasses import replace
from datetime import timedelta

from tongzhou.finder.models import Call, Facility, HoursException
from tongzhou.finder.rules import vector

from ..table import Row, api_open, form, listing, open_to_all, page
from ..world import NOW, Built, Making
from . import places

FAR = timedelta(days=36500)


def stored(making: Making, code: str = "") -> Facility:
    """A facility whose point is that of its relation, so that the public page finds its own."""
    lat = 30.0 + making.division.first / 1000
    x, y, z = vector(lat, 103.0)
    return Facility.objects.create(
        code=code or f"fc-{making.token}",
        name=f"医院{making.token}",
        kind="hospital",
        division=making.division,
        phones="0931-1234567",
        hours="24/7",
        lat=lat, lon=103.0, x=x, y=y, z=z,
    )  # fmt: skip


def told(making: Making) -> Built:
    """One facility for programs, its code included."""
    return replace(facility(making), secrets=())


def listed(making: Making) -> Built:
    """The list for programs, narrowed to the division."""
    built = facility(making)
    return Built(marks=built.marks, query=f"division={making.division.code}")


def facility(making: Making) -> Built:
    made = stored(making)
    return Built(
        kwargs={"code": made.code},
        marks=(f"医院{making.token}",),
        secrets=(making.token,),
        data={"source": "A", "phones": "0931-7654321", "first": "2023-01-21", "last": "2023-01-22"},
    )


def shown(making: Making) -> Built:
    """Its public page: no person in it."""
    return replace(facility(making), secrets=())


def place(making: Making) -> Built:
    """The public page of a place, with what is open there."""
    made = stored(making)
    return Built(kwargs={"code": making.division.code}, marks=(made.name,))


def to_make(making: Making) -> Built:
    data = {
        "source": "A",
        "code": f"new-{making.token}",
        "name": "新医院",
        "kind": "hospital",
        "division": making.division.code,
    }
    return Built(data=data)


def to_merge(making: Making) -> Built:
    made = facility(making)
    into = stored(making.world.making("own"))
    return replace(made, data={"into": into.code})


def merged_into(making: Making) -> Built:
    """The address names one's own facility, the body the other."""
    mine = facility(making.world.making("own"))
    return replace(mine, marks=(), secrets=(), data={"into": stored(making).code})


def with_exception(making: Making) -> Built:
    made = stored(making)
    row = HoursException.objects.create(facility=made, first=NOW.date(), last=NOW.date())
    return Built(kwargs={"code": made.code, "pk": row.pk}, secrets=(making.token,))


def claimed(making: Making, by: str = "account:0", **values: object) -> Call:
    return Call.objects.create(
        facility=stored(making),
        by=f"{by}:{making.token}",
        claimed_at=NOW,
        claimed_until=NOW + FAR,
        **values,
    )


def call(making: Making) -> Built:
    """Somebody else's call may be looked at; to finish it or to give it back is theirs alone."""
    made = claimed(making)
    return Built(
        kwargs={"pk": made.pk},
        marks=(f"医院{making.token}",),
        secrets=(making.token,),
        data={"result": "no_answer"},
    )


def waiting(making: Making) -> Built:
    made = claimed(making, state="done", result="reached", ended_at=NOW, review="due")
    return Built(
        kwargs={"pk": made.pk},
        marks=(f"医院{making.token}",),
        secrets=(making.token,),
        data={"agreed": "yes"},
    )


# The tree is walked by name, upwards, downwards and aside.
TREE = {"names": False}
ROWS: list[Row] = [
    open_to_all("clinics", place, relations=("own", "child", "none")),
    open_to_all("facility", shown),
    listing("finder", "facilities.view", facility),
    form("finder-new", "facilities.edit", to_make, writes=True),
    page("finder-one", "facilities.view", facility),
    page("finder-say", "facilities.edit", facility, posts=True, writes=True),
    page("finder-days", "facilities.edit", facility, posts=True, writes=True),
    page(
        "finder-days-remove", "facilities.edit", with_exception, gets=False, posts=True, writes=True
    ),
    page("finder-merge", "facilities.edit", to_merge, posts=True, writes=True),
    form("finder-merge", "facilities.edit", merged_into, part="body", gets=False, writes=True),
    form("calls", "calls.make", posts=False),
    page("call", "calls.make", call, posts=True),
    page("call-back", "calls.make", call, gets=False, posts=True),
    page("call-review", "calls.review", waiting, gets=False, posts=True, writes=True),
    *places.imports("facilities", "facilities.import"),
    api_open("facilities", listed),
    api_open("facilities/<code>", told),
]
