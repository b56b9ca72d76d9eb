"""Divisions (a numbered tree), places and their search."""
