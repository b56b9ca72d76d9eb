"""What every template may use."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

# The desk's main menu: address name, word, permission. An account sees what it may open.
MENU = (
    ("campaigns", _("Campaigns"), "campaigns.view"),
    ("shipments", _("Shipments"), "shipments.view"),
    ("parcels", _("Parcels"), "parcels.view"),
    ("discrepancies", _("Discrepancies"), "discrepancies.view"),
    ("board", _("Deadline"), "board.view"),
    ("stock", _("Stock"), "stock.view"),
    ("funds", _("Donations"), "funds.view"),
    ("orders", _("Orders"), "orders.view"),
    ("places", _("Places"), "places.view"),
    ("finder", _("Facilities"), "facilities.view"),
    ("calls", _("Calls"), "calls.make"),
    ("guides-desk", _("Guides"), "guides.edit"),
    ("reviews", _("Reviews"), "reviews.view"),
    ("people", _("People"), "people.view"),
)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    url: str
    label: str
    current: bool


def page(request: HttpRequest) -> dict[str, object]:
    """The emergency number, the office's telephone, the menu, and whether data is made up."""
    return {
        "emergency_number": settings.EMERGENCY_NUMBER,
        "hotline": settings.HOTLINE,
        "is_demo": settings.MODE == "demo",
        "desk_menu": SimpleLazyObject(lambda: _menu(request)),
    }


def _menu(request: HttpRequest) -> list[MenuEntry]:
    entries = []
    for name, label, permission in MENU:
        if not (url := _address(name)) or not request.user.has_perm(permission):
            continue
        entries.append(MenuEntry(url, str(label), request.path.startswith(url)))
    return entries


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
