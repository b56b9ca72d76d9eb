"""A process that posts until it is killed: `python -m tongzhou.supplies.tests.writer write 3`."""

import sqlite3
import sys
from collections.abc import Callable

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tongzhou.kit.rules import SYSTEM  # noqa: E402
from tongzhou.places.models import Place  # noqa: E402
from tongzhou.supplies.actions import Command, Leg, ManyLegs, post  # noqa: E402
from tongzhou.supplies.models import Bucket, Fund, Item, Lot, Move  # noqa: E402
from tongzhou.supplies.queries import verify_ledger  # noqa: E402

from .stock import AT, make_world  # noqa: E402

CLINICS = 200


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def make() -> None:
    """A world with a dock full of units."""
    call_command("migrate", verbosity=0)
    world = make_world(CLINICS)
    world.ready(10**9)


def write(run: str) -> None:
    """Post without end; say the id of each move once it is answered."""
    number = 0
    while True:
        (result,) = post([_command(f"run-{run}-{number}")])
        assert result.status == "done", result
        say(f"run-{run}-{number}")
        number += 1


def audit() -> None:
    """Say how many faults there are (units bought without an order aside), and every id."""
    faults = [fault for fault in verify_ledger() if fault.name != "bought_differs"]
    say(f"faults={len(faults)}", *Move.objects.values_list("command_id", flat=True))


def plain() -> None:
    """Post over a connection of sqlite3's own."""
    command = _command("plain")
    too_much = Command("much", "test", AT, SYSTEM, [*_legs(Bucket.QUARANTINE, Bucket.ON_HAND)])
    raw = sqlite3.connect(str(connection.settings_dict["NAME"]))
    answers = [post([one], connection=raw)[0].status for one in (command, command, too_much)]
    say(*answers, f"in_transaction={raw.in_transaction}")


def _command(name: str) -> Command:
    return Command(name, "test", AT, SYSTEM, _legs(Bucket.ON_HAND, Bucket.RESERVED))


def _legs(source: int, target: int) -> list[Leg | ManyLegs]:
    dock = Place.objects.get(code="dock")
    ids = list(Place.objects.filter(kind="clinic").values_list("pk", flat=True))
    same = {"item_id": Item.objects.get().pk, "lot_id": Lot.objects.get().pk}
    same["fund_id"] = Fund.objects.get().pk
    return [
        Leg(dock.pk, source, units=-2 * len(ids), **same),
        ManyLegs(ids, target, units=[2] * len(ids), **same),
    ]


if __name__ == "__main__":
    doing: dict[str, Callable[..., None]] = {
        "make": make,
        "write": write,
        "audit": audit,
        "plain": plain,
    }
    doing[sys.argv[1]](*sys.argv[2:])
