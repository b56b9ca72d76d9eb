"""Counties computed on a Dask cluster, where a scheduler's address is set."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from tongzhou.planning.fanout import DONE, FAILED, LATE, LIMIT_S, POISON, Outcome, Task, reason_of

from .refusal import PlanRefused

if TYPE_CHECKING:
    from distributed import Client, Future

WAIT_S = 30.0
LOOK_S = 1.0
RESULT_S = 120.0  # a result is kilobytes; where its worker died it is computed again
AHEAD = 2  # tasks a thread of the cluster, so that none of them waits for the next

Work = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Runs tasks on the workers of a scheduler. Those of a worker that dies are given to others by
    the scheduler itself, a few times; then it suspects each task that was there (KilledWorker).
    Suspects are run again alone at the end, and only who ends a worker then is poison.

    A task over `limit_s` since it was handed over is reported as late; Dask cannot stop it, so its
    thread stays busy. PlanRefused where no scheduler or no worker answers.
    """

    address: str
    limit_s: float = LIMIT_S
    wait_s: float = WAIT_S

    def run(self, work: Work, tasks: Iterable[Task]) -> Iterator[Outcome]:
        client = self._client()
        try:
            suspects: list[Task] = []
            room = max(1, sum(client.nthreads().values())) * AHEAD
            yield from self._outcomes(client, work, iter(tasks), room, suspects)
            for task in suspects:
                yield from self._outcomes(client, work, iter([task]), 1, None)
        finally:
            client.close()

    def _client(self) -> "Client":
        # Imported here: it takes half a second, and most houses have no cluster.
        from distributed import Client

        client = None
        try:
            client = Client(self.address, timeout=self.wait_s, set_as_default=False)
            client.wait_for_workers(1, timeout=self.wait_s)
        except (OSError, ValueError, TimeoutError) as error:
            if client is not None:
                client.close()
            raise PlanRefused(
                _(
                    "The scheduler at %(address)s does not answer, or has no worker. Start it, or"
                    " empty TONGZHOU_DASK_SCHEDULER, then try again."
                )
                % {"address": self.address}
            ) from error
        return client

    def _outcomes(
        self,
        client: "Client",
        work: Work,
        tasks: Iterator[Task],
        room: int,
        suspects: list[Task] | None,
    ) -> Iterator[Outcome]:
        """Outcomes as they come, with `room` tasks on the way at once; suspects are put aside, or,
        without a list for them, are poison."""
        held: dict[Future[Any], tuple[Task, float]] = {}
        more = True
        while more or held:
            while more and len(held) < room:
                task = next(tasks, None)
                more = task is not None
                if task is not None:
                    # Its own key: another run of the same county is not the same piece of work.
                    future = client.submit(work, task.payload, pure=False)
                    held[future] = (task, time.monotonic() + self.limit_s)
            for future in _ended(client, list(held)):
                task = held.pop(future)[0]
                outcome = _outcome(task.name, future)
                if suspects is not None and outcome.state == POISON:
                    suspects.append(task)
                else:
                    yield outcome
            yield from self._late(held)

    def _late(self, held: "dict[Future[Any], tuple[Task, float]]") -> Iterator[Outcome]:
        now = time.monotonic()
        for future, (task, until) in list(held.items()):
            if until < now:
                future.cancel()
                del held[future]
                reason = f"It took longer than {self.limit_s:g} seconds."
                yield Outcome(task.name, LATE, None, reason)


def _ended(client: "Client", futures: "list[Future[Any]]") -> "set[Future[Any]]":
    """Those that have ended, after a second at the most."""
    from distributed import wait

    if not futures:
        return set()
    try:
        with client.as_current():
            ended: set[Future[Any]] = wait(
                futures, timeout=LOOK_S, return_when="FIRST_COMPLETED"
            ).done
    except TimeoutError:
        return set()
    return ended


def _outcome(name: str, future: "Future[Any]") -> Outcome:
    """What became of a task. Poison is also what was lost on the way with its worker: only another
    run, alone, can tell whose fault it was."""
    from distributed import KilledWorker

    if future.status == "error":
        error = future.exception()
        if not isinstance(error, KilledWorker):
            return Outcome(name, FAILED, None, reason_of(error or RuntimeError(future.status)))
    elif future.status == "finished":
        try:
            return Outcome(name, DONE, future.result(timeout=RESULT_S))
        # The worker that held the result is gone, however Dask words it.
        except Exception as error:
            return Outcome(name, POISON, None, f"Its result was lost ({reason_of(error)}).")
    return Outcome(name, POISON, None, "It ended each worker of the cluster that took it.")
