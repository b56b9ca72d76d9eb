"""Shipments, cartons, parcels, receipts, discrepancies and the deadline board."""
