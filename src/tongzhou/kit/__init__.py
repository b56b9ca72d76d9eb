"""Event log, jobs, handlers by verb, clock, ids, masking and paging; knows no domain word (floor 1)."""
