"""When what passers-by report counts: two who do not know of each other, and not for long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WITNESSES = 2
TOGETHER = timedelta(hours=2)
HALF_LIFE = timedelta(hours=3)
# Two fresh reports weigh 2; they stop counting when they weigh this, after one half-life.
LEAST_WEIGHT = 1.0
CLOSED, OPEN = "closed", "open"


@dataclass(frozen=True, slots=True)
class Told:
    """One report: who (a name that tells nobody), when, open or closed, and the wait seen."""

    witness: str
    at: datetime
    claim: str = ""
    wait_minutes: int | None = None
    # A visitor's name holds for one day: on either side of midnight two names may be one person.
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What reports amount to now; None where they amount to nothing."""

    claim: str | None = None
    claim_at: datetime | None = None
    wait_minutes: float | None = None
    wait_at: datetime | None = None


def heard(reports: Iterable[Told], *, now: datetime, since: datetime | None) -> Heard:
    """Reports newer than the last check (`since`), each witness with the last word only.

    A claim holds when two witnesses made it within two hours, it weighs at least one (half of a
    report is gone after three hours), and it weighs more than what others say against it.
    """
    known = [r for r in reports if r.at <= now and (since is None or r.at > since)]
    claims = _last_words([r for r in known if r.claim])
    waits = _last_words([r for r in known if r.wait_minutes is not None])
    claim = next((c for c in (CLOSED, OPEN) if _holds(c, claims, now)), None)
    agreed = waits if _together(waits) and _weight(waits, now) >= LEAST_WEIGHT else []
    return Heard(
        claim,
        max((r.at for r in claims if r.claim == claim), default=None),
        _mean_wait(agreed, now),
        max((r.at for r in agreed), default=None),
    )


def _last_words(reports: Sequence[Told]) -> list[Told]:
    """Somebody who reports ten times is one witness."""
    last: dict[str, Told] = {}
    for report in sorted(reports, key=lambda r: r.at):
        last[report.witness] = report
    return sorted(last.values(), key=lambda r: r.at)


def _holds(claim: str, reports: Sequence[Told], now: datetime) -> bool:
    mine = [r for r in reports if r.claim == claim]
    weight = _weight(mine, now)
    against = _weight([r for r in reports if r.claim != claim], now)
    return _together(mine) and weight >= LEAST_WEIGHT and weight > against


def _together(reports: Sequence[Told]) -> bool:
    """Whether two of them, in order of time and each of another witness, are near each other."""
    pairs = zip(reports, reports[WITNESSES - 1 :], strict=False)
    return any(
        later.at - earlier.at <= TOGETHER and later.day == earlier.day for earlier, later in pairs
    )


def _weight(reports: Iterable[Told], now: datetime) -> float:
    return sum(_weight_of(report, now) for report in reports)


def _weight_of(report: Told, now: datetime) -> float:
    return float(0.5 ** ((now - report.at) / HALF_LIFE))


def _mean_wait(reports: Sequence[Told], now: datetime) -> float | None:
    """The newer report counts for more."""
    weight = _weight(reports, now)
    if not weight:
        return None
    return sum((r.wait_minutes or 0) * _weight_of(r, now) for r in reports) / weight
