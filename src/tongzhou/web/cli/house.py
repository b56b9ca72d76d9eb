"""init, serve, demo, doctor: an installation from its first minute on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from .endings import refuse, say_no, start_django


@dataclass(slots=True)
class DemoOptions:
    """What the demonstration is asked for: a province's code, a port, serve or only build."""

    province: str
    port: int
    serve: bool
    reset: bool


SHAPES = {"good": "✓", "warning": "◆", "fault": "▲"}


def add_to(app: typer.Typer) -> None:
    for command in (init, serve, demo, doctor):
        app.command()(command)


def init(
    email: Annotated[str, typer.Option(help="E-mail of the first administrator.")] = "",
    name: Annotated[str, typer.Option(help="Their name.")] = "",
    skip_divisions: Annotated[
        bool, typer.Option("--skip-divisions", help="Do not load the divisions of China.")
    ] = False,
) -> None:
    """Make the tables, load the built-in data, create the first administrator.

    Without a terminal the administrator comes from TONGZHOU_ADMIN_EMAIL and
    TONGZHOU_ADMIN_PASSWORD.
    """
    start_django()
    from tongzhou.web import starting

    starting.migrate()
    if not skip_divisions and (count := starting.load_divisions()):
        typer.echo(f"Loaded {count:,} divisions.")
    if count := starting.load_guides():
        typer.echo(f"Loaded {count} guides.")
    if starting.has_administrator():
        typer.echo("There is an administrator already.")
        return
    email = email or starting.setting("TONGZHOU_ADMIN_EMAIL") or typer.prompt("E-mail")
    password = starting.setting("TONGZHOU_ADMIN_PASSWORD") or typer.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    if fault := starting.create_administrator(email, name or email.partition("@")[0], password):
        refuse(fault)
    typer.echo(f"{email} is the administrator. Next: tongzhou doctor, then tongzhou serve.")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Web processes.")] = 1,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    worker: Annotated[bool, typer.Option(help="Run the job worker too.")] = True,
) -> None:
    """Serve the web and run the job worker; refuses an unsafe way and says what to change."""
    start_django()
    from tongzhou.web.server import Listen, NotSafe, serve

    listen = Listen(host, port, workers, tls_cert, tls_key)
    typer.echo(f"Serving on {listen.url} (Ctrl-C stops)")
    try:
        serve(listen, with_worker=worker)
    except NotSafe as error:
        refuse(f"Not served:\n{error}")


def demo(
    province: Annotated[
        str, typer.Option(help="Code of the province played to each clinic.")
    ] = "62",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only build the data.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Start over.")] = False,
) -> None:
    """Play January 2023 into ./.demo/ and serve it on this machine."""
    from tongzhou.web.demo import run

    raise typer.Exit(run(DemoOptions(province, port, not no_serve, reset)) or 0)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Examine the machine and the installation; ends with 1 where a fault was found."""
    start_django()
    from tongzhou.web.doctor import State, examine

    findings = examine()
    if as_json:
        rows = [
            {"check": f.name, "state": f.state, "seen": f.seen, "cure": f.cure} for f in findings
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{SHAPES[finding.state]} {finding.name}: {finding.seen}")
            if finding.cure:
                typer.echo(f"    {finding.cure}")
    if any(finding.state is State.FAULT for finding in findings):
        say_no("There are faults to mend.")
