"""The product's public pages, called as an HTTP server calls them: for tests that ask very often."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from bot import web
from bot.app import Role, running
from storage import database
from tests.end_to_end.conftest import PACE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import ASGIApp

    from bot.app import Application
    from bot.settings import Settings


@contextlib.asynccontextmanager
async def hearing(settings: Settings) -> AsyncIterator[tuple[Application, ASGIApp]]:
    """A process that hears over HTTP, without a port of its own; what it takes is worked by nobody.

    Nobody takes the machine's power away, so SQLite need not wait for the disk.
    """
    sites: list[ASGIApp] = []
    prepare = database._prepare_sqlite

    async def keep(_stack: object, site: ASGIApp, **_: Any) -> str:
        sites.append(site)
        return "http://in-process"

    def trusting(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.cursor().execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "serve", keep)
        patch.setattr(database, "_prepare_sqlite", trusting)
        async with running(settings, Role.RECEIVE, over_http=True, pace=PACE) as app:
            [site] = sites
            yield app, site


async def post(site: ASGIApp, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status with which a request is answered. Raises whatever the product lets through."""
    return (await answer(site, path, body, headers))[0]


async def answer(
    site: ASGIApp, path: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST"
) -> tuple[int, bytes, dict[str, str]]:
    """The status, body and headers with which a request is answered. Raises what the product lets through."""
    incoming = iter([{"type": "http.request", "body": body, "more_body": False}])
    statuses: list[int] = []
    told, said = bytearray(), dict[str, str]()

    async def receive() -> Any:
        return next(incoming, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            said.update((name.decode().lower(), value.decode()) for name, value in message["headers"])
        elif message["type"] == "http.response.body":
            told.extend(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 9),
        "server": ("127.0.0.1", 80),
    }
    await site(scope, receive, send)
    [status] = statuses
    return status, bytes(told), said
