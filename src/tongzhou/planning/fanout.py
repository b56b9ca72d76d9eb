"""Spread independent pieces of work over processes; each result is handed on as it arrives.

A piece that raises, takes too long or kills its worker fails alone, with its name and the reason. A
worker that is killed from outside loses nothing: what is done is done, and its one piece is given
to another worker. (A ProcessPoolExecutor breaks as a whole when one of its workers is killed.)
"""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

DONE, FAILED, LATE, POISON = "done", "failed", "late", "poison"
LIMIT_S = 600.0
ATTEMPTS = 3
START_LIMIT_S = 120.0
WORKERS_AT_MOST = 256
STARTS_AT_MOST = 5
LONGEST_REASON = 500

Work = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work by name: a county by its code. The payload can be pickled."""

    name: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended. `state`: done (with its value), failed (it raised), late (stopped after its
    limit) or poison (it ended its worker each time); `reason` says it in words."""

    name: str
    state: str
    value: Any = None
    reason: str = ""


class Executor(Protocol):
    """Whatever runs tasks and yields each outcome as it comes. Closing the iterator stops it."""

    def run(self, work: Work, tasks: Iterable[Task]) -> Iterator[Outcome]: ...


class CannotStart(RuntimeError):
    """No worker comes up; the text says what the last one ended with."""


def spread(
    work: Work,
    tasks: Iterable[Task],
    *,
    done: Callable[[Outcome], None],
    executor: Executor | None = None,
) -> Counter[str]:
    """Run `work` on every task's payload; `done` gets each outcome in the order of arrival.

    Tasks are drawn as workers become free, so they may come from a generator. What `done` raises
    stops everything. Returns how many tasks ended in which state. `work` is a function of a module,
    for it is sent to other processes.
    """
    counts: Counter[str] = Counter()
    outcomes = (executor or Pool()).run(work, tasks)
    try:
        for outcome in outcomes:
            counts[outcome.state] += 1
            done(outcome)
    finally:
        close = getattr(outcomes, "close", None)
        if close:
            close()
    return counts


def reason_of(error: BaseException) -> str:
    """An exception in words; those of this library are sentences already."""
    text = str(error).strip() or type(error).__name__
    if not isinstance(error, ValueError):
        text = f"{type(error).__name__}: {text}"
    return text[:LONGEST_REASON]


class Here:
    """Runs tasks in this process, one after the other, with no guard against one that kills it."""

    def run(self, work: Work, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            state, value = _attempt(work, task.payload)
            yield _outcome(task.name, state, value)


# ------------------------------------------------------------------------------ processes


@dataclass
class _Held:
    """A task, and how many workers it has seen dying."""

    task: Task
    deaths: int = 0


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    until: float
    ready: bool = False
    held: _Held | None = None


class Pool:
    """Processes of this machine, one task each at a time.

    workers: how many, by default the cores this process may use; limit_s: seconds after which a
    task is stopped; attempts: workers that a task may see dying before it is given up as poison;
    prepare: called once in each worker before its first task.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        limit_s: float = LIMIT_S,
        attempts: int = ATTEMPTS,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
        self.workers = max(1, min(workers or cores, WORKERS_AT_MOST))
        self.limit_s, self.attempts, self.prepare = limit_s, attempts, prepare

    def run(self, work: Work, tasks: Iterable[Task]) -> Iterator[Outcome]:
        shift = _Shift(self, work, iter(tasks))
        try:
            yield from shift.outcomes()
        finally:
            shift.end()


class _Shift:
    """One run of a pool: its workers, what they hold, and what has to be done again."""

    def __init__(self, pool: Pool, work: Work, ahead: Iterator[Task]) -> None:
        self.pool, self.work, self.ahead = pool, work, ahead
        self.again: deque[_Held] = deque()
        self.workers: dict[Connection, _Worker] = {}
        self.failed_starts = 0

    def outcomes(self) -> Iterator[Outcome]:
        following = self._next()
        while following is not None or any(w.held for w in self.workers.values()):
            while following is not None and self._give(following):
                following = self._next()
            following = following or self._next()
            if following is not None and len(self.workers) < self.pool.workers:
                self._start()
            yield from self._hear()
            following = following or self._next()

    def end(self) -> None:
        for worker in self.workers.values():
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self.workers.clear()

    def _next(self) -> _Held | None:
        if self.again:
            return self.again.popleft()
        task = next(self.ahead, None)
        return None if task is None else _Held(task)

    def _give(self, held: _Held) -> bool:
        """Hand a task to a worker that is free; False where none is."""
        for worker in [w for w in self.workers.values() if w.ready and w.held is None]:
            try:
                worker.pipe.send(held.task.payload)
            except OSError:
                # It died while it had nothing to do: no task is to blame.
                self._bury(worker)
                continue
            worker.held, worker.until = held, time.monotonic() + self.pool.limit_s
            return True
        return False

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self.work, self.pool.prepare), daemon=True
        )
        process.start()
        # Only the worker's end stays open, so that its death is the end of the pipe.
        theirs.close()
        self.workers[ours] = _Worker(process, ours, time.monotonic() + START_LIMIT_S)

    def _hear(self) -> Iterator[Outcome]:
        """What workers say until the next of them is due, or at once where one is free."""
        busy = {pipe: w for pipe, w in self.workers.items() if w.held or not w.ready}
        if not busy:
            return
        pause = max(0.0, min(w.until for w in busy.values()) - time.monotonic())
        for pipe in wait(list(busy), timeout=pause):
            assert isinstance(pipe, Connection)
            yield from self._read(busy[pipe])
        for worker in [w for w in self.workers.values() if w.held or not w.ready]:
            if worker.until < time.monotonic():
                yield from self._stop_late(worker)

    def _read(self, worker: _Worker) -> Iterator[Outcome]:
        try:
            state, value = worker.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            yield from self._lost(worker)
            return
        if not worker.ready:
            worker.ready, self.failed_starts = True, 0
            return
        held, worker.held = worker.held, None
        assert held is not None, "a worker speaks only of what it holds"
        yield _outcome(held.task.name, state, value)

    def _lost(self, worker: _Worker) -> Iterator[Outcome]:
        """A worker is dead: its task goes to another, or is given up."""
        code = self._bury(worker)
        if worker.held is None:
            self.failed_starts += 1
            if self.failed_starts >= STARTS_AT_MOST:
                raise CannotStart(f"No worker comes up; the last one ended with {code}.")
            return
        held = worker.held
        held.deaths += 1
        if held.deaths < self.pool.attempts:
            self.again.append(held)
            return
        reason = f"It ended its worker {held.deaths} times ({_how(code)})."
        yield Outcome(held.task.name, POISON, None, reason)

    def _stop_late(self, worker: _Worker) -> Iterator[Outcome]:
        worker.process.kill()
        if worker.held is None:
            yield from self._lost(worker)
            return
        self._bury(worker)
        reason = f"It took longer than {self.pool.limit_s:g} seconds."
        yield Outcome(worker.held.task.name, LATE, None, reason)

    def _bury(self, worker: _Worker) -> int | None:
        del self.workers[worker.pipe]
        worker.pipe.close()
        worker.process.join(timeout=10)
        code = worker.process.exitcode
        worker.process.kill()
        return code


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code}, {signal.Signals(-code).name}"
    return f"exit code {code}"


def _outcome(name: str, state: str, value: Any) -> Outcome:
    return Outcome(name, state, value) if state == DONE else Outcome(name, state, None, value)


def _attempt(work: Work, payload: Any) -> tuple[str, Any]:
    try:
        return DONE, work(payload)
    # Whatever one county raises must not stop the others.
    except (Exception, SystemExit) as error:
        return FAILED, reason_of(error)


def _serve(pipe: Connection, work: Work, prepare: Callable[[], None] | None) -> None:
    """The life of a worker: it ends when nobody is at the other end of the pipe any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this one
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    if prepare is not None:
        prepare()
    try:
        pipe.send(("ready", None))
        while True:
            pipe.send_bytes(_packed(*_attempt(work, pipe.recv())))
    except (EOFError, OSError):
        return


def _packed(state: str, value: Any) -> bytes:
    """As the pipe would pack it; what cannot be packed is the fault of its task."""
    try:
        return bytes(ForkingPickler.dumps((state, value)))
    except Exception as error:
        return bytes(ForkingPickler.dumps((FAILED, reason_of(error))))


def _leave_with_parent() -> None:
    """A parent killed with -9 closes nothing behind it; a task without end would go on for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
