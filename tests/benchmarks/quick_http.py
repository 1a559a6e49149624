"""An HTTP/1.1 server that costs next to nothing, so that what is measured is the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Answer = Callable[[str, str, bytes], bytes]
"""From method, path and body to a whole answer, as ``answered`` makes it."""


def answered(body: bytes, *headers: bytes) -> bytes:
    """A 200 with a JSON body."""
    lines = [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def as_json(value: object, *headers: bytes) -> bytes:
    """A 200 with a value as JSON."""
    return answered(orjson.dumps(value), *headers)


class _Connection(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._rest = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head, length = self._rest[:end], 0
            if not head.startswith(b"GET "):
                at = head.lower().find(b"content-length:")
                length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._rest) < end + 4 + length:
                return
            body, self._rest = self._rest[end + 4 : end + 4 + length], self._rest[end + 4 + length :]
            method, path, _ = head.split(b" ", 2)
            self._transport.write(self._answer(method.decode(), path.decode(), body))


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    """Serve on a free port of loopback; gives the address, without a path."""
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(answer), "127.0.0.1", 0, backlog=4096
    )
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
