"""The states of an order, and how many units a batch may still bring."""

from datetime import date

from django.utils.translation import gettext as _

from .money import SupplyRefused

DRAFT, ORDERED, CONFIRMED, PRODUCING, SHIPPED, RECEIVED, SHORT_CLOSED = (
    "draft",
    "ordered",
    "confirmed",
    "producing",
    "shipped",
    "received",
    "short_closed",
)

# What a person may say next; `received` follows from the last batch.
NEXT: dict[str, tuple[str, ...]] = {
    DRAFT: (ORDERED,),
    ORDERED: (CONFIRMED, SHORT_CLOSED),
    CONFIRMED: (PRODUCING, SHIPPED, SHORT_CLOSED),
    PRODUCING: (SHIPPED, SHORT_CLOSED),
    SHIPPED: (SHORT_CLOSED,),
    RECEIVED: (),
    SHORT_CLOSED: (),
}
# Goods that stand at the dock are a fact, whatever the producer has told us before.
OPEN = (ORDERED, CONFIRMED, PRODUCING, SHIPPED)


def refuse_step(state: str, wanted: str, label: str) -> None:
    if wanted not in NEXT[state]:
        raise SupplyRefused(
            _("The order is %(state)s and cannot take this step. Reload the page to see it.")
            % {"state": label}
        )


def refuse_batch(state: str, label: str) -> None:
    if state not in OPEN:
        raise SupplyRefused(
            _("The order is %(state)s and takes no batch. Place it first, or choose another order.")
            % {"state": label}
        )


def refuse_over_delivery(line: str, units: int, ordered: int, delivered: int) -> None:
    """More than was ordered is not ours: it needs an order of its own or is a gift in kind."""
    if delivered + units > ordered:
        raise SupplyRefused(
            _(
                "%(line)s: %(units)d units are more than the %(left)d still to come of %(ordered)d."
                " Enter %(left)d, and record the rest as a new order or as a donation in kind."
            )
            % {"line": line, "units": units, "left": ordered - delivered, "ordered": ordered}
        )


def refuse_future(day: date | None, today: date) -> None:
    """What is recorded as having come has come."""
    if day is not None and day > today:
        raise SupplyRefused(
            _("The day %(day)s lies in the future. Enter the day it came.") % {"day": day}
        )
