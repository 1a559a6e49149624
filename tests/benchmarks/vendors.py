"""A Slack and an Origami that cost next to nothing: they say yes at once, and look at nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from aiohttp import WSMsgType, web

from tests.benchmarks.payloads import APP, TEAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def _json(value: object, **headers: str) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json", headers=headers)


@dataclass(eq=False, slots=True)
class Vendors:
    """Both on one address; over Socket Mode there is one connection at a time."""

    address: str = ""
    polled: set[str] = field(default_factory=set)
    """Ids of the runs that were asked about."""
    posted: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    socket: web.WebSocketResponse | None = None
    _awaited: dict[str, asyncio.Future[bool]] = field(default_factory=dict)
    _ts: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def deliver(self, envelope_id: str, frame: str) -> bool:
        """Send an envelope and wait for its ack; whether it is a bare one."""
        assert self.socket is not None
        acked = self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        await self.socket.send_str(frame)
        return await acked

    async def slack(self, request: web.Request) -> web.Response:
        """Any method of the Web API."""
        method = request.match_info["method"]
        await request.read()
        match method:
            case "apps.connections.open":
                return _json({"ok": True, "url": f"{self.address.replace('http', 'ws', 1)}/link"})
            case "auth.test":
                found = {"team_id": TEAM, "user_id": "UBOT", "bot_id": "BBOT", "team": "Acme"}
                return _json({"ok": True, "url": "https://acme.slack.com/", **found})
            case "users.info":
                return _json({"ok": True, "user": {"id": "U", "tz": "America/Chicago", "locale": "en-US"}})
        self.posted += 1
        return _json({"ok": True, "channel": "C00000001", "ts": f"1700000000.{next(self._ts):06}"})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """A connection of Socket Mode."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self.socket = socket
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT and message.data.startswith("{"):
                ack = orjson.loads(message.data)
                waiting = self._awaited.pop(ack["envelope_id"], None)
                if waiting and not waiting.done():
                    waiting.set_result(not ack.get("payload"))
        self.connected.clear()
        return socket

    async def origami(self, request: web.Request) -> web.Response:
        """Starts are admitted; a run that is asked about goes on, three steps further."""
        await request.read()
        parts = request.path.split("/")
        if request.method == "GET":
            run = parts[-1]
            self.polled.add(run)
            answer = {"id": run, "status": "running", "agent_id": parts[-3]}
            return _json({"run": {**answer, "steps": {"completed": 3, "max": 30}}}, **{"Retry-After": "15"})
        agent, run = str(uuid.uuid4()), str(uuid.uuid4())
        begun = {"id": run, "status": "running", "agent_id": agent}
        return _json({"agent": {"id": agent}, "run": begun}, **{"Retry-After": "15"})


@contextlib.asynccontextmanager
async def vendors() -> AsyncIterator[Vendors]:
    """Listening on loopback until the block ends."""
    both, site = Vendors(), web.Application(client_max_size=2**24)
    site.router.add_get("/link", both.link)
    site.router.add_route("*", "/api/{method}", both.slack)
    site.router.add_route("*", "/hook/{method}", both.slack)
    site.router.add_route("*", "/origami/{rest:.*}", both.origami)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    both.address = f"http://{host}:{port}"
    try:
        yield both
    finally:
        await runner.cleanup()
