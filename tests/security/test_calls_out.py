"""What answers us may be anybody, or nobody: what we hold is not sent on, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.deliveries.errors import UncertainError, decide
from bot.runs.context import Pace
from bot.slack_session import ANSWER_BYTES, shared_session
from storage import database
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOKEN = "xoxb-the-token"


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[str]:
    """The address, by a name, of a Slack that answers so; cookies are not kept for bare addresses."""
    application = web.Application()
    application.router.add_route("*", "/{anything:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with shared_session(20) as made:
        yield made


def client(session: aiohttp.ClientSession, url: str, token: str = TOKEN) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=f"{url}api/", session=session)


async def refused(call: Awaitable[Any]) -> UncertainError:
    """What is made of a call that fails: whether it was carried out is not known."""
    with pytest.raises(aiohttp.ClientError) as raised:
        await call
    assert TOKEN not in repr(raised.value)
    decision = decide(raised.value)
    assert isinstance(decision, UncertainError)
    return decision


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_with_what_we_have_to_say(
    session: aiohttp.ClientSession, status: int
) -> None:
    heard: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        heard.append(await request.text())
        return web.json_response({"ok": True})

    async with answering(elsewhere) as other:

        async def onwards(_: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": f"{other}api/chat.postMessage"})

        async with answering(onwards) as slack:
            await refused(client(session, slack).chat_postMessage(channel="C1", text="18 leads"))
    assert heard == []


async def test_an_upload_is_not_followed_elsewhere(session: aiohttp.ClientSession) -> None:
    heard: list[bytes] = []

    async def onwards(request: web.Request) -> web.Response:
        heard.append(await request.read())
        return web.Response(status=307, headers={"Location": f"{request.path}/again"})

    async with answering(onwards) as slack:
        with pytest.raises(aiohttp.ClientError):
            await session.post(f"{slack}upload", data=b"Name\nAda\n")
    assert heard == [b"Name\nAda\n"]


async def test_a_cookie_set_for_one_workspace_is_not_sent_with_anothers_token(
    session: aiohttp.ClientSession,
) -> None:
    heard: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Cookie"))
        return web.json_response({"ok": True}, headers={"Set-Cookie": "b=one; Path=/"})

    async with answering(answer) as slack:
        for token in ("xoxb-one", "xoxb-two"):
            await client(session, slack, token).auth_test()
    assert heard == [None, None]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/html"])
async def test_an_answer_beyond_all_measure_is_not_read_to_its_end(
    session: aiohttp.ClientSession, kind: str
) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Type": kind})
        await answer.prepare(request)
        while sent < 20 * ANSWER_BYTES:
            await answer.write(b" " * 2**20)
            sent += 2**20
        return answer

    async with answering(endless) as slack:
        if kind == "text/html":
            async with session.get(slack) as answer:
                await refused(answer.read())
        else:
            await refused(client(session, slack).auth_test())
    assert sent < 2 * ANSWER_BYTES


async def test_an_answer_is_read_whole_and_as_often_as_somebody_asks(session: aiohttp.ClientSession) -> None:
    words = {"ok": True, "said": "ä" * 2**20}

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(words)

    async with answering(answer) as slack:
        assert (await client(session, slack).auth_test())["said"] == words["said"]
        async with session.get(slack) as got:
            assert await got.json() == words
            assert await got.read() == (await got.text()).encode()


async def test_a_slack_that_says_nothing_is_let_go() -> None:
    async def silent(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with answering(silent) as slack, shared_session(0.2) as session:
        with pytest.raises(TimeoutError):
            await client(session, slack).auth_test()
    assert Pace().slack_call <= 30


async def test_a_statement_that_does_not_end_is_ended(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.STATEMENT_MS <= 60_000
    monkeypatch.setattr(database, "STATEMENT_MS", 200)
    db = Database(postgresql_url)
    try:
        with pytest.raises(DBAPIError, match="statement timeout"):
            async with db.read() as session:
                await session.execute(text("SELECT pg_sleep(60)"))
    finally:
        await db.close()
