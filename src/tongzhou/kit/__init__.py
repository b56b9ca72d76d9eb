"""Event log, jobs, handlers, clock, masks and paging (floor 1); knows no domain word."""
