"""Serving is refused where it would lose data or send secrets in the clear."""

import signal
import subprocess
import sys

import pytest

from tongzhou.web import server
from tongzhou.web.doctor import durability
from tongzhou.web.server import Listen, NotSafe

from .certificates import certificate, key_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def sound(monkeypatch):
    """A durable database, in production."""
    monkeypatch.setattr(durability, "faults", list)
    monkeypatch.setenv("TONGZHOU_MODE", "production")
    monkeypatch.delenv("TONGZHOU_BASE_URL", raising=False)
    return monkeypatch


@pytest.fixture
def pair(tmp_path):
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate(files[0], key_file(files[1]))
    return files


def test_this_machine_alone_needs_no_certificate(sound):
    assert server.refusals(Listen()) == []


def test_the_open_network_does(sound, pair):
    (refusal,) = server.refusals(Listen(host="0.0.0.0"))
    assert "--tls-cert" in refusal
    assert server.refusals(Listen("0.0.0.0", 443, 1, *pair)) == []


def test_a_proxy_with_a_certificate_will_do(sound):
    sound.setenv("TONGZHOU_BASE_URL", "https://relief.example.org")
    assert server.refusals(Listen(host="0.0.0.0")) == []


def test_half_a_certificate_is_refused(sound, pair):
    assert "both" in server.refusals(Listen(certificate=pair[0]))[0]


def test_a_certificate_that_is_not_there_is_named(sound, pair, tmp_path):
    (refusal,) = server.refusals(Listen("::1", 443, 1, pair[0], tmp_path / "none.pem"))
    assert "none.pem is not there" in refusal


def test_an_unsafe_database_is_refused(sound):
    sound.setattr(durability, "faults", lambda: ["SQLite runs with synchronous=NORMAL"])
    with pytest.raises(NotSafe, match="synchronous=NORMAL"):
        server.serve(Listen())


def test_a_database_of_another_version_is_refused(sound):
    sound.setattr("tongzhou.web.health.unapplied", lambda: ["kit.0099_later"])
    assert "tongzhou init" in server.refusals(Listen())[0]


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        (Listen(), "http://127.0.0.1:8000/"),
        (Listen("::1", 8443, 1, "c", "k"), "https://[::1]:8443/"),
    ],
)
def test_the_address_to_open(listen, url):
    assert listen.url == url


def test_a_child_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr(server, "STOP_SECONDS", 0.2)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
    )
    command = [sys.executable, "-c", f"{deaf}; time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        server._end(child)
        assert child.returncode == -signal.SIGKILL
