"""Who calls: keep-alive connections that send bytes and wait for the answer, and the same over Socket Mode.

Raw on purpose: a client that costs as much as the server would be measured with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tests.benchmarks.payloads import enveloped, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from typing import Any

    from tests.benchmarks.vendors import Vendors


class Way(Protocol):
    """One of Slack's ways to reach a bot."""

    def prepare(self, payload: dict[str, Any], caller: int) -> Callable[[], Coroutine[Any, Any, bool]]:
        """What sends it and waits: whether it was acked with nothing to say."""


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request on it at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[bytes] | None = None
        self._heard = b""
        self._turn = asyncio.Lock()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("the bot hung up"))

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if end and self._answered and len(body) >= _length(head):
            self._answered.set_result(self._heard)

    async def ask(self, request: bytes) -> bool:
        """Whether the answer is a bare 200; who finds the connection busy waits for it."""
        assert self._transport is not None
        async with self._turn:
            self._heard, self._answered = b"", asyncio.get_running_loop().create_future()
            self._transport.write(request)
            answer = await self._answered
        return answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n")

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@dataclass(frozen=True, slots=True)
class OverHttp:
    """Each caller has a connection of its own, open beforehand as Slack's are."""

    connections: tuple[Connection, ...]
    host: str

    def prepare(self, payload: dict[str, Any], caller: int) -> Callable[[], Coroutine[Any, Any, bool]]:
        connection, request = self.connections[caller], signed(payload, self.host)
        return lambda: connection.ask(request)


@dataclass(frozen=True, slots=True)
class OverSocket:
    """All callers on the one connection of Socket Mode."""

    vendors: Vendors

    def prepare(self, payload: dict[str, Any], caller: int) -> Callable[[], Coroutine[Any, Any, bool]]:
        del caller
        envelope_id, frame = enveloped(payload)
        return lambda: self.vendors.deliver(envelope_id, frame)


@contextlib.asynccontextmanager
async def over_http(url: str, callers: int) -> AsyncIterator[OverHttp]:
    """So many open connections to a bot."""
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Connection, address.hostname, address.port) for _ in range(callers)]
    connections = tuple(protocol for _, protocol in made)
    try:
        yield OverHttp(connections, address.netloc)
    finally:
        for connection in connections:
            connection.close()
