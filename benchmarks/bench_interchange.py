"""Tables of national size: read and check, write, beside what other readers need for less.

    python benchmarks/bench_interchange.py [--repeat 3] [--rows 600000] [--peers]

Every measurement is a process of its own, so that its peak memory is its own. Reading includes
every check of every cell and the search for doubled keys; the peers only load the cells as text.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

MILLION = 1_000_000


def clinic_columns() -> list:
    from tongzhou.interchange.tables import Column, Kind

    pattern = r"\d{12}-\d{1,4}"
    return [
        Column("code", ("诊所代码",), Kind.CODE, required=True, key=True, pattern=pattern),
        Column("village", ("村代码",), Kind.CODE, required=True, lengths=(12,)),
        Column("name", ("名称",), required=True),
        Column("units", ("数量",), Kind.WHOLE, maximum=10_000),
        Column("day", ("日期",), Kind.DATE),
        Column("phone", ("电话",), Kind.PHONE, personal=True),
        Column("lat", ("纬度",), Kind.DECIMAL, minimum=-90, maximum=90),
    ]


def clinics(rows: int):
    """Clinics made by arithmetic: two a village, names that repeat as real ones do."""
    import polars as pl

    number = pl.col("n")
    village = pl.format("62{}", (number // 2).cast(pl.String).str.zfill(10))
    return pl.DataFrame({"n": range(rows)}).select(
        code=pl.format("{}-{}", village, number % 2 + 1),
        village=village,
        name=pl.format("第{}村卫生室", number % 5000),
        units=number % 40,
        day=pl.date(2023, 1, 1) + pl.duration(days=number % 31),
        phone=pl.format("139{}", (number % 10**8).cast(pl.String).str.zfill(8)),
        lat=30 + number / MILLION,
    )


def write(path: Path, rows: int) -> float:
    """Seconds of writing alone; making the rows is not counted."""
    from tongzhou.interchange import tables

    frame = clinics(rows)
    start = time.perf_counter()
    with path.open("wb") as target:
        tables.write(frame, clinic_columns(), target, format=path.suffix[1:])
    return time.perf_counter() - start


def read(path: Path) -> None:
    from tongzhou.interchange import tables

    table = tables.read(path, clinic_columns())
    if not table.sound or table.warnings:
        raise SystemExit(f"{path} should have no faults, it has {table.errors}")


def read_fastexcel(path: Path) -> None:
    import fastexcel
    import polars as pl

    pl.DataFrame(fastexcel.read_excel(path).load_sheet(0, dtypes="string"))


def read_openpyxl(path: Path) -> None:
    import openpyxl

    for _ in openpyxl.load_workbook(path, read_only=True).active.values:
        pass


def read_polars(path: Path) -> None:
    import polars as pl

    pl.read_csv(path, infer_schema=False)


READERS = {step.__name__: step for step in (read, read_fastexcel, read_openpyxl, read_polars)}


def run_one(step: str, path: Path, rows: int) -> None:
    """In the process of its own: print seconds and peak MiB as JSON."""
    import polars  # noqa: F401 - its import is not part of the measurement

    if step == "write":
        seconds = write(path, rows)
    else:
        start = time.perf_counter()
        READERS[step](path)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": processor_seconds(), "mib": peak}))


def processor_seconds() -> float:
    """Of this process and its children, imports and the making of rows included."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def measure(label: str, step: str, path: Path, rows: int, repeat: int) -> None:
    results = []
    for _ in range(repeat):
        command = [sys.executable, __file__, "--one", step, str(path), "--rows", str(rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results.append(json.loads(done.stdout))
    seconds = [result["seconds"] for result in results]
    cpu = statistics.median(result["cpu"] for result in results)
    peak = max(result["mib"] for result in results)
    size = path.stat().st_size / 2**20
    print(
        f"{label:42} {statistics.median(seconds):6.2f} s"
        f"  ({min(seconds):.2f} to {max(seconds):.2f}, n={repeat})  processor {cpu:5.1f} s"
        f"  peak {peak:5.0f} MiB  file {size:5.1f} MiB",
        flush=True,
    )


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores, load {load}; Python {platform.python_version()}, "
        f"polars {version('polars')}, fastexcel {version('fastexcel')}, "
        f"openpyxl {version('openpyxl')}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rows", type=int, default=600_000)
    parser.add_argument("--peers", action="store_true", help="also openpyxl, about a minute")
    parser.add_argument("--one", nargs=2, metavar=("STEP", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run_one(given.one[0], Path(given.one[1]), given.rows)
        return
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        for rows in (given.rows, MILLION):
            for suffix in ("csv", "xlsx", "parquet"):
                path = Path(folder) / f"clinics-{rows}.{suffix}"
                name = f"{rows:,} clinics, {suffix}"
                measure(f"write {name}", "write", path, rows, given.repeat)
                measure(f"read and check {name}", "read", path, rows, given.repeat)
        table, sheet = (Path(folder) / f"clinics-{given.rows}.{kind}" for kind in ("csv", "xlsx"))
        measure("peer: polars, text only, csv", "read_polars", table, given.rows, given.repeat)
        measure("peer: fastexcel, text only", "read_fastexcel", sheet, given.rows, given.repeat)
        if given.peers:
            measure("peer: openpyxl, read only", "read_openpyxl", sheet, given.rows, 1)


if __name__ == "__main__":
    main()
