"""plan: the engine without a server."""

import typer

app = typer.Typer(
    help="Allocate, check, explain and compare plans, without a server.", no_args_is_help=True
)
