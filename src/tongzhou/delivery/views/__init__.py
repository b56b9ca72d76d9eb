"""What delivery shows: the receive page, and the desk's pages of shipments and parcels."""
