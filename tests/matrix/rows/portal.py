"""The public pages: geography, figures and traces, and never a person."""

from tongzhou.delivery.models import Parcel

from ..goods import received
from ..table import Row, api_open, open_to_all
from ..world import Built, Making
from . import campaigns, supplies


def division(making: Making) -> Built:
    return Built(kwargs={"code": making.division.code})


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


ROWS: list[Row] = [
    open_to_all("home"),
    open_to_all("find"),
    open_to_all("channel", division),
    open_to_all("channel-feed", division),
    open_to_all("trace-campaign", campaign),
    open_to_all("trace-donation", donation),
    open_to_all("trace-donation", hidden_donation, part="hidden"),
    open_to_all("trace-division", division),
    open_to_all("trace-place", place),
    open_to_all("trace-parcel", parcel),
    api_open("trace/divisions/<code>", division),
    api_open("trace/campaigns/<public_id>/days", campaign),
    api_open("trace/places/<code>", place),
    api_open("openapi.json"),
    api_open(""),
]
