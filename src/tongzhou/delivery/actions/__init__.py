"""What delivery changes: planned, hops, arrivals, parcels, handed, discrepancies and more."""
