"""What operators measure: requests of this process, work that waits, the length of the log."""

import os
from collections.abc import Iterator

from django.db.models import Min, Sum
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tongzhou.kit import clock
from tongzhou.kit.models import EventChain, Job, OutboxMessage
from tongzhou.kit.queries import waiting

# The figures of docs/performance.md stand between two of these bounds (seconds).
BOUNDS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)

_requests = Histogram(
    "tongzhou_request_seconds",
    "Time of a request by address pattern",
    ["method", "route", "status"],
    buckets=BOUNDS,
)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    _requests.labels(method, route, str(status)).observe(seconds)


class Stored(Collector):
    """Figures read from the database at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        counts = waiting()
        yield _by_state("tongzhou_jobs", "Jobs by state", counts.jobs)
        yield _by_state("tongzhou_messages", "Outbox messages by state", counts.messages)
        yield GaugeMetricFamily(
            "tongzhou_oldest_waiting_seconds", "Age of the oldest due work", oldest_waiting()
        )
        total = EventChain.objects.aggregate(total=Sum("length"))["total"] or 0
        yield GaugeMetricFamily("tongzhou_events", "Events in the log", total)


def oldest_waiting() -> float:
    """Seconds since the oldest job or message that is due became due; 0 when none waits."""
    now = clock.now()
    jobs = Job.objects.filter(state=Job.State.WAITING, next_at__lte=now)
    letters = OutboxMessage.objects.filter(state=OutboxMessage.State.WAITING, next_at__lte=now)
    oldest = [rows.aggregate(at=Min("next_at"))["at"] for rows in (jobs, letters)]
    return max(((now - at).total_seconds() for at in oldest if at), default=0.0)


def text() -> bytes:
    """All metrics in Prometheus' text form, over all processes where there are several."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(_requests)
    registry.register(Stored())
    return generate_latest(registry)


def _by_state(name: str, says: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family
