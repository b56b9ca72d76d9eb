"""How much a request may bring: the rest is not even read.

Django keeps a whole body on disk before any view is asked, so that without this a stranger could
fill the disk through any address.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# A photograph of 8 MB, or the 6 MB of an outbox, with what stands around them.
MOST_BYTES = 12 * 2**20
# Whole registers come in here: 256 MiB of a file, and its form.
IMPORTS = "/desk/imports/"
MOST_IMPORT_BYTES = 257 * 2**20


def limited(application: Application) -> Application:
    """The same application, to which no larger body gets through: 413, as soon as it is known."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        most = MOST_IMPORT_BYTES if scope["path"].startswith(IMPORTS) else MOST_BYTES
        if _announced(scope) > most:
            await _refuse(send)
            return
        body = _Body(receive, send, most)
        await application(scope, body.receive, body.send)
        if body.is_over and not body.is_answered:
            await _refuse(send)

    return served


class _Body:
    """Counts what arrives; once it is too much, the client has gone as far as Django can tell."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._left = receive, send, most
        self.is_answered = False

    @property
    def is_over(self) -> bool:
        return self._left < 0

    async def receive(self) -> Message:
        if self.is_over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_over else message

    async def send(self, message: Message) -> None:
        self.is_answered = True
        await self._send(message)


def _announced(scope: Scope) -> int:
    """The length that the request says it has; 0 where it says none, or no number."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    said = headers.get(b"content-length", b"")
    return int(said[:20]) if said.isdigit() else 0


async def _refuse(send: Send) -> None:
    text = _("That is more than can be taken in here at once. Send less, or a smaller file.")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
