"""import and export: tables from and to other offices."""

import typer


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
