"""plan route: last-mile routes for one depot, from a file to a file."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .endings import refuse, say_no

if TYPE_CHECKING:
    from tongzhou.planning import RouteProblem, Routes
    from tongzhou.planning.routing.instance import Instance


def add_to(app: typer.Typer) -> None:
    app.command()(route)


def route(
    instance: Annotated[Path, typer.Argument(help="VRPLIB (.vrp), or our JSON (.json).")],
    seconds: Annotated[float | None, typer.Option(help="Search for so long.")] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Search so many steps: the same routes for a seed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides every choice left to chance.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the routes: VRPLIB, or ROUTES for a name in .json."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Find short routes from a depot to every stop.

    Prints their cost, their number and the seconds used; loading the compiled kernel is apart.
    Routes that the independent check refuses are not written, and the command ends with 1.
    """
    from tongzhou.planning import ProblemError, check_routes
    from tongzhou.planning import route as search

    given, problem = _read(instance)
    if out and out.suffix == ".json" and given is None:
        refuse("ROUTES in .json are written for an instance in .json. Name the routes .sol.")
    if out and not out.resolve().parent.is_dir():
        refuse(f"The folder of {out} is not there. Create it first.")
    compiling = _loading_s()
    try:
        found = search(problem, seconds=seconds, iterations=iterations, seed=seed)
    except ProblemError as error:
        refuse(str(error))
    if faults := check_routes(problem, found):
        say_no("The routes were refused by their check and not written:\n" + "\n".join(faults))
    if out:
        _write(out, given, found)
    typer.echo(_told(found, compiling, as_json=as_json))


def _read(path: Path) -> "tuple[Instance | None, RouteProblem]":
    """The instance where it is our JSON, and what the engine makes of it."""
    from tongzhou.planning import ProblemError, RouteProblem
    from tongzhou.planning.routing.documents import read_instance

    if not path.is_file():
        refuse(f"{path} is not there. Check the name.")
    try:
        if path.suffix != ".json":
            return None, RouteProblem.from_vrplib(path)
        given = _on_roads(read_instance(path))
        return given, given.problem()
    except ProblemError as error:
        refuse(f"{path} is not a route instance:\n{error}")
    except OSError as error:
        refuse(f"{path} cannot be read ({error.strerror}).")


def _on_roads(given: "Instance") -> "Instance":
    """The instance with the roads of the service that is set, unless it brings its own. Where the
    service fails, what it says goes to standard error, and straight lines are taken."""
    from tongzhou.planning.routing.matrix import with_roads
    from tongzhou.web.env import text

    url = text("TONGZHOU_MATRIX_URL")
    if not url or given.roads.distance_m is not None:
        return given
    found = with_roads(given, url)
    if found.roads.note:
        typer.echo(found.roads.note, err=True)
    return found


def _loading_s() -> float:
    """Seconds to load the kernel, or to compile it the first time ever."""
    from tongzhou.planning.routing.county import warm_up

    begun = time.perf_counter()
    warm_up()
    return time.perf_counter() - begun


def _write(out: Path, given: "Instance | None", found: "Routes") -> None:
    from tongzhou.planning.routing.answer import answer_of
    from tongzhou.planning.routing.documents import write_answer

    if given is not None and out.suffix == ".json":
        write_answer(answer_of(given, found), out)
    else:
        found.write(out)


def _told(found: "Routes", compiling: float, *, as_json: bool) -> str:
    if as_json:
        result = {
            "cost": found.cost,
            "routes": len(found.routes),
            "days_needed": found.days_needed,
            "iterations": found.iterations,
            "seed": found.seed,
            "seconds": round(found.seconds, 3),
            "compile_s": round(compiling, 3),
        }
        return json.dumps(result)
    return (
        f"Cost {found.cost:,}, {len(found.routes):,} routes, {found.iterations:,} iterations in"
        f" {found.seconds:.2f} s (loading the kernel: {compiling:.2f} s)."
    )
