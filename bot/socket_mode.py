"""Hearing Slack over Socket Mode, and noticing when it has fallen silent."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import structlog
from structlog.contextvars import bind_contextvars

from bot.slack_requests import SocketRequests

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.request import SocketModeRequest

log = structlog.get_logger(__name__)

MISSES = 2
"""So many failed checks in a row, and the connection is built anew."""


class SilentError(Exception):
    """Slack could not be heard for so long that another process should try."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: how often Slack is pinged and the connection checked, and how long is too long."""

    ping: float = 10.0
    check: float = 15.0
    connect: float = 20.0
    give_up: float = 180.0


@dataclass(slots=True)
class SocketMode:
    """One supervised connection.

    The SDK reconnects by itself most of the time. Where it does not (up but silent, or lost in a loop),
    the whole client is thrown away and built anew, as its maintainers advise; and where that does not
    help either, ``listen`` raises SilentError for the supervisor of the process.
    """

    app: AsyncApp
    app_token: str = field(repr=False)
    rhythm: Rhythm = field(default_factory=Rhythm)
    _handler: SocketRequests | None = None
    _heard_at: float = 0.0

    async def check_token(self) -> None:
        """Raise SlackApiError when Slack refuses the app token: connecting would retry for ever."""
        await self.app.client.apps_connections_open(app_token=self.app_token)

    async def start(self, stack: contextlib.AsyncExitStack, failure: asyncio.Future[None]) -> None:
        """Be connected until the stack unwinds; what ends it before that is reported as ``failure``.

        Raises SlackApiError when Slack refuses the app token.
        """
        await self.check_token()
        connected = asyncio.Event()
        listening = asyncio.create_task(self.listen(connected))
        listening.add_done_callback(partial(_report, failure))
        stack.push_async_callback(_cancel, listening)
        await asyncio.wait(
            {asyncio.ensure_future(connected.wait()), listening}, return_when=asyncio.FIRST_COMPLETED
        )

    async def ailment(self) -> str | None:
        """What is wrong with the connection; None when Slack is heard."""
        return None if await self._is_heard() else "Slack is not heard over Socket Mode"

    async def listen(self, connected: asyncio.Event) -> None:
        """Stay connected until cancelled; ``connected`` is set at the first success."""
        self._heard_at = time.monotonic()
        while True:
            try:
                await self._connect()
                if await self._is_heard():
                    log.info("socket_mode.connected")
                connected.set()
                await self._until_silent()
            finally:
                await self._close()
            if time.monotonic() - self._heard_at > self.rhythm.give_up:
                raise SilentError(f"Slack was not heard for {self.rhythm.give_up:.0f} s")

    async def _connect(self) -> None:
        self._handler = SocketRequests(self.app, self.app_token, ping_interval=self.rhythm.ping)
        self._handler.client.socket_mode_request_listeners.insert(0, _named)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._handler.connect_async(), self.rhythm.connect)  # type: ignore[no-untyped-call]

    async def _until_silent(self) -> None:
        misses = 0
        while misses < MISSES:
            if await self._is_heard():
                misses, self._heard_at = 0, time.monotonic()
            else:
                misses += 1
            await asyncio.sleep(self.rhythm.check)
        log.warning("socket_mode.silent", seconds=round(time.monotonic() - self._heard_at))

    async def _is_heard(self) -> bool:
        return self._handler is not None and await self._handler.client.is_connected()

    async def _close(self) -> None:
        handler, self._handler = self._handler, None
        if handler is None:
            return
        with contextlib.suppress(Exception):
            await asyncio.wait_for(handler.close_async(), timeout=5)  # type: ignore[no-untyped-call]
        # A close can race with the client's own reconnecting and leave its loops behind.
        for task in (handler.client.message_processor, handler.client.current_session_monitor):
            if task is not None:
                task.cancel()


async def _named(_client: object, request: SocketModeRequest) -> None:
    """Each line that is logged about an envelope carries its id."""
    bind_contextvars(slack_envelope=request.envelope_id)


def _report(failure: asyncio.Future[None], task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) and not failure.done():
        failure.set_exception(error)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
