"""Guides for residents, returnees and village doctors: written, dated, signed, printed, kept."""
