"""States of shipments and parcels in templates."""

from collections.abc import Iterable
from datetime import date

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..models import Parcel, Shipment
from ..queries.answers import Content
from ..views.words import METHODS, PARCEL, SHIPMENT

register = template.Library()


@register.simple_tag
def shipment_state(shipment: Shipment, today: date | None = None) -> SafeString:
    """The state of a shipment; one that should have left or arrived is overdue."""
    shape, word = SHIPMENT[shipment.state]
    if today and is_late(shipment, today):
        shape, word = "late", f"{word} · {_('overdue')}"
    return format_html('<span class="state {}">{}</span>', shape, word)


@register.simple_tag
def parcel_state(parcel: Parcel) -> SafeString:
    shape, word = PARCEL[parcel.state]
    return format_html('<span class="state {}">{}</span>', shape, word)


@register.filter
def is_late(shipment: Shipment, today: date) -> bool:
    if shipment.state in (Shipment.State.PLANNED, Shipment.State.PACKED):
        return shipment.planned_on < today
    return shipment.state == Shipment.State.DISPATCHED and shipment.due_on < today


@register.filter
def name_in(code: str, contents: Iterable[Content]) -> str:
    """The name of a counted item; one that was not sent keeps its code."""
    return next((c.name for c in contents if c.item.code == code), code)


@register.filter
def method_word(method: str) -> str | Promise:
    return METHODS.get(method, method)
