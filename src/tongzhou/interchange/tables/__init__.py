"""Tables from and to files: read, check, write, and say what is wrong."""

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Column, Kind, Limits
from tongzhou.interchange.tables.error_file import ERROR_COLUMNS, HEADINGS, error_table
from tongzhou.interchange.tables.reading import read
from tongzhou.interchange.tables.table import Note, Table
from tongzhou.interchange.tables.template import example_of, template_book
from tongzhou.interchange.tables.writing import Format, chunks, write

__all__ = [
    "ERROR_COLUMNS",
    "HEADINGS",
    "Column",
    "Format",
    "Kind",
    "Limits",
    "Note",
    "Table",
    "TableRefused",
    "chunks",
    "error_table",
    "example_of",
    "read",
    "template_book",
    "write",
]
