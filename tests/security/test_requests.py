"""What reaches the public port: signed, recent, small, and nothing else gets anywhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import select

from bot.web import EVENTS_PATH, HEADERS, MOST_BODY_BYTES
from storage.records import InboxEntry
from tests.end_to_end.conftest import Stage, staged
from tests.security.agreeable import agreeable_slack
from tests.security.in_process import answer, hearing
from tests.security.signing import signed
from tests.security.test_fuzz import FORM, SECRET, settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEAM, REP = "T0NORTHWND1", "U0ANAREP001"


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    async with staged("http", sqlite_url) as made:
        yield made


def command(text: str) -> bytes:
    return urlencode(
        {
            "command": "/origami",
            "text": text,
            "team_id": TEAM,
            "user_id": REP,
            "channel_id": "C0LEADS0001",
            "trigger_id": f"1.{hashlib.sha256(text.encode()).hexdigest()}",
            "response_url": "http://127.0.0.1:9/never",
        }
    ).encode()


async def send(
    stage: Stage, body: bytes, *, age: float = 0, secret: str | None = None, kind: str = "form"
) -> tuple[int, str]:
    """Post a body as Slack does; ``age`` is in seconds. Returns status and text."""
    assert stage.app is not None
    stamp = str(int(time.time() - age))
    key = (secret or stage.slack.app.signing_secret).encode()
    signature = hmac.new(key, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    types = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
        "Content-Type": types[kind],
    }
    url = f"{stage.app.url}/slack/events"
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_only_what_slack_signed_lately_is_taken(stage: Stage) -> None:
    assert (await send(stage, command("find roofers"), secret="another"))[0] == 401
    assert (await send(stage, command("find roofers"), age=301))[0] == 401
    assert (await send(stage, command("find roofers"), age=-301))[0] == 401
    assert stage.slack.channel("#leads").messages == []
    assert (await send(stage, command("find roofers")))[0] == 200
    await stage.slack.until(lambda: stage.slack.channel("#leads").messages)


STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"


async def test_what_is_not_signed_for_its_bytes_and_its_time_gets_no_word(sqlite_url: str) -> None:
    body = command("find roofers")
    async with agreeable_slack() as slack, hearing(settings_of(slack, sqlite_url, many=False)) as (app, site):
        good = signed(SECRET, body)
        stamp, signature = good[STAMP], good[SIGNATURE]
        wrong = [
            {},
            {STAMP: stamp},
            {SIGNATURE: signature},
            {STAMP: stamp, SIGNATURE: ""},
            *({STAMP: stamp, SIGNATURE: one} for one in (signature[3:], signature[:-1], "v0=", "v0=\u00e9")),
            {STAMP: stamp, SIGNATURE: signed(SECRET, body + b"&text=more")[SIGNATURE]},
            *(
                {STAMP: one, SIGNATURE: signature}
                for one in (f"{int(stamp) - 1}", "now", "", "nan", "9" * 99)
            ),
            signed(SECRET, body, age=-400),
        ]
        for headers in wrong:
            told = await answer(site, EVENTS_PATH, body, {"Content-Type": FORM} | headers)
            assert told[:2] == (401, b""), headers
        async with app.context.db.read() as session:
            assert (await session.execute(select(InboxEntry))).first() is None
        assert (await answer(site, EVENTS_PATH, body, {"Content-Type": FORM} | good))[0] == 200


async def test_a_replayed_request_starts_nothing_more(stage: Stage) -> None:
    for _ in range(3):
        assert (await send(stage, command("find roofers")))[0] == 200
    [opening] = await stage.slack.until(lambda: stage.slack.channel("#leads").messages)
    await stage.replies(opening)
    assert stage.origami.count_admitted_runs() == 1


async def test_a_body_that_nobody_of_ours_sends_is_refused_before_it_is_read(stage: Stage) -> None:
    status, text = await send(stage, b"x" * (MOST_BODY_BYTES + 1))
    assert (status, json.loads(text)) == (413, {"error": "too_large"})
    assert (await send(stage, command("x" * 100_000)))[0] == 200


async def test_every_answer_has_the_headers_and_unknown_routes_give_nothing_away(stage: Stage) -> None:
    assert stage.app is not None
    known, others = ("/healthz", "/readyz"), ("/", "/metrics", "/admin", "/.env", "/slack/install")
    unknown = []
    async with aiohttp.ClientSession() as http:
        for path in (*known, *others):
            async with http.get(f"{stage.app.url}{path}") as answer:
                text = await answer.text()
                assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
                assert "Server" not in answer.headers
                if answer.status == 404:
                    unknown.append(text)
    assert len(unknown) == 5
    assert set(unknown) == {"Not Found"}
