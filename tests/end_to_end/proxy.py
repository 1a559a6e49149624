"""One address in front of several replicas: each request goes to the next one."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from multidict import CIMultiDictProxy

OF_THE_WAY = {"host", "content-length", "transfer-encoding", "connection", "date"}
"""Headers that belong to one connection."""


def _carried(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in OF_THE_WAY)


@contextlib.asynccontextmanager
async def taking_turns(replicas: Sequence[str]) -> AsyncIterator[tuple[str, list[str]]]:
    """The address, and which replica has answered each request so far; another may take a replica's place."""
    turns, answered = itertools.count(), list[str]()

    async def forward(request: web.Request) -> web.Response:
        replica = replicas[next(turns) % len(replicas)]
        asked = http.request(
            request.method,
            f"{replica}{request.raw_path}",
            data=await request.read(),
            headers=_carried(request.headers),
            allow_redirects=False,
        )
        async with asked as answer:
            answered.append(replica)
            content = await answer.read()
            return web.Response(status=answer.status, body=content, headers=_carried(answer.headers))

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
