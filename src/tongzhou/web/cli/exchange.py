"""import and export: tables from and to other offices."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .endings import refuse, say_no, start_django

FAULTS_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    app.command(name="import")(import_)
    app.command(name="export")(export)


def import_(
    kind: Annotated[str, typer.Argument(help="divisions, places, needs, promises, tracking")],
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet.")],
    campaign: Annotated[str, typer.Option(help="Id of the campaign, for needs and promises.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Where to write the refused rows.")] = None,
) -> None:
    """Bring a table in: the whole file or nothing of it; the same file again has no effect."""
    start_django()
    from tongzhou.interchange.tables import TableRefused
    from tongzhou.kit.rules import Actor
    from tongzhou.web.tables import Missing, UnknownKind, importer

    if not file.is_file():
        refuse(f"{file} is not there. Check the name.")
    try:
        report = importer(kind).run(
            file, by=Actor("system", "command-line"), campaign=campaign, dry_run=dry_run
        )
    except (TableRefused, Missing, UnknownKind) as error:
        refuse(f"{file}: {error}" if isinstance(error, TableRefused) else str(error))
    # Each app has its own exception for a file with wrong rows; what they share is the report.
    except Exception as error:
        report = getattr(error, "report", None)
        if report is None:
            raise
    _tell(report, file, dry_run, errors)


def export(
    kind: Annotated[str, typer.Argument(help="divisions, places, needs, shipments, parcels")],
    division: Annotated[str, typer.Option(help="Code of a division: only what is in it.")] = "",
    format: Annotated[str, typer.Option(help="csv, xlsx, parquet, geojson or epcis")] = "csv",
) -> None:
    """Write a table to standard output, by the piece."""
    start_django()
    from tongzhou.web.tables import Missing, UnknownKind, exporter
    from tongzhou.web.tables import division as division_of

    try:
        pieces = exporter(kind)(division=division_of(division), format=format)
        for piece in pieces:
            sys.stdout.buffer.write(piece)
    except (Missing, UnknownKind, ValueError) as error:
        refuse(str(error))


def _tell(report: Any, file: Path, dry_run: bool, errors: Path | None) -> None:
    from tongzhou.web.tables import faults_of, write_errors

    counts = f"{report.rows:,} rows: {report.new:,} new, {report.changed:,} changed"
    if report.sound:
        done = "Nothing was written (--dry-run)." if dry_run else "Written."
        typer.echo(f"{counts}, {report.same:,} the same. {done}")
        return
    faults = faults_of(report)
    for row in faults.head(FAULTS_SHOWN).iter_rows(named=True):
        typer.echo("row {row}, {column}: {problem} {cure}".format_map(row), err=True)
    if errors:
        write_errors(faults, errors)
        typer.echo(f"All refused rows are in {errors}.", err=True)
    say_no(f"{file}: {report.refused:,} of {report.rows:,} rows are wrong. Nothing was written.")
