"""The HTTP side: Slack's requests and the health pages."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.slack_requests import HttpRequests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slack_bolt.async_app import AsyncApp
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.health import Health
    from bot.metrics import Metrics

EVENTS_PATH = "/slack/events"
MOST_BODY_BYTES = 2 * 2**20
"""Ours: Slack's own limit of a view is 250 kB, and an event holds less."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
IDLE_SECONDS = 15
"""A connection that says nothing for so long is closed."""


def pages(health: Health, app: AsyncApp, *, signing_secret: str | None) -> Starlette:
    """The routes: health, the install pages where the app has any, and what Slack posts.

    Without a ``signing_secret`` Slack is not heard over HTTP.
    """
    routes = health_routes(health)
    if signing_secret is not None:
        routes.append(Route(EVENTS_PATH, HttpRequests(app, signing_secret).hear, methods=["POST"]))
    if app.oauth_flow is not None:
        slack = AsyncSlackRequestHandler(app)
        paths = (app.oauth_flow.install_path, app.oauth_flow.redirect_uri_path)
        routes += [Route(path, slack.handle, methods=["GET"]) for path in paths]
    return Starlette(routes=routes, middleware=[Middleware(Guard)])


def operators_pages(health: Health, metrics: Metrics) -> Starlette:
    """The pages on METRICS_PORT, which is not for the public: health, and what Prometheus reads."""

    async def page(_request: Request) -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE_LATEST)

    routes = [*health_routes(health), Route("/metrics", page)]
    return Starlette(routes=routes, middleware=[Middleware(Guard)])


def health_routes(health: Health) -> list[Route]:
    """``/healthz``: should it be restarted; ``/readyz``: can it work just now. 503 says why."""

    async def healthz(_request: Request) -> Response:
        ailments = health.ailments()
        return JSONResponse({"ok": not ailments, **ailments}, status_code=503 if ailments else 200)

    async def readyz(_request: Request) -> Response:
        obstacles = await health.obstacles()
        return JSONResponse({"ok": not obstacles, **obstacles}, status_code=503 if obstacles else 200)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


class Guard:
    """Refuses bodies that nobody of ours sends before they are held, and adds headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough (``http``; nothing else is served)."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        body = await _body(receive, MOST_BODY_BYTES) if scope["type"] == "http" else b""
        if body is None:
            refusal = JSONResponse({"error": "too_large"}, status_code=413, headers={"Connection": "close"})
            await refusal(scope, receive, with_headers)
            return
        # Only what Slack posts is read: elsewhere a body is dropped before anything tries.
        kept = body if scope.get("method") == "POST" else b""
        held = iter([{"type": "http.request", "body": kept, "more_body": False}])

        async def replay() -> Message:
            return next(held, None) or await receive()

        await self._app(scope, replay, with_headers)


async def _body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None where it is larger than ``most`` bytes, or never ends."""
    body = bytearray()
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            while (message := await receive())["type"] == "http.request":
                body += message.get("body", b"")
                if len(body) > most:
                    return None
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return None
    return None


class Server(uvicorn.Server):
    """uvicorn inside our own loop: the application decides about signals and the end."""

    def __init__(self, site: Starlette, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                site,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                date_header=False,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=3,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers alone."""
        yield

    @property
    def url(self) -> str:
        """Where it listens, once it has started."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"


async def serve(stack: contextlib.AsyncExitStack, site: Starlette, *, host: str, port: int) -> str:
    """Serve until the stack unwinds; returns the address. Raises OSError where it cannot listen."""
    server = Server(site, host=host, port=port)
    serving = asyncio.create_task(server.serve())
    stack.push_async_callback(_stop, server, serving)
    while not server.started:
        if serving.done():
            raise OSError(f"cannot listen on {host}:{port}: is the port in use?")
        await asyncio.sleep(0.01)
    return server.url


async def _stop(server: Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await asyncio.gather(serving, return_exceptions=True)
