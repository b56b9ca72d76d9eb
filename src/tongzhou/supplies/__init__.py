"""Items, lots, funds, procurement and the stock ledger."""
