"""Tables from and to files: read, check, write."""

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Column, Kind, Limits
from tongzhou.interchange.tables.reading import read
from tongzhou.interchange.tables.table import Note, Table

__all__ = ["Column", "Kind", "Limits", "Note", "Table", "TableRefused", "read"]
