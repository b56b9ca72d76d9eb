"""The doctor finds what is wrong, says what to do, and goes on when a check itself breaks."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.jobs import enqueue
from tongzhou.kit.models import Job
from tongzhou.kit.rules import SYSTEM
from tongzhou.learning.actions import load_builtin_guides
from tongzhou.people.models import Review
from tongzhou.people.queries import unsigned_texts
from tongzhou.web import doctor
from tongzhou.web.doctor import State, database, durability, findings, machine, service

pytestmark = pytest.mark.django_db
SAFE_SQLITE = {"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"}
SAFE_POSTGRES = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def test_an_examination_looks_at_everything_that_is_promised():
    names = [finding.name for finding in doctor.examine()]
    assert names == [
        "python",
        "disk",
        "fsync",
        "clock",
        "fonts",
        "database version",
        "durability",
        "migrations",
        "database clock",
        "long work",
        "settings",
        "https",
        "letters",
        "cache headers",
        "health rules",
    ]


def test_whatever_is_not_good_says_what_to_do():
    for finding in doctor.examine():
        assert (finding.cure == "") == (finding.state is State.GOOD), finding


def test_a_check_that_breaks_is_a_fault_of_its_own():
    def broken():
        raise ValueError("no such table\nDETAIL: 13812341234")

    found = findings.run("disk", broken)
    assert (found.state, found.seen) == (State.FAULT, "ValueError: no such table")


def test_sqlite_with_full_synchronous_is_durable():
    assert durability.sqlite_faults(SAFE_SQLITE) == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("synchronous", "1", "synchronous=NORMAL"),
        ("synchronous", "0", "synchronous=OFF"),
        ("journal_mode", "off", "Set it to WAL"),
        ("foreign_keys", "0", "foreign_keys=ON"),
    ],
)
def test_an_unsafe_sqlite_is_named(name, value, says):
    (fault,) = durability.sqlite_faults(SAFE_SQLITE | {name: value})
    assert says in fault


def test_a_safe_postgresql_is_durable():
    assert durability.postgres_faults(SAFE_POSTGRES) == []


@pytest.mark.parametrize("name", SAFE_POSTGRES)
def test_an_unsafe_postgresql_is_named(name):
    (fault,) = durability.postgres_faults(SAFE_POSTGRES | {name: "off"})
    assert f"Set {name} = on" in fault


def test_the_database_itself_is_asked():
    """SQLite in memory keeps no journal; the cluster of the tests is fast and unsafe on purpose."""
    if connection.vendor == "sqlite":
        assert durability.settings_in_use()["synchronous"] == "2"
        assert durability.faults() == []
    else:
        assert len(durability.faults()) == 3


def test_a_full_disk_is_a_fault(monkeypatch):
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: usage)
    assert machine.disk().state is State.FAULT


@pytest.mark.parametrize(
    ("rate", "state"), [(5, State.FAULT), (2000, State.GOOD), (500_000, State.WARNING)]
)
def test_a_disk_that_is_too_slow_or_too_good_to_be_true(monkeypatch, rate, state):
    monkeypatch.setattr(machine, "syncs_per_second", lambda folder: rate)
    assert machine.fsync().state is state


def test_syncs_are_measured_on_the_real_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "SYNCS", 3)
    assert machine.syncs_per_second(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []


def test_an_old_python_is_a_fault(monkeypatch):
    monkeypatch.setattr(machine.sys, "version_info", (3, 10, 9))
    assert machine.python().state is State.FAULT


def test_an_old_sqlite_is_a_fault(monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 0))
    wanted = State.FAULT if connection.vendor == "sqlite" else State.GOOD
    assert database.version().state is wanted


def test_missing_migrations_are_a_fault(monkeypatch):
    monkeypatch.setattr(database, "unapplied", lambda: ["kit.0099_later"])
    found = database.migrations()
    assert (found.state, found.cure) == (State.FAULT, "Run tongzhou init.")


def test_an_event_from_the_future_means_that_the_clock_went_back():
    assert database.agrees().state is State.GOOD
    job = enqueue("anything", "one", {}, by=SYSTEM)
    with clock.fixed_at(clock.now() + timedelta(hours=1)), transaction.atomic():
        record("x.done", job, by=SYSTEM, chain="house")
    assert database.agrees().state is State.FAULT


def test_work_that_nobody_does_is_a_fault():
    assert database.work().state is State.GOOD
    with clock.fixed_at(clock.now() - timedelta(minutes=11)):
        enqueue("anything", "one", {}, by=SYSTEM)
    assert database.work().state is State.FAULT
    Job.objects.update(state=Job.State.FAILED)
    assert database.work().state is State.WARNING


@pytest.mark.parametrize(
    ("hosts", "base", "state"),
    [
        (["localhost", "127.0.0.1"], "", State.GOOD),
        (["localhost"], "http://localhost:8000", State.GOOD),
        (["relief.example.org"], "", State.FAULT),
        (["relief.example.org"], "http://relief.example.org", State.FAULT),
        (["localhost"], "http://192.0.2.7:8000", State.FAULT),
        (["relief.example.org"], "https://relief.example.org", State.GOOD),
    ],
)
def test_https_is_missing_wherever_others_can_reach_it(settings, hosts, base, state):
    settings.ALLOWED_HOSTS = hosts
    settings.BASE_URL = base
    assert service.https().state is state


def test_letters_that_are_only_printed_are_a_warning(settings):
    settings.PRODUCTION = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert service.letters().state is State.WARNING
    assert "no mail server is set" in service.letters().seen
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert service.letters().state is State.WARNING
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example.org", 587
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "canary"
    found = service.letters()
    assert (found.state, found.seen) == (State.GOOD, "mail.example.org, port 587")


def test_a_missing_style_sheet_is_found(monkeypatch):
    assert service.cache_headers().state is State.GOOD
    monkeypatch.setattr(service, "STATIC_FILE", "css/nothing.css")
    assert service.cache_headers().state is State.FAULT


def test_texts_about_health_that_nobody_signed_are_counted_by_kind():
    load_builtin_guides()
    found = service.health_rules()
    assert found.state is State.WARNING
    for kind, (unsigned, total) in unsigned_texts().items():
        assert unsigned == total > 0
        assert f"{Review.Kind(kind).label}: {unsigned} of {total}" in found.seen


def test_once_all_are_signed_the_doctor_is_content(monkeypatch):
    monkeypatch.setattr(service, "unsigned_texts", lambda: {"rule": (0, 30)})
    assert service.health_rules().state is State.GOOD
