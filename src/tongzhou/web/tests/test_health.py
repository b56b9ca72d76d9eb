"""What operators' machines ask, and what they may see."""

import pytest
from django.db import connection
from django.test import Client

from tongzhou.kit.jobs import enqueue
from tongzhou.kit.rules import SYSTEM
from tongzhou.web import health, metrics

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


def test_alive_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_the_database_is_of_this_version(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "migrations": True}


def test_not_ready_before_the_migrations(client, monkeypatch):
    monkeypatch.setattr(health, "unapplied", lambda: ["kit.0099_later"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["migrations"] is False


def test_not_ready_while_the_database_is_away(client, monkeypatch):
    monkeypatch.setattr(health, "_database_answers", lambda: False)
    assert client.get("/readyz").status_code == 503


def test_migrations_that_are_missing_are_named():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'kit' AND name = '0002_guards'")
    assert "kit.0002_guards" in health.unapplied()


def test_metrics_tell_of_requests_and_of_waiting_work(client):
    enqueue("anything", "one", {}, by=SYSTEM)
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'route="/healthz"' in text
    assert 'tongzhou_jobs{state="waiting"} 1.0' in text
    assert "tongzhou_events" in text


def test_metrics_are_for_this_machine(client):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403


def test_or_for_whoever_has_the_token(client, settings):
    settings.METRICS_TOKEN = "right"
    away = {"REMOTE_ADDR": "10.0.0.9"}
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer right", **away).status_code == 200
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong", **away).status_code == 403
    assert client.get("/metrics").status_code == 403


def test_the_age_of_waiting_work_is_that_of_the_oldest(monkeypatch):
    assert metrics.oldest_waiting() == 0
    enqueue("anything", "one", {}, by=SYSTEM)
    assert metrics.oldest_waiting() >= 0
