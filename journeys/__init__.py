"""Acceptance tests, one a system, told as the story tells it."""

# Everybody of a journey signs in with it; the house is made for the journey and thrown away.
PASSWORD = "journey-password-2023"
