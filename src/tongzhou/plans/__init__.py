"""Runs the planning engine, keeps its runs, approves and publishes them."""
