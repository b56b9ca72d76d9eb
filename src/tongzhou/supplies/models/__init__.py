"""Items, lots, funds, procurement and the ledger."""

from .batches import Batch, BatchLine
from .catalogue import Item, Lot, PackLevel
from .funds import Fund, FundReceipt, FundRestriction, OrderLine, Payment, ProcurementOrder
from .ledger import (
    LINES_PER_MOVE,
    Account,
    Balance,
    Bucket,
    Entry,
    FundFlow,
    Move,
    Refusal,
)

__all__ = [
    "LINES_PER_MOVE",
    "Account",
    "Balance",
    "Batch",
    "BatchLine",
    "Bucket",
    "Entry",
    "Fund",
    "FundFlow",
    "FundReceipt",
    "FundRestriction",
    "Item",
    "Lot",
    "Move",
    "OrderLine",
    "PackLevel",
    "Payment",
    "ProcurementOrder",
    "Refusal",
]
