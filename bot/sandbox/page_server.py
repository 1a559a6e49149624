"""The page and what it asks for: server-sent events, the acts of people, the inspector, switches, the bot."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from bot.sandbox.examples import SWITCHED_SECONDS
from bot.sandbox.local_slack import CannotDoError
from bot.sandbox.local_slack.control import control_routes, refuse_strangers
from bot.sandbox.local_slack.control_acts import place_of
from bot.sandbox.local_slack.pressing import load_options, visible
from bot.sandbox.screen import screen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.sandbox.sandbox import Sandbox

Json = dict[str, Any]
LOOK_AGAIN_SECONDS: Final = 0.3
"""Origami and the bot's database announce nothing: they are looked at so often."""
GATHER_SECONDS: Final = 0.03
"""Changes that come together are sent together."""
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Nobody but the page itself, and nothing from elsewhere in the page."""
    refuse_strangers(request)
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


class PageServer:
    """The page of one sandbox; `origin` once it listens."""

    def __init__(self, sandbox: Sandbox, built: Path, port: int) -> None:
        self._sandbox, self._built, self._port = sandbox, built, port
        self._runner: web.AppRunner | None = None
        self.origin = ""

    async def start(self) -> None:
        """Listen on loopback. OSError where the port is taken."""
        application = web.Application(middlewares=[guard], client_max_size=16 * 1024**2)
        application.add_routes(control_routes(self._sandbox.slack.core))
        application.add_routes(
            [
                web.get("/", self.index),
                web.get("/sandbox/live", self.live),
                web.get("/sandbox/log/{kind}/{number:\\d+}", self.detail),
                web.get("/sandbox/pictures/{file_id}", self.picture),
                web.post("/sandbox/options/{person}", self.options),
                web.post("/sandbox/bot/{verb}", self.bot),
                web.post("/sandbox/switches/{name}", self.switch),
                web.post("/sandbox/speed", self.speed),
                web.static("/", self._built),
            ]
        )
        self._runner = web.AppRunner(
            application, handler_cancellation=True, shutdown_timeout=0.2, access_log=None
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close every connection and the socket."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def index(self, _: web.Request) -> web.StreamResponse:
        """GET /: the page."""
        return web.FileResponse(self._built / "index.html")

    async def live(self, request: web.Request) -> web.StreamResponse:
        """GET /sandbox/live?as=rep: first every part of the screen, then each that changes or goes."""
        person = self._sandbox.slack.person(request.query.get("as", "rep"))
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", **HEADERS})
        await stream.prepare(request)
        sent: dict[str, bytes] = {}
        changed = asyncio.Event()
        following = asyncio.create_task(self._follow(changed))
        try:
            while True:
                changed.clear()
                parts = {**screen(self._sandbox.slack, person), **await self._sandbox.parts()}
                encoded = {name: orjson.dumps(part, default=str) for name, part in parts.items()}
                fresh = {name: orjson.Fragment(e) for name, e in encoded.items() if sent.get(name) != e}
                gone = [name for name in sent if name not in encoded]
                if fresh or gone:
                    update = {"reset": not sent, "set": fresh, "gone": gone}
                    await stream.write(b"data: " + orjson.dumps(update) + b"\n\n")
                sent = encoded
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), LOOK_AGAIN_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
        finally:
            following.cancel()

    async def _follow(self, changed: asyncio.Event) -> None:
        async for _ in self._sandbox.slack.subscribe():
            changed.set()

    async def detail(self, request: web.Request) -> web.StreamResponse:
        """GET /sandbox/log/{kind}/{number}: one entry of the inspector in full."""
        try:
            kind, number = request.match_info["kind"], int(request.match_info["number"])
            found = self._sandbox.inspector.detail(kind, number)
        except (KeyError, IndexError):
            raise web.HTTPNotFound from None
        return web.Response(body=orjson.dumps(found, default=str), content_type="application/json")

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """GET /sandbox/pictures/{file_id}: a PNG that the app has uploaded."""
        file = self._sandbox.slack.world.files.get(request.match_info["file_id"])
        if file is None or file.content is None or not file.name.endswith(".png"):
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type="image/png")

    async def options(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/options/{person}: what the app offers in a menu for what is typed (`query`)."""
        asked = await request.json()
        person = self._sandbox.slack.person(request.match_info["person"])
        try:
            place = place_of(person, asked)
            control = visible(person.user, place, asked["control"])
            offered = await load_options(
                self._sandbox.slack.core, person.user, place, control, asked["query"]
            )
        except CannotDoError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"options": [option["text"]["text"] for option in offered]})

    async def bot(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/bot/kill or /start."""
        bot = self._sandbox.bot
        if bot is None:
            raise web.HTTPConflict(text="This bot runs elsewhere.")
        match request.match_info["verb"]:
            case "kill":
                await bot.kill()
            case "start":
                await bot.start()
            case _:
                raise web.HTTPNotFound
        return web.json_response({"ok": True})

    async def switch(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/switches/{name} with {"on": true}; {"on": true, "briefly": true} for an example."""
        order = await request.json()
        seconds = SWITCHED_SECONDS if order.get("briefly") else None
        try:
            self._sandbox.switches.set(request.match_info["name"], on=bool(order["on"]), seconds=seconds)
        except KeyError:
            raise web.HTTPNotFound from None
        return web.json_response({"ok": True})

    async def speed(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/speed with {"speed": 10}."""
        try:
            self._sandbox.switches.set_speed(float((await request.json())["speed"]))
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.json_response({"ok": True})
