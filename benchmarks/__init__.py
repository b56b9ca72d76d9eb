"""Measurements of docs/performance.md, each a program of its own."""
