"""One module an app: its builders and its rows."""

from importlib import import_module
from pkgutil import iter_modules

from ..table import Row


def rows() -> dict[str, Row]:
    """All rows by name; two of one name are a mistake of the table."""
    found: dict[str, Row] = {}
    for module in iter_modules(__path__):
        for row in import_module(f"{__name__}.{module.name}").ROWS:
            if row.name in found:
                raise ValueError(f"Two rows are called {row.name}: give one a `part`.")
            found[row.name] = row
    return found
