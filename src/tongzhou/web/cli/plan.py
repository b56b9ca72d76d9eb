"""plan: the engine without a server."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .endings import refuse, say_no

if TYPE_CHECKING:
    from collections.abc import Callable

    from tongzhou.planning import Plan, Problem

app = typer.Typer(
    help="Allocate, check, explain and compare plans, find routes, without a server.",
    no_args_is_help=True,
)

ProblemPath = Annotated[Path, typer.Argument(help="A JSON file, or a folder of Parquet files.")]
PlanPath = Annotated[Path, typer.Argument(help="A plan: a JSON file, or a folder.")]
LINES_SHOWN = 50
MAX_EVENTS_BYTES = 1_000_000


@app.command()
def allocate(
    problem: ProblemPath,
    out: Annotated[Path | None, typer.Option(help="Where to write the plan.")] = None,
    seed: Annotated[str, typer.Option(help="Number or text, published beforehand.")] = "0",
) -> None:
    """Solve a problem; the same problem and seed give the same plan, byte for byte.

    A plan ending in .json is one file, any other name a folder. A plan that the independent check
    refuses is not written.
    """
    from tongzhou.planning import check, solve

    read = _problem(problem)
    plan = solve(read, seed=int(seed) if seed.lstrip("-").isdigit() else seed)
    if faults := check(read, plan):
        say_no("The plan was refused by its check and not written:\n" + "\n".join(faults))
    if out:
        _write(plan, out)
    typer.echo(json.dumps(plan.metrics(), ensure_ascii=False, indent=2, default=float))


@app.command()
def check(
    problem: ProblemPath,
    plan: PlanPath,
    max_gap: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="With lanes: the largest share that the plan may lie below its bound, in each "
            "stage. Left out: 0.0001, and one drop of each hub and item.",
        ),
    ] = None,
) -> None:
    """Audit a plan without any code of the solver; ends with 1 where something is wrong."""
    from tongzhou.planning import check as audit

    read = _problem(problem)
    if faults := audit(read, _plan(plan, None), max_gap=max_gap):
        typer.echo("\n".join(faults))
        say_no(f"{len(faults)} faults.")
    typer.echo("Sound.")


@app.command()
def explain(
    problem: ProblemPath,
    plan: PlanPath,
    node: Annotated[str, typer.Argument(help="Id of the node.")],
    item: Annotated[
        str | None, typer.Argument(help="Id of the item, where there are several.")
    ] = None,
) -> None:
    """Say why a node gets what it gets, and when the next drop would come."""
    read = _problem(problem)
    try:
        why = _plan(plan, read).explain(node, item)
    except KeyError as error:
        refuse(str(error.args[0]))
    typer.echo("\n".join(why.sentences()))


EventsPath = Annotated[Path, typer.Argument(help="A JSON list of changes (docs/planning.md).")]


@app.command()
def replan(
    problem: ProblemPath,
    plan: PlanPath,
    events: EventsPath,
    out: Annotated[Path | None, typer.Option(help="Where to write the new plan.")] = None,
    problem_out: Annotated[
        Path | None, typer.Option(help="Where to write the problem after the events.")
    ] = None,
    stability: Annotated[
        float, typer.Option(help="Share that shipments may cost more to stay as they were.")
    ] = 0.0,
) -> None:
    """Plan again after events; what was published stays, and each event is told what it forced.

    The new plan answers the problem after the events: write that too, to check or explain it.
    """
    from tongzhou.planning import check as audit
    from tongzhou.planning import replan as again

    after = _replanned(problem, plan, events, again, stability=stability)
    made = after.need_problem()
    if faults := audit(made, after):
        say_no("The plan was refused by its check and not written:\n" + "\n".join(faults))
    if out:
        _write(after, out)
    if problem_out:
        _write(made, problem_out)
    _tell(after)


@app.command()
def whatif(problem: ProblemPath, plan: PlanPath, changes: EventsPath) -> None:
    """Say what the plan would be after some changes; nothing is written."""
    from tongzhou.planning import whatif as ask

    after = _replanned(problem, plan, changes, ask)
    _tell(after)
    typer.echo(json.dumps(after.metrics(), ensure_ascii=False, indent=2, default=float))


def _replanned(
    problem: Path, plan: Path, events: Path, make: "Callable[..., Plan]", **more: float
) -> "Plan":
    from tongzhou.planning import ProblemError

    read = _problem(problem)
    _check_there(events)
    if events.stat().st_size > MAX_EVENTS_BYTES:
        refuse(f"{events} is above {MAX_EVENTS_BYTES:,} bytes. Split it.")
    try:
        return make(read, _plan(plan, read), json.loads(events.read_text("utf-8")), **more)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        refuse(f"{events} is not JSON: {error}.")
    except ProblemError as error:
        refuse(f"{events}: {error}")


def _tell(plan: "Plan") -> None:
    """What each change forced, on the error stream: the output stays JSON."""
    for number, forced in enumerate(plan.forced):
        typer.echo(
            f"Change {number} ({forced.change.get('kind')}): {forced.lines:,} lines differ, "
            f"{forced.gained:,} gain {forced.units_more:,} units, {forced.lost:,} lose "
            f"{forced.units_fewer:,}.",
            err=True,
        )
        for line in forced.withdrawn[:LINES_SHOWN]:
            typer.echo(
                f"  Taken back: {line.units:,} units of {line.item} from {line.node}, published in "
                f"wave {line.wave}; the goods do not exist.",
                err=True,
            )


@app.command()
def diff(before: PlanPath, after: PlanPath) -> None:
    """Show which lines differ between two plans, largest change first."""
    changes = _plan(before, None).diff(_plan(after, None))
    summary = changes.summary()
    typer.echo(", ".join(f"{name} {count:,}" for name, count in summary.items()))
    order = abs(changes.change).argsort(kind="stable")[::-1][:LINES_SHOWN]
    for line in order.tolist():
        was, now = changes.before[line].tolist(), changes.after[line].tolist()
        name = f"{changes.node_ids[line]} {changes.item_ids[line]}"
        typer.echo(f"{name}: {was} -> {now} ({int(changes.change[line]):+d})")
    if len(changes) > LINES_SHOWN:
        typer.echo(f"... and {len(changes) - LINES_SHOWN:,} more lines")


def _problem(path: Path) -> "Problem":
    from tongzhou.planning import Problem, ProblemError

    _check_there(path)
    try:
        return Problem.from_parquet(path) if path.is_dir() else Problem.from_json(path)
    except ProblemError as error:
        refuse(f"{path} is not a problem:\n{error}")


def _plan(path: Path, problem: "Problem | None") -> "Plan":
    from tongzhou.planning import Plan, ProblemError

    _check_there(path)
    try:
        read = Plan.from_parquet if path.is_dir() else Plan.from_json
        return read(path, problem)
    except ProblemError as error:
        refuse(f"{path} is not a plan:\n{error}")


def _check_there(path: Path) -> None:
    if not path.exists():
        refuse(f"{path} is not there. Check the name.")


def _write(plan: "Plan | Problem", out: Path) -> None:
    if not out.resolve().parent.is_dir():
        refuse(f"The folder of {out} is not there. Create it first.")
    if out.suffix == ".json":
        plan.to_json(out)
    else:
        plan.to_parquet(out)
