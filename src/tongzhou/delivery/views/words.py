"""States, legs and kinds in words, each state with the shape it is drawn with."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import Discrepancy, Parcel, Receipt, Shipment

Shaped = tuple[str, str | Promise]

LEGS: Mapping[str, str | Promise] = {
    Shipment.Leg.DOCK_HUB: _("Producer to hub"),
    Shipment.Leg.HUB_DEPOT: _("Hub to county"),
    Shipment.Leg.LAST_MILE: _("County to clinics"),
}
SHIPMENT: Mapping[str, Shaped] = {
    Shipment.State.PLANNED: ("unknown", _("Planned")),
    Shipment.State.PACKED: ("going", _("Packed")),
    Shipment.State.DISPATCHED: ("going", _("On its way")),
    Shipment.State.PART_RECEIVED: ("warn", _("Received in part")),
    Shipment.State.CLOSED: ("done", _("Received")),
    Shipment.State.CANCELLED: ("unknown", _("Cancelled")),
    Shipment.State.LOST: ("late", _("Lost")),
}
PARCEL: Mapping[str, Shaped] = {
    Parcel.State.PACKED: ("unknown", _("Packed")),
    Parcel.State.DISPATCHED: ("going", _("On its way")),
    Parcel.State.CLAIMED: ("warn", _("Claimed, not confirmed")),
    Parcel.State.RECEIVED: ("done", _("Received")),
    Parcel.State.LOST: ("late", _("Lost")),
}
KINDS: Mapping[str, str | Promise] = {
    Discrepancy.Kind.SHORT: _("Missing"),
    Discrepancy.Kind.OVER: _("Too many"),
    Discrepancy.Kind.DAMAGED: _("Damaged"),
    Discrepancy.Kind.WRONG: _("Something else"),
}
SETTLED: Mapping[str, Shaped] = {
    Discrepancy.State.OPEN: ("late", _("Not settled")),
    Discrepancy.State.EXPLAINED: ("going", _("Explained")),
    Discrepancy.State.RESOLVED: ("done", _("Resolved")),
    Discrepancy.State.WRITTEN_OFF: ("warn", _("Written off")),
}
METHODS: Mapping[str, str | Promise] = {
    Receipt.Method.SLIP: _("by the slip in the parcel"),
    Receipt.Method.LABEL: _("by the outer label"),
    Receipt.Method.DRIVER: _("by the driver, with a witness"),
    Receipt.Method.OFFICE: _("by the office"),
}
STEPS: Mapping[str, str | Promise] = {
    "leave": _("Should have left"),
    "arrive": _("Should have arrived"),
    "late": _("Will be late"),
}
EN_ROUTE: Mapping[tuple[str, bool], str | Promise] = {
    ("dock_hub", True): _("waits at the producer"),
    ("dock_hub", False): _("is on its way to the hub"),
    ("hub_depot", True): _("waits at the hub"),
    ("hub_depot", False): _("is on its way to the county"),
    ("last_mile", True): _("waits at the county"),
    ("last_mile", False): _("is on its way to the clinics"),
}
