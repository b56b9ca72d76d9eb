"""The database: durable, of this version, with a clock that agrees, with work that moves."""

import sqlite3
from datetime import timedelta

from django.db import connection
from django.db.models import Max

from tongzhou.kit import clock
from tongzhou.kit.models import Event, Job, OutboxMessage
from tongzhou.web import metrics
from tongzhou.web.health import unapplied

from . import durability
from .findings import Finding, fault, good, run, warning

OLDEST_SQLITE = (3, 38)
OLDEST_POSTGRES = 15
LARGEST_DIFFERENCE = timedelta(seconds=5)
LONGEST_WAIT_SECONDS = 600


def findings() -> list[Finding]:
    return [
        run("database version", version),
        run("durability", durable),
        run("migrations", migrations),
        run("database clock", agrees),
        run("long work", work),
    ]


def version() -> Finding:
    if connection.vendor == "sqlite":
        seen = f"SQLite {sqlite3.sqlite_version}"
        old = sqlite3.sqlite_version_info < OLDEST_SQLITE
        return (
            fault("database version", seen, "Use SQLite 3.38 or newer.")
            if old
            else good("database version", seen)
        )
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        number = str(cursor.fetchone()[0])
    if int(number.split(".")[0]) < OLDEST_POSTGRES:
        return fault("database version", f"PostgreSQL {number}", "Use PostgreSQL 15 or newer.")
    return good("database version", f"PostgreSQL {number}")


def durable() -> Finding:
    found = durability.faults()
    if found:
        return fault("durability", "a power cut can lose acknowledged writes", " ".join(found))
    values = durability.settings_in_use()
    return good("durability", ", ".join(f"{name}={value}" for name, value in values.items()))


def migrations() -> Finding:
    if left := unapplied():
        return fault("migrations", f"{len(left)} not applied: {left[0]} ...", "Run tongzhou init.")
    return good("migrations", "all applied")


def agrees() -> Finding:
    """The newest event is not from the future, which it is after the clock was set back."""
    newest = Event.objects.aggregate(at=Max("at"))["at"]
    if newest and newest > clock.now() + LARGEST_DIFFERENCE:
        cure = "Set the clock right before anything is recorded: events keep their time for ever."
        return fault("database clock", f"the newest event is of {newest:%Y-%m-%d %H:%M}", cure)
    return good("database clock", "no event is from the future")


def work() -> Finding:
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    letters = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED).count()
    waits = metrics.oldest_waiting()
    if waits > LONGEST_WAIT_SECONDS:
        cure = "Is the job worker running? `tongzhou serve` starts one."
        return fault("long work", f"work has waited for {waits / 60:.0f} minutes", cure)
    if failed or letters:
        seen = f"{failed} failed jobs, {letters} undelivered messages"
        return warning("long work", seen, "Look at /desk/jobs/, mend the cause, try again.")
    return good("long work", "nothing waits")
