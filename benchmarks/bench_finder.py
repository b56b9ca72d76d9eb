"""The nearest of a million facilities, whether open now, and what a page of them costs.

    python benchmarks/bench_finder.py [--facilities 1000000] [--searches 2000] [--postgres]

The facilities are made up by a seed: towns of very unequal size over the whole country, the largest
with some ten thousand facilities within a few kilometres. A search starts near a facility of the
seed's choice. A sample of the searches is compared with all distances computed by numpy. Times are
those of one process, CPU time beside them; the figures are the median and the 99th percentile.
"""

from __future__ import annotations

import argparse
import gzip
import logging
import os
import platform
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from bench_places import databases, django_ready

SEED = 2023
TOWNS = 3000
COMPARED = 200
SERVICES = ("sees_fever", "sees_children", "has_oxygen", "has_emergency")
SHARES = (0.1, 0.5, 0.3, 0.02)
HOURS = (
    "24/7",
    "Mo-Fr 08:00-17:30; PH off",
    "Mo-Su 08:00-12:00,14:00-18:00; PH 09:00-12:00",
    "上午",
)


def made_up(number: int, division_id: int) -> pl.DataFrame:
    rng = np.random.default_rng(SEED)
    size = 1 / np.arange(1, TOWNS + 1) ** 0.8
    town = rng.choice(TOWNS, number, p=size / size.sum())
    lat = rng.uniform(20, 48, TOWNS)[town] + rng.normal(0, 0.08, number)
    lon = rng.uniform(80, 128, TOWNS)[town] + rng.normal(0, 0.1, number)
    phi, lam = np.radians(lat), np.radians(lon)
    held = {name: rng.random(number) < share for name, share in zip(SERVICES, SHARES, strict=True)}
    hours = rng.choice(len(HOURS), number)
    return pl.DataFrame(
        {
            "code": [f"f{n}" for n in range(number)],
            "name": [f"医院{n}" for n in range(number)],
            "name_en": "",
            "kind": "hospital",
            "division_id": division_id,
            "address": "",
            "phones": "0931-1234567",
            "lat": lat,
            "lon": lon,
            "x": np.cos(phi) * np.cos(lam),
            "y": np.cos(phi) * np.sin(lam),
            "z": np.sin(phi),
            **held,
            "all_day": hours == 0,
            "hours": [HOURS[n] for n in hours],
            "hours_read": hours < 3,
            "state": "active",
            "ever_called": False,
            "priority": 5,
            "made_up": True,
        }
    )


def measured(work: Any, asked: list[Any]) -> tuple[np.ndarray, float]:
    """Milliseconds of each call, and milliseconds of CPU a call."""
    for one in asked[:100]:
        work(*one)
    taken, cpu = [], time.process_time()
    for one in asked:
        start = time.perf_counter()
        work(*one)
        taken.append((time.perf_counter() - start) * 1000)
    return np.array(taken), (time.process_time() - cpu) * 1000 / len(asked)


def say(word: str, found: tuple[np.ndarray, float]) -> None:
    taken, cpu = found
    print(
        f"  {word:44} median {np.median(taken):7.2f} ms   p99 {np.percentile(taken, 99):7.2f} ms"
        f"   CPU {cpu:6.2f} ms"
    )


def compared(frame: pl.DataFrame, asked: list[tuple[float, float]]) -> int:
    """How many of the searches differ from comparing all distances."""
    from tongzhou.finder.models import Facility
    from tongzhou.finder.queries import nearest
    from tongzhou.finder.rules import vector

    xyz = frame.select("x", "y", "z").to_numpy()
    ids = dict(Facility.objects.values_list("pk", "code"))
    wrong = 0
    for lat, lon in asked[:COMPARED]:
        square = ((xyz - np.array(vector(lat, lon))) ** 2).sum(axis=1)
        order = np.argpartition(square, 20)[:20]
        wanted = [f"f{n}" for n in order[np.argsort(square[order])]]
        wrong += [ids[one.facility_id] for one in nearest(lat, lon)] != wanted
    return wrong


def measure(number: int, searches: int) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client

    from tongzhou.finder.models import Facility
    from tongzhou.finder.queries import around, nearest
    from tongzhou.kit import clock
    from tongzhou.places.actions import bulk
    from tongzhou.places.models import Division

    call_command("migrate", verbosity=0)
    nation = Division.objects.create(code="CN", name="中国", level=0, first=0, last=9)
    frame = made_up(number, nation.pk)
    start = time.perf_counter()
    with transaction.atomic():
        bulk.insert_frame("finder_facility", frame)
    bulk.analyze("finder_facility")
    print(f"  load {number:,} facilities with their index: {time.perf_counter() - start:.1f} s")
    Facility.objects.update(checked_at=clock.now() - timedelta(hours=1))
    rng = random.Random(SEED)
    at = frame.select("lat", "lon").rows()
    asked = [
        (round(lat + rng.gauss(0, 0.05), 2), round(lon + rng.gauss(0, 0.05), 2))
        for lat, lon in rng.sample(at, searches)
    ]
    say("20 nearest", measured(nearest, asked))
    say(
        "20 nearest fever clinics open at any hour",
        measured(lambda a, b: nearest(a, b, services=["sees_fever", "all_day"]), asked),
    )
    say(
        "the nearest emergency department",
        measured(lambda a, b: nearest(a, b, services=["has_emergency"], limit=1), asked),
    )
    empty = [(rng.uniform(20, 48), rng.uniform(80, 128)) for _ in range(searches)]
    say("20 nearest from anywhere, deserts too", measured(nearest, empty))
    say("40 ranked with hours, reports, exceptions", measured(around, asked[: searches // 4]))
    town = Division.objects.create(
        code="620102001", name="东岗镇", level=4, parent=nation, first=1, last=1,
        lat=asked[0][0], lon=asked[0][1],
    )  # fmt: skip
    # A line in the log for each page would be measured too, as its writing to a terminal.
    logging.disable(logging.CRITICAL)
    client = Client(headers={"host": "localhost"})
    pages = [(f"/p/{town.code}/clinics/",)] * (searches // 10)
    say("the page of a town, all of Django", measured(client.get, pages))
    page = client.get(pages[0][0])
    assert page.status_code == 200, page.status_code
    print(f"  the page: {len(page.content):,} bytes, gzipped {len(gzip.compress(page.content)):,}")
    print(f"  searches that differ from comparing all: {compared(frame, asked)} of {COMPARED}")
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        print(f"  the file: {file.stat().st_size / 2**20:,.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facilities", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=2000)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL too")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        django_ready(given.child)
        measure(given.facilities, given.searches)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, fresh in databases(given.postgres, Path(folder)):
            print(kind, flush=True)
            again(fresh("finder"), given)


def again(address: str, given: argparse.Namespace) -> None:
    """A process of its own for each database: Django has one for its life."""
    import subprocess
    import sys

    sizes = ["--facilities", str(given.facilities), "--searches", str(given.searches)]
    subprocess.run([sys.executable, __file__, "--child", address, *sizes], check=True)


if __name__ == "__main__":
    main()
