"""What delivery looks up. Import from the modules: shipments, parcels, progress, board, tree."""
