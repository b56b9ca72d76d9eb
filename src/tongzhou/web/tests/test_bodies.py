"""A body that is too large is refused as soon as that is known, and is nowhere kept."""

from typing import Any

import pytest

from tongzhou.web import bodies
from tongzhou.web.bodies import limited


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 10)
    monkeypatch.setattr(bodies, "MOST_IMPORT_BYTES", 20)


class Client:
    """Sends a body in parts and keeps what an application read and answered."""

    def __init__(self, path: str, parts: list[bytes], length: str | None = None) -> None:
        headers = [] if length is None else [(b"content-length", length.encode())]
        self.scope = {"type": "http", "path": path, "headers": headers}
        last = len(parts) - 1
        self.messages = [
            {"type": "http.request", "body": part, "more_body": n < last}
            for n, part in enumerate(parts)
        ]
        self.read: list[bytes] = []
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        """Reads all of it, as Django does, then answers."""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    def status(self) -> int:
        # Nothing here waits, so one step runs it whole; no loop may be started where a browser has
        # one already in this process.
        with pytest.raises(StopIteration):
            limited(self.application)(self.scope, self.receive, self.send).send(None)
        (start,) = [one for one in self.sent if one["type"] == "http.response.start"]
        return int(start["status"])


@pytest.mark.parametrize("length", ["10", "0", "many", "", None])
def test_what_fits_is_read_whole(length: str | None) -> None:
    client = Client("/c/x/", [b"12345", b"67890"], length)
    assert client.status() == 200
    assert b"".join(client.read) == b"1234567890"


def test_what_is_announced_too_large_is_not_read_at_all() -> None:
    client = Client("/c/x/", [b"x" * 11], "11")
    assert client.status() == 413
    assert client.read == []
    assert len(client.messages) == 1


def test_what_turns_out_too_large_is_read_no_further() -> None:
    client = Client("/c/x/", [b"x" * 6] * 5)
    assert client.status() == 413
    assert client.read == [b"x" * 6]
    assert len(client.messages) == 3


def test_a_length_of_a_thousand_digits_is_too_large() -> None:
    assert Client("/", [b""], "9" * 1000).status() == 413


def test_registers_may_be_larger_and_nothing_else() -> None:
    assert Client("/desk/imports/places/", [b"x" * 20], "20").status() == 200
    assert Client("/desk/imports/places/", [b"x" * 21], "21").status() == 413
    assert Client("/desk/shipments/reports/", [b"x" * 20], "20").status() == 413


def test_other_kinds_of_traffic_pass() -> None:
    client = Client("/", [b""])
    client.scope = {"type": "lifespan"}
    assert client.status() == 200
