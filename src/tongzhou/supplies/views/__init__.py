"""The pages of funds, orders, stock and the ledger."""
