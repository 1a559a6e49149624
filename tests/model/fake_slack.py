"""Slack in memory: what the sender calls, with Slack's refusals and its bad days."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError

from tests.model.faults import Faults
from tests.model.stage import Go

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.model.stage import Stage

T = TypeVar("T")

CALL_SECONDS = 15.0
"""Our client gives a call up after so long."""


@dataclass
class Posted:
    """A message that stands in Slack; ``token`` is the delivery that it was posted for."""

    channel: str
    ts: str
    thread_ts: str | None
    token: str
    text: str


@dataclass
class Answer:
    """A response as the SDK hands it on with its error."""

    data: dict[str, Any]
    status_code: int
    headers: dict[str, str] = field(default_factory=dict)


class FakeSlack:
    """What ``bot.deliveries`` calls of the Web API, and of the HTTP session for a response_url."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.faults = Faults()
        self.messages: list[Posted] = []
        self.whispers: list[tuple[str, str]] = []
        """(user, text) of what only one person sees: ephemeral, by response_url."""
        self.closed: set[str] = set()
        """Channels that were archived."""
        self.not_member: set[str] = set()
        """Public channels that the app has not joined."""
        self.unsearchable: set[str] = set()
        """Channels in which a look-up was refused for good: there the promise has its documented hole."""

    async def chat_postMessage(  # noqa: N802  (Slack's name)
        self, *, channel: str, text: str, metadata: dict[str, Any], thread_ts: str | None = None, **_: object
    ) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            self._need(channel)
            ts = f"{self._stage.clock.now().timestamp():.0f}.{len(self.messages):06d}"
            token = metadata["event_payload"]["id"]
            self.messages.append(Posted(channel, ts, thread_ts, token, text))
            return {"ok": True, "ts": ts}

        return await self._call("post", work)

    async def chat_update(self, *, channel: str, ts: str, text: str, **_: object) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            self._need(channel)
            message = next((one for one in self.messages if (one.channel, one.ts) == (channel, ts)), None)
            if message is None:
                raise refusal("message_not_found")
            message.text = text
            return {"ok": True, "ts": ts}

        return await self._call("update", work)

    async def chat_postEphemeral(  # noqa: N802  (Slack's name)
        self, *, channel: str, user: str, text: str, **_: object
    ) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            self._need(channel)
            self.whispers.append((user, text))
            return {"ok": True}

        return await self._call("whisper", work)

    async def conversations_history(self, *, channel: str, **rest: Any) -> dict[str, Any]:
        return await self._look(channel, None, **rest)

    async def conversations_replies(self, *, channel: str, ts: str, **rest: Any) -> dict[str, Any]:
        return await self._look(channel, ts, **rest)

    async def conversations_join(self, *, channel: str) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            if channel in self.closed:
                raise refusal("is_archived")
            self.not_member.discard(channel)
            return {"ok": True}

        return await self._call("join", work)

    async def conversations_open(self, *, users: str) -> dict[str, Any]:
        return await self._call("open", lambda: {"ok": True, "channel": {"id": f"D{users}"}})

    @asynccontextmanager
    async def post(self, url: str, *, json: dict[str, Any]) -> AsyncIterator[Any]:
        """The HTTP session's ``post``, for a response_url."""

        def work() -> _Status:
            self.whispers.append((url, json["text"]))
            return _Status(200)

        try:
            answer = await self._call("respond", work)
        except SlackApiError as error:
            answer = _Status(error.response.status_code)
        yield answer

    async def _look(self, channel: str, thread_ts: str | None, *, oldest: str, **_: object) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            self._need(channel, to_post=False)
            return {
                "messages": [
                    {
                        "ts": one.ts,
                        "metadata": {"event_type": "origami_delivery", "event_payload": {"id": one.token}},
                    }
                    for one in self.messages
                    if one.channel == channel
                    and float(one.ts) >= float(oldest)
                    and thread_ts in (one.thread_ts, one.ts)
                ]
            }

        try:
            return await self._call("look", work)
        except SlackApiError as error:
            if error.response.data.get("error") in {"missing_scope", "not_in_channel"}:
                self.unsearchable.add(channel)
            raise

    async def _call(self, kind: str, work: Callable[[], T]) -> T:
        fault = self.faults.next(kind)
        went = await self._stage.stand(f"slack {kind}: on its way", CALL_SECONDS)
        if went is Go.LOST:
            raise TimeoutError
        if fault and not fault.done:
            raise slack_error(fault.name)
        try:
            answer = work()
        except SlackApiError:
            if went is Go.LANDED or fault:
                raise TimeoutError from None
            raise
        if went is Go.LANDED or await self._stage.stand(f"slack {kind}: answered", CALL_SECONDS) is not Go.ON:
            raise TimeoutError
        if fault:
            raise slack_error(fault.name)
        return answer

    def _need(self, channel: str, *, to_post: bool = True) -> None:
        if to_post and channel in self.closed:
            raise refusal("is_archived")
        if channel in self.not_member:
            raise refusal("not_in_channel")


@dataclass
class _Status:
    status: int


def refusal(code: str) -> SlackApiError:
    """Slack's answer ``ok: false`` with a code."""
    return _api_error(code, Answer({"ok": False, "error": code}, 200))


def slack_error(name: str) -> Exception:
    """What the SDK raises for a named fault."""
    match name:
        case "no answer":
            return TimeoutError()
        case "refused connection":
            return aiohttp.ClientConnectorError(None, OSError("refused"))  # type: ignore[arg-type]
        case "HTTP 500" | "HTTP 404":
            return _api_error(name, Answer({}, int(name[-3:])))
        case "ratelimited":
            return _api_error(name, Answer({"ok": False, "error": name}, 429, {"Retry-After": "3"}))
        case _:
            return refusal(name)


def _api_error(message: str, answer: Answer) -> SlackApiError:
    return SlackApiError(message, answer)  # type: ignore[no-untyped-call]
