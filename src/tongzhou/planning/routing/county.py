"""The routes of one county as one piece of work: it is sent somewhere and comes back as bytes."""

import hashlib
from dataclasses import dataclass, replace

from ..problem.faults import ProblemError
from .answer import Answer, Totals, answer_of
from .checking import check_routes
from .documents import answer_bytes
from .instance import Instance, Stop
from .matrix import with_roads
from .problem import Vehicle
from .solution import Routes

WARM = Instance(
    "warm",
    Stop("depot", lon=103.0, lat=36.0, due_s=36_000),
    (Stop("one", 1, lon=103.1, lat=36.0), Stop("two", 1, lon=103.0, lat=36.1)),
    (Vehicle("van", 2),),
)


@dataclass(frozen=True, slots=True)
class CountyTask:
    """An instance with its own seed, and how long to search: iterations, or else seconds.

    `matrix_url` names a service that knows the roads; where it fails the straight line is taken,
    and the answer says so.
    """

    instance: Instance
    seed: int
    iterations: int | None = None
    seconds: float | None = None
    matrix_url: str = ""


def seed_of(seed: str, county: str) -> int:
    """The county's own seed, so that its routes hang on neither order nor number of workers."""
    digest = hashlib.sha256(f"{seed}/{county}".encode()).digest()
    return int.from_bytes(digest[:6])


@dataclass(frozen=True, slots=True)
class CountyResult:
    """The ROUTES document of a county, and what a list of counties says of it. `estimated` counts
    the stops whose point nobody surveyed."""

    document: bytes
    totals: Totals
    left_out: int
    estimated: int
    roads: str


def county_routes(task: CountyTask) -> CountyResult:
    """The routes of a county; with iterations the same bytes for the same task.

    ProblemError where the depot has no point, or where the audit refuses what was found.
    """
    answer = county_answer(task)
    return CountyResult(
        document=answer_bytes(answer),
        totals=answer.totals,
        left_out=len(answer.left_out),
        estimated=sum(stop.estimated for stop in answer.stops),
        roads=answer.roads.source,
    )


def county_answer(task: CountyTask) -> Answer:
    from .search import route

    instance = task.instance
    instance, left_out = instance.servable()
    if task.matrix_url and instance.stops:
        # Once more, for by road some are farther than the straight line says.
        instance, farther = with_roads(instance, task.matrix_url).servable()
        left_out += farther
    if not instance.stops:
        return answer_of(instance, nothing(instance, task.seed), left_out)
    problem = instance.problem()
    found = route(problem, iterations=task.iterations, seconds=task.seconds, seed=task.seed)
    refuse_unsound(found)
    return answer_of(instance, found, left_out)


def refuse_unsound(found: Routes) -> None:
    """ProblemError with what the audit finds. A fleet that is too small is no mistake of the
    search: the answer then says how many days it takes."""
    problem = replace(found.problem, days=max(found.problem.days, found.days_needed))
    if faults := check_routes(problem, replace(found, problem=problem)):
        raise ProblemError(faults)


def nothing(instance: Instance, seed: int) -> Routes:
    """No routes, for an instance of which no stop can be served."""
    problem = replace(WARM, name=instance.name).problem()
    return Routes(problem, (), (), 0, seed)


def warm_up() -> None:
    """Load the compiled kernel: the first call ever compiles it, which takes some seconds."""
    from .search import route

    route(WARM.problem(), iterations=1)
