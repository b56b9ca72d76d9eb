"""Pages of the finder: for everybody, for the office, for those who call."""
