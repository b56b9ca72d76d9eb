"""What the apps above know of a campaign: whether it is planned, and which steps are open.

Each app registers its own answer, so that nothing here looks upstairs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tongzhou.campaigns.models import Campaign, NeedStatement


@dataclass(frozen=True, slots=True)
class OpenStep:
    """Something of a campaign that is not finished: in words, how many, and where they stand."""

    words: str
    count: int
    url: str


StepSource = Callable[[Campaign], Iterable[OpenStep]]
PlanSource = Callable[[Campaign], bool]

_steps: dict[str, StepSource] = {}
_plans: dict[str, PlanSource] = {}


def counts_open_steps(name: str) -> Callable[[StepSource], StepSource]:
    """Register how an app counts its open steps, once for each name."""

    def register(source: StepSource) -> StepSource:
        _steps[name] = source
        return source

    return register


def knows_of_plans(name: str) -> Callable[[PlanSource], PlanSource]:
    """Register how an app knows whether a campaign is planned."""

    def register(source: PlanSource) -> PlanSource:
        _plans[name] = source
        return source

    return register


def is_planned(campaign: Campaign) -> bool:
    """Whether a plan was run: from then on what it counts on stays as it is."""
    return any(source(campaign) for source in _plans.values())


def open_steps(campaign: Campaign) -> list[OpenStep]:
    """What is not finished, by app; what is finished is left out."""
    found = [step for name in sorted(_steps) for step in _steps[name](campaign)]
    return [step for step in found if step.count]


def needs_waiting(campaign: Campaign) -> int:
    """Statements of need that nobody has judged."""
    waiting = (NeedStatement.State.SUBMITTED, NeedStatement.State.QUERIED)
    return NeedStatement.objects.filter(campaign=campaign, state__in=waiting).count()
