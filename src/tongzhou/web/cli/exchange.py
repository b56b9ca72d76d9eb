"""import and export: tables from and to other offices."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .endings import refuse, start_django

if TYPE_CHECKING:
    from tongzhou.web.tables import Taken

FAULTS_SHOWN = 10
TABLES = "divisions, places, facilities, lanes, medicines"


def add_to(app: typer.Typer) -> None:
    app.command(name="import")(import_)
    app.command(name="export")(export)


def import_(
    kind: Annotated[str, typer.Argument(help=f"{TABLES}, needs, promises, tracking")],
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet.")],
    campaign: Annotated[
        str, typer.Option(help="Id of the campaign, for lanes, needs and promises.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Where to write the refused rows.")] = None,
) -> None:
    """Bring a table in: the whole file or nothing of it; the same file again has no effect."""
    start_django()
    from tongzhou.interchange.tables import TableRefused
    from tongzhou.kit.rules import Actor
    from tongzhou.web.tables import NotTaken, take

    if not file.is_file():
        refuse(f"{file} is not there. Check the name.")
    by = Actor("system", "command-line")
    try:
        taken = take(kind, file, by=by, campaign=campaign, dry_run=dry_run)
    except TableRefused as error:
        refuse(f"{file}: {error}")
    except NotTaken as error:
        refuse(str(error))
    if taken.refused:
        _tell_faults(taken, file, errors)
    done = "Nothing was written (--dry-run)." if dry_run else "Written."
    counts = f"{taken.new:,} new, {taken.changed:,} changed, {taken.same:,} the same"
    typer.echo(f"{taken.rows:,} rows: {counts}. {done}")


def export(
    kind: Annotated[str, typer.Argument(help="divisions, places, needs, shipments, allocation")],
    division: Annotated[str, typer.Option(help="Code of a division: only what is in it.")] = "",
    format: Annotated[str, typer.Option(help="csv, xlsx, parquet, geojson or epcis")] = "csv",
    run: Annotated[
        int | None, typer.Option(help="Number in the address of a plan, for its allocation.")
    ] = None,
) -> None:
    """Write a table to standard output, by the piece."""
    start_django()
    from tongzhou.web.exports import NotGiven, give

    try:
        pieces = give(kind, division=division, format=format, run=run)
    except NotGiven as error:
        refuse(str(error))
    for piece in pieces:
        sys.stdout.buffer.write(piece)


def _tell_faults(taken: "Taken", file: Path, errors: Path | None) -> None:
    """Name the first faults, write all of them where asked, and end with 2."""
    from tongzhou.web.tables import write_faults

    for row in taken.faults.head(FAULTS_SHOWN).iter_rows(named=True):
        typer.echo("row {row}, {column}: {problem} {cure}".format_map(row), err=True)
    if errors:
        write_faults(taken.faults, errors)
        typer.echo(f"All refused rows are in {errors}.", err=True)
    refuse(f"{file}: {taken.refused:,} of {taken.rows:,} rows are wrong. Nothing was written.")
