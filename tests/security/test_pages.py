"""Requests to the public pages as no browser sends them: slow, half, odd; each answer is orderly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bot import web
from bot.web import HEADERS
from tests.end_to_end.installing import Browser, installable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.end_to_end.installing import ManyStage

PAGES = ("/slack/install", "/slack/oauth_redirect", "/slack/oauth_redirect?code=x&state=y&error=%00%ff")
OTHERS = ("/healthz", "/slack/events")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "BREW")
HOSTS = (
    "evil.example",
    "localhost:99999",
    "a" * 2_000,
    "[::1",
    "evil.example@bot.example",
    "bot.example, evil.example",
    "\xff\xfe",
    "",
)
TRACES = ("Traceback", 'File "', "Error(", "sqlalchemy", "slack_bolt", "starlette", "uvicorn")


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[ManyStage]:
    async with installable("http", sqlite_url) as made:
        yield made


async def exchange(stage: ManyStage, *parts: bytes, pause: float = 0, within: float = 20) -> tuple[int, str]:
    """Send the parts of a request, so many seconds apart; the status, 0 for none, and all that came back."""
    assert stage.app is not None
    address = urlsplit(str(stage.app.url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        told = (await asyncio.wait_for(reader.read(), within)).decode("latin-1")
    finally:
        writer.close()
    status = told.split(" ", 2)[1] if told.startswith("HTTP/1.1 ") else "0"
    return int(status), told


def asked(method: str, path: str, *headers: str, body: str = "", host: str = "bot.example") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def is_orderly(status: int, told: str) -> bool:
    """No fault, no trace of what we are made of, and our headers on whatever we answer ourselves."""
    head = told.partition("\r\n\r\n")[0].lower()
    headers = all(f"{name}: {value}".lower() in head for name, value in HEADERS.items())
    plain = not any(trace.lower() in told.lower() for trace in TRACES)
    # What is no HTTP is refused by the server before it comes to us.
    unread = status == 400 and told.endswith("Invalid HTTP request received.")
    return 200 <= status < 500 and plain and (headers or unread) and "\r\nserver:" not in head


@pytest.mark.parametrize("method", METHODS)
async def test_unusual_methods_get_an_orderly_answer(stage: ManyStage, method: str) -> None:
    for path in (*PAGES, *OTHERS):
        status, told = await exchange(stage, asked(method, path))
        assert is_orderly(status, told), told
        if method not in {"GET", "HEAD", "POST"}:
            assert status in {400, 404, 405}, told


async def test_a_body_where_none_belongs_changes_nothing(stage: ManyStage) -> None:
    plain = {path: (await exchange(stage, asked("GET", path)))[0] for path in PAGES}
    for body in ("x" * 1_000, '{"type":"url_verification","challenge":"c"}', "code=1&state=2", "\0" * 100):
        for path in PAGES:
            status, told = await exchange(stage, asked("GET", path, body=body))
            assert is_orderly(status, told), told
            assert status == plain[path]
    status, told = await exchange(stage, asked("GET", PAGES[0], body="x" * (web.MOST_BODY_BYTES + 1)))
    assert (status, is_orderly(status, told)) == (413, True)


@pytest.mark.parametrize("host", HOSTS)
async def test_whatever_host_is_named_links_lead_to_ours(stage: ManyStage, host: str) -> None:
    for path in (*PAGES, *OTHERS):
        status, told = await exchange(stage, asked("GET", path, "X-Forwarded-Host: evil.example", host=host))
        assert is_orderly(status, told), told
        assert "evil.example" not in told


async def test_a_body_that_never_ends_is_let_go_and_others_are_served_meanwhile(
    stage: ManyStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "IDLE_SECONDS", 1.0)
    head = asked("POST", "/slack/events", "Content-Length: 1000")
    slow = [asyncio.create_task(exchange(stage, head, b"a", b"b", b"c", pause=0.2)) for _ in range(50)]
    page = await Browser(str(stage.app.url)).install()  # type: ignore[union-attr]
    assert page.status == 200
    for status, told in await asyncio.gather(*slow):
        assert status in {401, 413}, told
        assert is_orderly(status, told), told


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /slack/install HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET /slack/install HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_the_next_is_served(stage: ManyStage, raw: bytes) -> None:
    try:
        status, told = await exchange(stage, raw, within=2)
    except (ConnectionError, TimeoutError):
        status, told = 0, ""
    assert status < 500
    assert not any(trace.lower() in told.lower() for trace in TRACES)
    status, told = await exchange(stage, asked("GET", "/healthz"))
    assert (status, is_orderly(status, told)) == (200, True)
