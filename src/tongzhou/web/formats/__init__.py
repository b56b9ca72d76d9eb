"""How numbers are written: the same grouping in every language (1,172,000)."""
