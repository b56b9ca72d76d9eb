"""Accounts, organisations, roles held at a division, and scope."""
