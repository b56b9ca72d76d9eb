"""S10: one light page for each place, read at two in the morning on an old phone."""
