"""Socket Mode: envelopes over WebSockets, to any one connection."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

from bot.sandbox.local_slack.changes import ChangeFeed
from bot.sandbox.local_slack.delivery import Ack, Delivery
from bot.sandbox.local_slack.errors import NoAckError
from bot.sandbox.local_slack.ids import Ids

# Slack's Socket Mode page promises these.
CONNECTIONS_MOST: Final = 10
APPROXIMATE_CONNECTION_SECONDS: Final = 18_060
# @slack/socket-mode gives a connection up after 30 s without a ping from Slack.
PING_SECONDS: Final = 5.0
HOST: Final = "applink-local"


@dataclass(eq=False)
class Connection:
    """One WebSocket; a `silent` one stays open but neither sends nor hears anything."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    pending: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    silent: bool = False
    closing: bool = False

    async def send(self, message: dict[str, Any]) -> None:
        """Send a frame; a closed socket is as good as a lost one."""
        if not self.silent:
            try:
                await self.socket.send_json(message)
            except ConnectionError as error:
                raise NoAckError("connection_failed") from error

    def failed(self) -> None:
        """Nobody will ack what is pending here."""
        for future in self.pending.values():
            if not future.done():
                future.set_exception(NoAckError("connection_failed"))


class SocketMode:
    """The connections of the app; new ones come in on a single-use ticket."""

    def __init__(self, ids: Ids, feed: ChangeFeed, app_id: str, now: Callable[[], float]) -> None:
        self._ids, self._feed, self._app_id, self._now = ids, feed, app_id, now
        self._tickets: set[str] = set()
        self._turn = 0
        self.connections: list[Connection] = []

    def ticket(self) -> str:
        """A ticket for one connection."""
        ticket = self._ids.uuid()
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        if len(self.connections) >= CONNECTIONS_MOST:
            return web.Response(status=429, text="too_many_websockets")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
        self.connections.append(connection)
        await connection.send(self._hello())
        self._feed.publish("socket", what="connected", connections=len(self.connections))
        pinging = asyncio.create_task(self._ping(connection))
        try:
            await self._listen(connection)
        finally:
            pinging.cancel()
            self._forget(connection)
        return socket

    async def send(self, delivery: Delivery) -> Ack:
        """Send the payload in an envelope to the next connection and wait for its ack."""
        open_ones = [c for c in self.connections if not c.closing] or self.connections
        if not open_ones:
            raise NoAckError("connection_failed")
        self._turn += 1
        connection = open_ones[self._turn % len(open_ones)]
        envelope_id = self._ids.uuid()
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": delivery.attempt, "retry_reason": delivery.retry_reason}
        acked = connection.pending[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await connection.send(envelope)
            return Ack(await acked)
        finally:
            connection.pending.pop(envelope_id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every open connection to go (`warning`, `refresh_requested` or `link_disabled`).

        After anything but a warning, payloads go to other connections if there are any; the client closes.
        """
        for connection in list(self.connections):
            connection.closing = connection.closing or reason != "warning"
            with suppress(NoAckError):
                await connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in list(self.connections):
            if connection.transport is not None:
                connection.transport.abort()
            self._forget(connection)

    def silence(self) -> None:
        """Leave every connection open but dead: no frames, no pongs, no acks heard."""
        for connection in self.connections:
            connection.silent = True

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self.connections):
            await connection.socket.close()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": HOST,
                "build_number": 1,
                "approximate_connection_time": APPROXIMATE_CONNECTION_SECONDS,
            },
            "connection_info": {"app_id": self._app_id},
        }

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if connection.silent:
                continue
            if frame.type is WSMsgType.PING:
                await connection.socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                self._heard(connection, frame.data)

    def _heard(self, connection: Connection, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        future = connection.pending.get(str(message.get("envelope_id", "")))
        if future is not None and not future.done():
            future.set_result(message.get("payload"))

    async def _ping(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            if not connection.silent:
                await connection.socket.ping(f"Ping from {HOST} {int(self._now())}".encode())

    def _forget(self, connection: Connection) -> None:
        connection.failed()
        if connection in self.connections:
            self.connections.remove(connection)
            self._feed.publish("socket", what="closed", connections=len(self.connections))
