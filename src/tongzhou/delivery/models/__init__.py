"""Shipments, cartons, parcels, receipts, discrepancies, tasks, commands and progress."""

from .board import DivisionProgress, Task
from .receipts import Command, Discrepancy, Photo, Receipt
from .shipments import Carton, Parcel, ParcelLine, Shipment, ShipmentLine, StatusReport

__all__ = [
    "Carton",
    "Command",
    "Discrepancy",
    "DivisionProgress",
    "Parcel",
    "ParcelLine",
    "Photo",
    "Receipt",
    "Shipment",
    "ShipmentLine",
    "StatusReport",
    "Task",
]
