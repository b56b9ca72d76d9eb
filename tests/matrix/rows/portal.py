"""The public pages: geography, figures and traces, and never a person."""

from tongzhou.delivery.models import Parcel
from tongzhou.kit.rules import SYSTEM
from tongzhou.portal.actions import set_channel

from ..goods import received
from ..table import Row, api_open, open_to_all, page
from ..world import Built, Making
from . import campaigns, supplies
from .places import imports


def division(making: Making) -> Built:
    return Built(kwargs={"code": making.division.code})


def decided(making: Making) -> Built:
    """A page with a telephone of its own, and the form that changes it."""
    name = f"热线{making.token}"
    set_channel(making.division, {"hotlines": [{"zh": name, "phone": "12320"}]}, by=SYSTEM)
    typed = {"hotlines-from": "here", "hotlines-0-zh": name, "hotlines-0-phone": "12345"}
    return Built(kwargs={"code": making.division.code}, data=typed)


def version(making: Making) -> Built:
    return Built(kwargs={**decided(making).kwargs, "number": 1})


def earlier(making: Making) -> Built:
    """A version that another took the place of."""
    built = version(making)
    set_channel(making.division, {"hotlines": []}, by=SYSTEM)
    return Built(kwargs=built.kwargs)


def campaign(making: Making) -> Built:
    made = campaigns.opened(f"行动{making.token}", making.division)
    return Built(kwargs={"public_id": made.public_id}, marks=(f"行动{making.token}",))


def donation(making: Making) -> Built:
    """Who to write to about a donation is nobody's business but the office's."""
    made = supplies.pledged(making)
    contact = f"{making.token}@donor.example"
    return Built(
        kwargs={"public_id": made.public_id}, marks=(f"捐赠{making.token}",), secrets=(contact,)
    )


def hidden_donation(making: Making) -> Built:
    """A donation that is not public is not there."""
    made = supplies.pledged(making)
    made.public = False
    made.save(update_fields=["public"])
    return Built(kwargs={"public_id": made.public_id}, secrets=(making.token,))


def place(making: Making) -> Built:
    """With a parcel that was received, signed and photographed."""
    told = received(making)
    return Built(
        kwargs={"code": told.place.code}, marks=(told.place.name,), secrets=_persons(making)
    )


def parcel(making: Making) -> Built:
    told = received(making)
    made = Parcel.objects.get(pk=told.parcel_id)
    return Built(
        kwargs={"public_id": made.public_id},
        marks=(made.public_id,),
        secrets=_persons(making),
    )


def _persons(making: Making) -> tuple[str, ...]:
    """Who drove and who saw it arrive."""
    return (f"138{making.token}", f"签{making.token}", f"见证{making.token}")


def code(making: Making) -> Built:
    return Built(data={"code": "4006381333931"})


def code_for_program(making: Making) -> Built:
    return Built(data={"json": {"code": "4006381333931"}})


def script(making: Making) -> Built:
    return Built(kwargs={"name": "scanner"})


ROWS: list[Row] = [
    open_to_all("home"),
    open_to_all("find"),
    open_to_all("channel", division),
    open_to_all("channel-embedded", division),
    open_to_all("channel-feed", division),
    open_to_all("channel-poster", division),
    open_to_all("channel-card", division),
    page("channel-setting", "channel.edit", decided, posts=True, writes=True, marks=False),
    page("channel-version", "channel.edit", version, marks=False),
    page("channel-back", "channel.edit", earlier, gets=False, posts=True, writes=True, marks=False),
    open_to_all("code-check", code, methods=("GET", "POST")),
    open_to_all("medicine-check"),
    open_to_all("medicine-data"),
    open_to_all("medicine-worker"),
    open_to_all("check-script", script),
    *imports("medicines", "medicines.import"),
    open_to_all("trace-campaign", campaign),
    open_to_all("trace-donation", donation),
    open_to_all("trace-donation", hidden_donation, part="hidden"),
    open_to_all("trace-division", division),
    open_to_all("trace-place", place),
    open_to_all("trace-parcel", parcel),
    api_open("trace/divisions/<code>", division),
    api_open("trace/campaigns/<public_id>/days", campaign),
    api_open("trace/places/<code>", place),
    api_open("codes/check", code_for_program, methods=("POST",)),
    api_open("openapi.json"),
    api_open(""),
]
