"""plan sheets: routes as papers for drivers, as a map or as a table, without a server."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .endings import refuse, say_no
from .plan import PlanPath, _plan

if TYPE_CHECKING:
    from tongzhou.planning import Plan
    from tongzhou.planning.routing.answer import Answer
    from tongzhou.planning.sheets import Round

SHOWN = 20


class Form(StrEnum):
    PDF = "pdf"
    GEOJSON = "geojson"
    CSV = "csv"


class Language(StrEnum):
    ENGLISH = "en"
    CHINESE = "zh"


def add_to(app: typer.Typer) -> None:
    app.command()(sheets)


def sheets(
    plan: PlanPath,
    routes: Annotated[Path, typer.Argument(help="A ROUTES document, or a folder of them.")],
    form: Annotated[Form, typer.Option("--format", help="What to make.")] = Form.PDF,
    out: Annotated[
        Path | None, typer.Option(help="A file, or a folder that is there: one file a county.")
    ] = None,
    wave: Annotated[
        list[int] | None, typer.Option(help="The waves that the routes bring; else all.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Of the papers.")] = Language.ENGLISH,
    first_day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The date of day 1.")
    ] = None,
    phone: Annotated[str, typer.Option(help="Whom drivers call.")] = "",
) -> None:
    """Make a sheet for each driver and day, or the same routes as GeoJSON or CSV.

    The plan says which items each stop gets. Ends with 1 where routes and plan do not agree.
    """
    if form is Form.PDF and out is None:
        refuse("Papers are not shown here. Name a file: --out sheets.pdf.")
    counties = [*_counties(routes)]
    given = _given(_plan(plan, None), wave or [])
    _compare(counties, given)
    rounds = {name: _rounds(answer, given) for name, answer in counties}
    for path, of_path in _targets(rounds, out, form):
        try:
            pieces = _pieces(of_path, form, language, first_day, phone)
        except ValueError as error:
            refuse(f"{error} Name a folder that is there: --out FOLDER.")
        _write(path, pieces)
    _tell_left_out(counties)


def _counties(routes: Path) -> "Iterator[tuple[str, Answer]]":
    """The documents by the names of their files."""
    from tongzhou.planning import ProblemError
    from tongzhou.planning.routing.documents import read_answer

    paths = sorted(routes.glob("*.json")) if routes.is_dir() else [routes]
    if not paths or not routes.exists():
        refuse(f"{routes} holds no routes. Name a ROUTES file, or a folder of .json files.")
    for path in paths:
        try:
            yield path.stem, read_answer(path)
        except ProblemError as error:
            refuse(f"{path} is not a ROUTES document:\n{error}")
        except OSError as error:
            refuse(f"{path} cannot be read ({error.strerror}).")


def _given(plan: "Plan", waves: Sequence[int]) -> dict[str, dict[str, int]]:
    """Units by node and item, of the waves that are named."""
    unknown = [number for number in waves if not 0 <= number < len(plan.waves)]
    if unknown:
        refuse(f"There is no wave {unknown[0]} in the plan; 0 to {len(plan.waves) - 1}.")
    found: dict[str, dict[str, int]] = {}
    for node, item, wave, units in zip(
        *(c.tolist() for c in plan.allocations.columns()), strict=True
    ):
        if units and (not waves or wave in waves):
            of_node = found.setdefault(plan.node_ids[node], {})
            name = plan.item_ids[item]
            of_node[name] = of_node.get(name, 0) + units
    return found


def _compare(counties: "Sequence[tuple[str, Answer]]", given: dict[str, dict[str, int]]) -> None:
    """Ends with 1 where a stop gets other units than the plan gives it."""
    faults = [
        f"{name}.json: {stop.id} gets {stop.pieces:,} by the routes,"
        f" {sum(given.get(stop.id, {}).values()):,} by the plan."
        for name, answer in counties
        for stop in answer.stops
        if stop.pieces != sum(given.get(stop.id, {}).values())
    ]
    if faults:
        more = f"\n... and {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
        say_no(
            "\n".join(faults[:SHOWN]) + more + "\nThe routes were made for another plan or for"
            " some of its waves: name these with --wave, or make the routes again."
        )


def _rounds(answer: "Answer", given: dict[str, dict[str, int]]) -> "list[Round]":
    from tongzhou.planning.sheets import rounds_of

    return rounds_of(answer, given)


def _targets(
    rounds: "dict[str, list[Round]]", out: Path | None, form: Form
) -> "Iterator[tuple[Path | None, list[Round]]]":
    """What goes into which file; None is standard output."""
    if out is not None and out.is_dir():
        yield from ((out / f"{name}.{form}", found) for name, found in rounds.items())
        return
    if out is not None and not out.resolve().parent.is_dir():
        refuse(f"The folder of {out} is not there. Create it first.")
    yield out, [one for found in rounds.values() for one in found]


def _pieces(
    rounds: "list[Round]", form: Form, language: Language, first_day: datetime | None, phone: str
) -> Iterator[bytes]:
    from importlib.metadata import version

    from tongzhou.planning.sheets import Imprint, geojson, pdf, table

    if form is Form.GEOJSON:
        return geojson(rounds)
    if form is Form.CSV:
        return table(rounds)
    imprint = Imprint(
        as_of=f"{datetime.now(UTC).astimezone():%Y-%m-%d %H:%M}",
        version=f"tongzhou {version('tongzhou')}",
        phone=phone,
        first=first_day.date() if first_day else None,
    )
    return iter([pdf(rounds, imprint, language=language)])


def _write(path: Path | None, pieces: Iterator[bytes]) -> None:
    if path is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    try:
        with path.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        refuse(f"{path} cannot be written ({error.strerror}).")


def _tell_left_out(counties: "Sequence[tuple[str, Answer]]") -> None:
    for name, answer in counties:
        if answer.left_out:
            typer.echo(f"{name}.json: stops on no route: {len(answer.left_out):,}.", err=True)
