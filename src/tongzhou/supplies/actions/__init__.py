"""What changes funds, orders and stock; each is one transaction and one event."""

from ..rules import SupplyRefused
from ..rules.ledger import Command, Leg, ManyLegs, Result, Status
from .batches import ReadyLine, receive_batch, undo_batch
from .funds import (
    LotUnits,
    close_fund,
    confirm_fund,
    create_fund,
    receive_goods,
    receive_money,
    restrict_fund,
    withdraw_fund,
)
from .ledger import post, reverse
from .lots import create_item, set_lot_state
from .orders import (
    LineDraft,
    advance_order,
    close_short,
    confirm_order,
    create_order,
    pay_order,
    place_order,
    replace_lines,
)

__all__ = [
    "Command",
    "Leg",
    "LineDraft",
    "LotUnits",
    "ManyLegs",
    "ReadyLine",
    "Result",
    "Status",
    "SupplyRefused",
    "advance_order",
    "close_fund",
    "close_short",
    "confirm_fund",
    "confirm_order",
    "create_fund",
    "create_item",
    "create_order",
    "pay_order",
    "place_order",
    "post",
    "receive_batch",
    "receive_goods",
    "receive_money",
    "replace_lines",
    "restrict_fund",
    "reverse",
    "set_lot_state",
    "undo_batch",
    "withdraw_fund",
]
