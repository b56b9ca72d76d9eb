"""What delivery changes: planned, hops, arrivals, parcels, handed, discrepancies and more."""

from ..rules import Count

__all__ = ["Count"]
