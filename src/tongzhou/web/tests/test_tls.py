"""Served over https for real: the page, its headers and cookies; and a key that does not fit."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tongzhou.web import server
from tongzhou.web.server import Listen

from .certificates import certificate, key_file

STARTS_WITHIN_S = 60


@pytest.fixture
def pair(tmp_path):
    """A certificate with its key, and a key of somebody else."""
    own, other = tmp_path / "key.pem", tmp_path / "other.pem"
    certificate(tmp_path / "cert.pem", key_file(own))
    key_file(other)
    return tmp_path / "cert.pem", own, other


@pytest.mark.parametrize("broken", ["other", "no pem"])
@pytest.mark.django_db
def test_a_key_that_does_not_fit_its_certificate_is_refused(monkeypatch, pair, broken):
    monkeypatch.setattr("tongzhou.web.doctor.durability.faults", list)
    cert, own, other = pair
    assert server.refusals(Listen("0.0.0.0", 443, 1, cert, own)) == []
    if broken == "no pem":
        other.write_text("nothing")
    (refusal,) = server.refusals(Listen("0.0.0.0", 443, 1, cert, other))
    assert "other.pem" in refusal
    assert "belongs to" in refusal


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation in production: its folder, the environment of its processes, a port."""
    folder = tmp_path_factory.mktemp("house")
    port = free_port()
    env = {name: value for name, value in os.environ.items() if "TONGZHOU" not in name}
    env |= {
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'house.sqlite3'}",
        "TONGZHOU_SECRET_KEY": "k" * 60,
        "TONGZHOU_DATA_DIR": str(folder / "data"),
        "TONGZHOU_BASE_URL": f"https://localhost:{port}",
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=folder, env=env, check=True, timeout=120)
    return folder, env, port


def command(port: int, cert: Path, key: Path) -> list[str]:
    where = ["--host", "127.0.0.1", "--port", str(port)]
    pair = ["--tls-cert", str(cert), "--tls-key", str(key)]
    return [sys.executable, "-m", "tongzhou.web.cli", "serve", *where, *pair]


def sealed(port: int, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("localhost", port, context=context, timeout=20)


@contextmanager
def serving(house, pair):
    """The program while it serves; ended like a service manager ends it."""
    folder, env, port = house
    process = subprocess.Popen(
        command(port, *pair[:2]), cwd=folder, env=env, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.installation
@pytest.mark.tidy
def test_a_page_over_https_is_sealed_and_so_are_its_cookies(house, pair):
    trusting = ssl.create_default_context(cafile=str(pair[0]))
    with serving(house, pair) as port:
        with closing(sealed(port, trusting)) as asked:
            asked.request("GET", "/accounts/login/")
            answer = asked.getresponse()
            page = answer.read().decode()
        assert answer.status == 200
        assert "<form" in page
        assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
        assert "default-src 'self'" in answer.getheader("Content-Security-Policy")
        cookies = answer.msg.get_all("Set-Cookie")
        assert cookies
        assert all("Secure" in cookie for cookie in cookies)
        # Whoever does not trust the certificate gets no page, and nothing is spoken in the clear.
        with (
            closing(sealed(port, ssl.create_default_context())) as strict,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            strict.request("GET", "/")
        with closing(http.client.HTTPConnection("localhost", port, timeout=20)) as plain:
            plain.request("GET", "/")
            with pytest.raises((http.client.HTTPException, OSError)):
                plain.getresponse()


@pytest.mark.slow
@pytest.mark.installation
@pytest.mark.tidy
def test_the_program_ends_with_a_sentence_where_the_key_is_anothers(house, pair):
    folder, env, port = house
    cert, _own, other = pair
    ended = subprocess.run(
        command(port, cert, other), cwd=folder, env=env, capture_output=True, text=True, timeout=60
    )
    said = " ".join((ended.stderr + ended.stdout).split())
    assert ended.returncode != 0
    assert "belongs to" in said
    assert "Traceback" not in said
