"""One address in front of several replicas: each request goes to the next one."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OF_THE_WAY = {"host", "content-length", "transfer-encoding", "connection", "date"}
"""Headers that belong to one connection."""


@contextlib.asynccontextmanager
async def taking_turns(*replicas: str) -> AsyncIterator[tuple[str, list[str]]]:
    """The address, and which replica has answered each request so far."""
    turns, answered = itertools.cycle(replicas), list[str]()

    async def forward(request: web.Request) -> web.Response:
        replica = next(turns)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in OF_THE_WAY}
        asked = http.request(
            request.method,
            f"{replica}{request.raw_path}",
            data=await request.read(),
            headers=headers,
            allow_redirects=False,
        )
        async with asked as answer:
            answered.append(replica)
            made = web.Response(status=answer.status, body=await answer.read())
            for name, value in answer.headers.items():
                if name.lower() not in OF_THE_WAY:
                    made.headers.add(name, value)
            return made

    async with aiohttp.ClientSession(auto_decompress=False) as http:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", forward)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", answered
        finally:
            await runner.cleanup()
