"""Shipments, parcels and receipts for programs, and the outbox of devices."""

from ninja import Router

from . import commands, reading

router = Router()
router.add_router("", commands.router)
router.add_router("", reading.router)
