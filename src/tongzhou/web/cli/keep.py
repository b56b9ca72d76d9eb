"""verify, backup, restore: keep what was entrusted."""

from pathlib import Path
from typing import Annotated

import typer

from .endings import refuse, say_no, start_django


def add_to(app: typer.Typer) -> None:
    for command in (verify, backup, restore):
        app.command()(command)


def verify(
    head: Annotated[Path | None, typer.Option(help="A head file of an earlier day.")] = None,
    write_head: Annotated[Path | None, typer.Option(help="Write today's head file.")] = None,
) -> None:
    """Check the ledger, its balances and the event log; ends with 1 and the first fault by name."""
    start_django()
    from tongzhou.kit.heads import HeadError, head_now, read_head
    from tongzhou.kit.heads import write_head as write
    from tongzhou.web import checking

    try:
        published = read_head(head) if head else None
    except HeadError as error:
        refuse(str(error))
    faults = checking.faults(published.chains if published else ())
    if faults:
        typer.echo(f"{len(faults)} faults. The first:", err=True)
        say_no(faults[0])
    now = head_now()
    if write_head:
        write(now, write_head)
    events = sum(chain.length for chain in now.chains)
    typer.echo(f"Sound: {events:,} events in {len(now.chains):,} chains; the ledger balances.")
    typer.echo(f"head {now.sha256}")


def backup(
    file: Annotated[Path, typer.Argument(help="The backup to write; it must not exist yet.")],
) -> None:
    """Write a consistent copy of the database while it is being served."""
    start_django()
    from tongzhou.web.storage import StorageError, back_up

    try:
        size = back_up(file)
    except StorageError as error:
        refuse(str(error))
    typer.echo(f"{file}: {size / 2**20:.1f} MiB. The signing key is not in it; keep it elsewhere.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup written by `backup`.")],
) -> None:
    """Check a backup and only then put it in the place of the database.

    The database that was there is kept beside it, with the ending .before-restore.
    """
    start_django()
    from tongzhou.web.storage import NotSound, StorageError, restore

    try:
        kept = restore(file)
    except NotSound as error:
        say_no(str(error))
    except StorageError as error:
        refuse(str(error))
    typer.echo("Restored and verified." + (f" The old database is {kept}." if kept else ""))
