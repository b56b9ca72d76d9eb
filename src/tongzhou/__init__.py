"""Tongzhou 同舟: an open-source relief platform."""
