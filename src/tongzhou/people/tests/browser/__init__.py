"""Tests of the people pages in a real browser."""
