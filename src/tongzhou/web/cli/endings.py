"""How a command ends: 0 good, 1 the answer is no, 2 wrong use or bad input."""

import os
from typing import NoReturn

import typer

from tongzhou.web.env import SettingError

NO, WRONG = 1, 2


def say_no(text: str) -> NoReturn:
    """The command worked, and its answer is no."""
    typer.echo(text, err=True)
    raise typer.Exit(NO)


def refuse(text: str) -> NoReturn:
    """The command was given something it cannot work with; the text says what to do."""
    typer.echo(text, err=True)
    raise typer.Exit(WRONG)


def start_django() -> None:
    """Load settings and apps; a bad setting ends the command with its sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongzhou.web.settings")
    # Not above: `--help` and the plan commands answer without it.
    import django

    try:
        django.setup()
    except SettingError as error:
        refuse(str(error))
