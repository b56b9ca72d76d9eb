"""The command line `tongzhou`. Help answers fast: Django is imported inside the commands only."""

from typing import Annotated

import typer

from . import exchange, house, keep, plan, plan_routes, plan_sheets

app = typer.Typer(
    name="tongzhou",
    help="Take what people give to those who need it, and show where each unit is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for module in (house, exchange, keep):
    module.add_to(app)
plan_routes.add_to(plan.app)
plan_sheets.add_to(plan.app)
app.add_typer(plan.app, name="plan")


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(version_of("tongzhou"))
        raise typer.Exit


def main() -> None:
    app()
