"""A place's poster and the picture of its page, with the code that leads there."""

from importlib.resources import files

from django.conf import settings
from django.utils.translation import gettext as _

from tongzhou.finder.queries.red_flags import red_flags
from tongzhou.kit import papers
from tongzhou.places.models import Division

FOLDER = str(files("tongzhou.portal").joinpath("typst"))


def poster(division: Division, base_url: str) -> bytes:
    """A4 as PDF: the danger signs, the number, and the place's QR code of 62 mm."""
    flags = red_flags()
    return papers.set_paper(
        FOLDER,
        "poster",
        {
            **_place(division, base_url),
            "now": [{"title": one.title, "signs": one.signs} for one in flags.now],
            "soon": flags.soon,
        },
        {
            "title": division.name,
            "call": _call(),
            "soon": _("See a doctor today, within the hour if breathing is hard"),
            "scan": _("Where to go, whom to ask, what the medicine may do: scan with a telephone"),
        },
    )


def share_card(division: Division, base_url: str) -> bytes:
    """1200 x 630 points as PNG: name, number and code."""
    return papers.set_paper(
        FOLDER,
        "card",
        _place(division, base_url),
        {
            "call": _("In danger, call %(number)s") % {"number": settings.EMERGENCY_NUMBER},
            "what": _("Danger signs, fever clinics, medicine, supplies"),
        },
        format="png",
    )


def _place(division: Division, base_url: str) -> dict[str, object]:
    address = f"{base_url}/p/{division.code}/"
    return {"name": division.name, "address": address, "qr": papers.qr(address)}


def _call() -> str:
    number = settings.EMERGENCY_NUMBER
    return _("Call %(number)s now, if there is one of these") % {"number": number}
