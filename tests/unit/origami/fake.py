"""An Origami that answers what it is told, and a socket that misbehaves."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
from aiohttp import web

KEY = "og_live_" + "k" * 40


@dataclass
class Told:
    body: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        content = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        headers = {"Content-Type": "application/json", "X-Request-Id": "req-1", **self.headers}
        return web.Response(body=content, status=self.status, headers=headers)


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class FakeOrigami:
    """Gives the answers it was told, in order, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: deque[Told] = deque()
        self.asked: list[Asked] = []
        self.base_url = ""

    def tell(self, body: object, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append(Told(body, status, named))

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    async def handle(self, request: web.Request) -> web.Response:
        asked = Asked(
            request.method,
            request.raw_path.partition("?")[0],
            dict(request.query),
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
        )
        self.asked.append(asked)
        return self.answers.popleft().response()


@asynccontextmanager
async def listening(fake: FakeOrigami) -> AsyncIterator[FakeOrigami]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    fake.base_url = f"http://127.0.0.1:{port}/api/v2"
    try:
        yield fake
    finally:
        await runner.cleanup()


Misbehaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def misbehaving(behave: Misbehaviour) -> AsyncIterator[str]:
    """The base URL of a server that reads a request's head, and then does as `behave` says."""
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behave(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
