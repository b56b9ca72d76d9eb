"""How states, buckets and moves of stock are shown."""

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from tongzhou.kit.templatetags.look import state

from ..rules.words import BUCKETS, FUND_STATES, LOT_STATES, MOVES, ORDER_STATES

register = template.Library()


@register.simple_tag
def fund_state(value: str) -> SafeString:
    shape, word = FUND_STATES[value]
    return state(shape, str(word))


@register.simple_tag
def order_state(value: str) -> SafeString:
    shape, word = ORDER_STATES[value]
    return state(shape, str(word))


@register.simple_tag
def lot_state(value: str) -> SafeString:
    shape, word = LOT_STATES[value]
    return state(shape, str(word))


@register.filter
def bucket(value: int) -> str | Promise:
    return BUCKETS[value]


@register.filter
def move_kind(value: str) -> str | Promise:
    """What a kind of move is called; one of another app keeps its own name."""
    return MOVES.get(value, value)


@register.filter
def signed(value: int) -> str:
    """Units with their sign, and a true minus: +12 or −12."""
    return f"{value:+,d}".replace("-", "−")
