"""plan: the engine without a server."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .endings import refuse, say_no

if TYPE_CHECKING:
    from tongzhou.planning import Plan, Problem

app = typer.Typer(
    help="Allocate, check, explain and compare plans, find routes, without a server.",
    no_args_is_help=True,
)

ProblemPath = Annotated[Path, typer.Argument(help="A JSON file, or a folder of Parquet files.")]
PlanPath = Annotated[Path, typer.Argument(help="A plan: a JSON file, or a folder.")]
LINES_SHOWN = 50


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
def check(problem: ProblemPath, plan: PlanPath) -> None:
    """Audit a plan without any code of the solver; ends with 1 where something is wrong."""
    from tongzhou.planning import check as audit

    read = _problem(problem)
    if faults := audit(read, _plan(plan, None)):
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


def _write(plan: "Plan", out: Path) -> None:
    if not out.resolve().parent.is_dir():
        refuse(f"The folder of {out} is not there. Create it first.")
    if out.suffix == ".json":
        plan.to_json(out)
    else:
        plan.to_parquet(out)
