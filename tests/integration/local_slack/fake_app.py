"""A bare app: one Socket Mode connection whose acks the test decides."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from bot.sandbox.local_slack import LocalSlack

Json = dict[str, Any]


class SilentError(Exception):
    """Raised by an answer function that does not acknowledge."""


def empty(envelope: Json) -> Json | None:
    return None


class FakeApp:
    """Acknowledges each envelope with what `answer` returns for it."""

    def __init__(self, slack: LocalSlack, answer: Callable[[Json], Any] = empty) -> None:
        self.slack, self.answer = slack, answer
        self.frames: list[Json] = []
        self._session = ClientSession()
        self._socket: ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
        await self._session.close()

    async def connect(self) -> None:
        headers = {"Authorization": f"Bearer {self.slack.app.app_token}"}
        async with self._session.post(f"{self.slack.url}apps.connections.open", headers=headers) as answer:
            opened = await answer.json()
        assert opened["ok"], opened
        self._socket = await self._session.ws_connect(opened["url"])
        assert (await self._socket.receive_json())["type"] == "hello"
        self._reading = asyncio.create_task(self._read(self._socket))

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            self.frames.append(message)
            if "envelope_id" in message:
                try:
                    ack = {"envelope_id": message["envelope_id"], "payload": self.answer(message)}
                except SilentError:
                    continue
                await socket.send_json(
                    ack if ack["payload"] is not None else {"envelope_id": ack["envelope_id"]}
                )

    def events(self, kind: str) -> list[Json]:
        """The events of one type that came in."""
        bodies = [f["payload"]["event"] for f in self.frames if f.get("type") == "events_api"]
        return [event for event in bodies if event["type"] == kind]

    def payloads(self, kind: str) -> list[Json]:
        """The interactive payloads of one type that came in."""
        return [f["payload"] for f in self.frames if f.get("payload", {}).get("type") == kind]
