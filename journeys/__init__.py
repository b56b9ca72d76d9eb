"""Acceptance tests, one a system, told as the story tells it."""
