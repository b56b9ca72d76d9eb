"""Pages among a nation's data: server time at p50 and p95, bytes, and search.

    python benchmarks/bench_pages.py [FOLDER] [--repeat 40] [--searches 200]

FOLDER holds the database of `make demo` (default ./.demo; the officer's sign-in is written into
it). Pages are asked for within this process,
through every middleware, so that the figure is the server's own time without a network. Each page
is opened once before it is measured, and a page with an object has another object each time.
"""

from __future__ import annotations

import argparse
import gzip
import logging
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = 2023
OFFICER = "county@demo.example"
SAMPLE = 20


def main() -> int:
    options = _options()
    folder = Path(options.folder).resolve()
    if not (folder / "demo.sqlite3").is_file():
        print(f"There is no demo.sqlite3 in {folder}. Run `make demo` first, or name its folder.")
        return 1
    _django_ready(folder)
    print(f"machine {_machine()}")
    draw = random.Random(SEED)
    heads = ("p50 ms", "p95 ms", "p95 cpu", "bytes", "gzipped")
    print(f"{'page':42} {'n':>4}" + "".join(f" {head:>9}" for head in heads))
    for name, client, paths in [*_public(draw), *_officer()]:
        _measure(name, client, list(islice(cycle(paths), max(options.repeat, len(paths)))))
    _searches(draw, options.searches)
    return 0


def _measure(name: str, client, paths: list[str]) -> None:
    """Ask for each address; the first two times are for what a process does once."""
    sizes, zipped, times = [], [], []
    for path in [*paths[:2], *paths]:
        start = _clocks()
        answer = client.get(path)
        times.append(_since(start))
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}; only whole pages are measured.")
        body = b"".join(answer) if answer.streaming else answer.content
        sizes.append(len(body))
        zipped.append(len(gzip.compress(body, 6)))
    _say(name, times[2:], f" {max(sizes):9,} {max(zipped):9,}")


def _public(draw: random.Random) -> Iterator[tuple[str, object, list[str]]]:
    """Pages that need no sign-in, at addresses drawn from all that are there."""
    from django.db.models import F
    from django.test import Client

    from tongzhou.campaigns.models import Campaign
    from tongzhou.places.models import Division
    from tongzhou.supplies.models import Fund

    client = Client(SERVER_NAME="127.0.0.1")
    level = Division.Level
    codes = {
        each: _some(draw, Division.objects.filter(level=each).values_list("code", flat=True))
        for each in (level.PROVINCE, level.COUNTY, level.VILLAGE)
    }
    yield "channel, nation (home)", client, ["/"]
    yield "channel, county", client, [f"/p/{code}/" for code in codes[level.COUNTY]]
    yield "channel, village", client, [f"/p/{code}/" for code in codes[level.VILLAGE]]
    campaigns = Campaign.objects.annotate(code=F("public_id")).values_list("code", flat=True)
    yield "trace, campaign", client, [f"/trace/campaigns/{code}/" for code in campaigns]
    funds = Fund.objects.filter(public=True).values_list("public_id", flat=True)
    yield "trace, donation", client, [f"/trace/donations/{code}/" for code in funds]
    for each in (level.PROVINCE, level.COUNTY):
        addresses = [f"/trace/divisions/{code}/" for code in codes[each]]
        yield f"trace, {each.label.lower()}", client, addresses
    yield "trace, clinic", client, [f"/trace/places/{code}/" for code in _clinics(draw)]


def _clinics(draw: random.Random) -> list[str]:
    """Clinics that were given something, from anywhere in the nation."""
    from django.db.models import Max, Min

    from tongzhou.plans.models import AllocationLine

    ends = AllocationLine.objects.aggregate(first=Min("id"), last=Max("id"))
    ids = [draw.randint(ends["first"], ends["last"]) for _ in range(SAMPLE)]
    rows = AllocationLine.objects.filter(pk__in=ids).select_related("place")
    return sorted({row.place.code for row in rows})


def _officer() -> Iterator[tuple[str, object, list[str]]]:
    """The day of a county officer, whose county lies somewhere in the nation."""
    from django.test import Client

    from tongzhou.people.models import Account, RoleGrant
    from tongzhou.plans.models import RunDivision

    account = Account.objects.get(email=OFFICER)
    county = RoleGrant.objects.get(account=account, role="county_officer").division
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    runs = RunDivision.objects.filter(division=county).values_list("run_id", flat=True)
    yield "county officer, desk", client, ["/desk/"]
    yield "county officer, shipments", client, ["/desk/shipments/"]
    yield "county officer, parcels", client, [f"/desk/parcels/{county.code}/"]
    yield "county officer, board", client, ["/desk/board/"]
    yield "county officer, board of the county", client, [f"/desk/board/{county.code}/"]
    yield "county officer, tasks", client, ["/desk/tasks/"]
    paths = [f"/desk/plans/{run}/divisions/{county.code}/" for run in runs]
    yield "county officer, plan of the county", client, paths


def _searches(draw: random.Random, count: int) -> None:
    """Two neighbouring characters of real names, and beginnings of pinyin, over the whole tree."""
    from tongzhou.places.models import Division
    from tongzhou.places.queries import search

    last = Division.objects.order_by("-pk").values_list("pk", flat=True)[0]
    ids = [draw.randint(1, last) for _ in range(2 * count)]
    rows = Division.objects.filter(pk__in=ids).values_list("name", "pinyin")
    names = [(name, pinyin) for name, pinyin in rows if len(name) > 2 and len(pinyin) > 3]
    names = names[:count]
    starts = [draw.randrange(len(name) - 1) for name, _ in names]
    kinds = {
        "two characters": [n[at : at + 2] for (n, _), at in zip(names, starts, strict=True)],
        "pinyin": [pinyin[: draw.randint(3, 10)] for _, pinyin in names],
    }
    for kind, texts in kinds.items():
        for text in texts[:5]:
            search(text)
        times = []
        for text in texts:
            start = _clocks()
            search(text)
            times.append(_since(start))
        _say(f"search by {kind}", times)


def _some(draw: random.Random, rows) -> list[str]:
    found = list(rows.order_by("pk"))
    return draw.sample(found, min(SAMPLE, len(found)))


Pair = tuple[float, float]


def _clocks() -> Pair:
    """Seconds on the wall and of this process: the second tells more on a shared machine."""
    return time.perf_counter(), time.process_time()


def _since(start: Pair) -> Pair:
    wall, own = _clocks()
    return wall - start[0], own - start[1]


def _say(name: str, times: list[Pair], more: str = "") -> None:
    half, late = _percentiles([wall for wall, _own in times])
    _, own = _percentiles([own for _wall, own in times])
    print(f"{name:42} {len(times):4} {half:9.1f} {late:9.1f} {own:9.1f}{more}", flush=True)


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile (the value that 95 of 100 do not exceed), in ms."""
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]
    return 1000 * statistics.median(ordered), 1000 * late


def _machine() -> str:
    info, model = Path("/proc/cpuinfo"), platform.processor()
    if info.is_file():
        lines = info.read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    python = platform.python_version()
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {python}"


def _django_ready(folder: Path) -> None:
    sys.path.insert(0, str(ROOT / "src"))
    from tongzhou.web.demo import story

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
        "TONGZHOU_MODE": "demo",
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "TONGZHOU_DATA_DIR": str(folder / "data"),
        "TONGZHOU_HOSTS": "localhost,127.0.0.1",
        "TONGZHOU_DEMO_NOW": story.NOW.isoformat(),
    }
    import django

    django.setup()
    logging.disable(logging.INFO)  # or a line for each request stands between the figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=".demo")
    parser.add_argument("--repeat", type=int, default=40, help="requests for each page at least")
    parser.add_argument("--searches", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
