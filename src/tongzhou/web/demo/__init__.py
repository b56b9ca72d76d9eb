"""The demonstration: January 2023 played from a donation to the clinics, then served.

Run as `tongzhou demo`. It keeps its data in ./.demo/; a second start serves what is there.
"""

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Protocol

import django
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tongzhou.web.server import Listen, serve

from . import story

FOLDER = Path(".demo")
DONE = "played"
PORTS_TRIED = 50


class Options(Protocol):
    """What the command line hands over."""

    province: str
    port: int
    serve: bool
    reset: bool


def run(options: Options) -> int:
    """Build the demonstration where it is not built yet, then serve it. Returns an exit code."""
    if options.reset:
        shutil.rmtree(FOLDER, ignore_errors=True)
    _set_environment()
    django.setup()
    if not (FOLDER / DONE).exists():
        _build(options.province)
    _bring_up_to_date()
    if options.serve:
        _serve(options.port)
    return 0


def _set_environment() -> None:
    """The demonstration has a database, a key and a clock of its own, whatever is set outside."""
    FOLDER.mkdir(exist_ok=True)
    here = FOLDER.resolve()
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
            "TONGZHOU_MODE": "demo",
            "DATABASE_URL": f"sqlite:///{here / 'demo.sqlite3'}",
            "TONGZHOU_DATA_DIR": str(here / "data"),
            "TONGZHOU_HOSTS": "localhost,127.0.0.1",
            "TONGZHOU_DEMO_NOW": story.NOW.isoformat(),
        }
    )


def _build(province: str) -> None:
    """Play the story with a progress bar; what a killed build left behind is thrown away first."""
    from .play import STEPS, play

    for left in FOLDER.glob("demo.sqlite3*"):
        left.unlink()
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("Starting", total=len(STEPS))
        for done, name in enumerate(play(province)):
            progress.update(task, description=name, completed=done)
        progress.update(task, description="Played to 13 January 2023", completed=len(STEPS))
    (FOLDER / DONE).write_text(f"{province}\n", encoding="utf-8")


def _bring_up_to_date() -> None:
    """A demonstration that an earlier version played keeps its data and gets this one's tables,
    guides and roles."""
    from tongzhou.web.health import unapplied
    from tongzhou.web.starting import load_guides, migrate

    from .people import ask_in_newcomers

    if unapplied():
        sys.stdout.write("An earlier version played this demonstration: its tables are changed.\n")
        migrate()
    load_guides()
    ask_in_newcomers()


def _serve(port: int) -> None:
    listen = Listen(port=_free_port(port))
    _say_where(listen.url)
    serve(listen)


def _free_port(wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No port from {wanted} to {wanted + PORTS_TRIED} is free. Give --port.")


def _say_where(url: str) -> None:
    write = sys.stdout.write
    write(f"\nThe story:            {url}demo/\n")
    write(f"A resident's page:    {url}p/{story.GANSU}/\n")
    write(f"The desk:             {url}desk/   password for all: {story.PASSWORD}\n")
    for person in story.PEOPLE:
        write(f"  {person.role:<16}    {person.email}\n")
    write("Ctrl-C stops it. Start again with the same command; it takes seconds.\n\n")
    sys.stdout.flush()
