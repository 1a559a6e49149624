"""Frames over Socket Mode that Slack would never send: the connection and the process go on."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.conftest import staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from tests.end_to_end.conftest import Stage

ENVELOPE = {"envelope_id": "e-1", "type": "events_api", "payload": {}, "accepts_response_payload": False}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ENVELOPE.items() if key != name}


FRAMES: dict[str, str | bytes] = {
    "nothing": "",
    "no JSON": "hello?",
    "half an object": '{"envelope_id": "e-1", "type": "events_api", "payl',
    "no object": "[1, 2, 3]",
    "bytes": b"\x00\xff\xfe{}",
    "no envelope id": json.dumps(without("envelope_id")),
    "no payload": json.dumps(without("payload")),
    "no type": json.dumps(without("type")),
    "an empty object": "{}",
    "an envelope id that is none": json.dumps(ENVELOPE | {"envelope_id": {"id": [1]}}),
    "a type that is none": json.dumps(ENVELOPE | {"type": ["events_api"]}),
    "a type that nobody knows": json.dumps(ENVELOPE | {"type": "telepathy"}),
    "a payload in a list": json.dumps(ENVELOPE | {"payload": [ENVELOPE]}),
    "a payload in words": json.dumps(ENVELOPE | {"payload": "type=event_callback"}),
    "an event that is none": json.dumps(ENVELOPE | {"payload": {"type": "event_callback", "event": 7}}),
    "a click on nothing": json.dumps(
        ENVELOPE | {"type": "interactive", "payload": {"type": "block_actions", "actions": []}}
    ),
    "a command without anything": json.dumps(
        ENVELOPE | {"type": "slash_commands", "payload": {"command": None}}
    ),
    "a greeting in the middle": json.dumps({"type": "hello", "num_connections": "many"}),
    "numbers beyond measure": '{"envelope_id": 1e999, "type": "events_api", "payload": {"n": 1e400}}',
    "too deep": '{"payload":' * 100_000,
    "two megabytes": json.dumps(ENVELOPE | {"payload": {"text": "x" * 2**21}}),
    "six megabytes": json.dumps(ENVELOPE | {"payload": {"text": "x" * 6 * 2**20}}),
    "a farewell": json.dumps({"type": "disconnect", "reason": {"why": None}}),
}


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    async with staged("socket", sqlite_url) as made:
        yield made


async def send(socket: web.WebSocketResponse, frame: str | bytes) -> None:
    if isinstance(frame, bytes):
        await socket.send_bytes(frame)
    else:
        await socket.send_str(frame)


async def test_whatever_comes_a_good_command_is_answered_after_it(stage: Stage) -> None:
    rep, slack = stage.slack.person("rep"), stage.slack
    for what, frame in FRAMES.items():
        connection = await slack.until(
            lambda: next((one for one in slack.socket.connections if not one.socket.closed), None)
        )
        with contextlib.suppress(ConnectionError):
            # It is hung up on while the rest of a frame that is too long is still on its way.
            await send(connection.socket, frame)
        # Slack sends a command again over the next connection where one has broken.
        outcome = await rep.command("#leads", "/origami help")
        if not outcome.ok:
            await slack.until(lambda gone=connection: gone not in slack.socket.connections)
            await slack.until(lambda: slack.socket.connections)
            outcome = await rep.command("#leads", "/origami help")
        assert outcome.ok, what
    assert stage.app is not None
    assert not stage.app.failure.done()
    assert stage.origami.count_admitted_runs() == 0


async def test_a_brief_that_comes_among_thousands_of_such_frames_starts_one_run(stage: Stage) -> None:
    [connection] = stage.slack.socket.connections
    small = [frame for what, frame in FRAMES.items() if len(frame) < 1_000 and what != "a farewell"]
    for number in range(2_000):
        await send(connection.socket, small[number % len(small)])
    opening, answer = await stage.answer("find 50 SaaS founders in Austin who raised seed")
    assert stage.slack.person("rep").id in answer.text
    assert stage.slack.thread(opening)
    assert stage.origami.count_admitted_runs() == 1
