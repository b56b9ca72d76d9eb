"""Items, lots, funds, procurement and the ledger."""

from .catalogue import Item, Lot, PackLevel
from .funds import Fund, FundRestriction, OrderLine, ProcurementOrder
from .ledger import Account, Balance, Bucket, Entry, Move

__all__ = [
    "Account",
    "Balance",
    "Bucket",
    "Entry",
    "Fund",
    "FundRestriction",
    "Item",
    "Lot",
    "Move",
    "OrderLine",
    "PackLevel",
    "ProcurementOrder",
]
