"""What states and buckets are called, and the shape that stands before the word."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .orders import CONFIRMED, DRAFT, ORDERED, PRODUCING, RECEIVED, SHIPPED, SHORT_CLOSED

# state -> (shape of the `state` tag, word)
FUND_STATES: dict[str, tuple[str, Promise]] = {
    "pledged": ("unknown", _("pledged")),
    "confirmed": ("going", _("confirmed")),
    "part_received": ("going", _("partly received")),
    "closed": ("done", _("closed")),
    "withdrawn": ("unknown", _("withdrawn")),
}
ORDER_STATES: dict[str, tuple[str, Promise]] = {
    DRAFT: ("unknown", _("draft")),
    ORDERED: ("going", _("ordered")),
    CONFIRMED: ("going", _("confirmed by the producer")),
    PRODUCING: ("going", _("in production")),
    SHIPPED: ("going", _("shipped")),
    RECEIVED: ("done", _("received")),
    SHORT_CLOSED: ("warn", _("closed short")),
}
LOT_STATES: dict[str, tuple[str, Promise]] = {
    "ok": ("done", _("fit for use")),
    "hold": ("warn", _("held")),
    "recalled": ("late", _("recalled")),
}
BUCKETS: tuple[Promise, ...] = (
    _("from the producer"),
    _("from the donor"),
    _("on hand"),
    _("reserved"),
    _("in transit"),
    _("in quarantine"),
    _("handed over"),
    _("lost"),
)
# Kinds of moves that the product makes; another kind shows its own name.
MOVES: dict[str, Promise] = {
    "batch": _("Batch ready at the dock"),
    "gift": _("Goods received from the donor"),
    "reserve": _("Reserved for clinics"),
    "dispatch": _("Dispatched"),
    "receipt": _("Received"),
    "pack": _("Packed into parcels"),
    "loss": _("Lost on the way"),
    "resolve": _("Difference resolved"),
    "write_off": _("Written off"),
    "reversal": _("Correction of an earlier move"),
}
