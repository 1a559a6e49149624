"""What is measured, in a process of its own: our bot, or a bare Bolt app that only acks.

``python -m tests.benchmarks.bot_process ours|default|before``, with the settings as environment.
It prints its address, and ends on SIGTERM. ``default`` is Bolt as its documentation shows it, ``before`` is
Bolt with ``process_before_response``; both are served by the same server as ours, on asyncio's own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import uvloop
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot import app, logs, web
from bot.collecting import nothing_collected
from bot.origami import budget
from bot.runs.context import Pace
from bot.settings import Need, Settings
from tests.benchmarks.payloads import TEAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.async_app import AsyncAck

MANY_KEYS = 1_000
"""Factor to what a minute allows of Origami, as if the runs were spread over so many keys."""


@contextlib.asynccontextmanager
async def ours(settings: Settings) -> AsyncIterator[str | None]:
    """The whole bot, as ``origami-slack run`` has it."""
    for level, most in budget._CEILINGS.items():
        budget._CEILINGS[level] = most * MANY_KEYS
    async with contextlib.AsyncExitStack() as stack:
        with nothing_collected():
            running = await stack.enter_async_context(
                app.running(settings, pace=Pace(polls_a_minute=10.0**6))
            )
        yield running.url


@contextlib.asynccontextmanager
async def bare(settings: Settings, *, before: bool) -> AsyncIterator[str | None]:
    """Bolt, and listeners that only ack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="x", bot_id="B", bot_user_id="U")

    secret = settings.slack_signing_secret
    bolt = AsyncApp(
        client=AsyncWebClient(token="x", base_url=settings.slack_api_url),
        signing_secret=secret.get_secret_value() if secret else None,
        request_verification_enabled=secret is not None,
        authorize=authorize,
        process_before_response=before,
    )

    async def acked(ack: AsyncAck) -> None:
        await ack()

    bolt.command("/origami")(acked)
    bolt.action(re.compile("^choose:"))(acked)
    async with contextlib.AsyncExitStack() as stack:
        if settings.slack_app_token is not None:
            handler = AsyncSocketModeHandler(bolt, settings.slack_app_token.get_secret_value())
            await handler.connect_async()
            stack.push_async_callback(handler.close_async)
        slack = AsyncSlackRequestHandler(bolt)
        site = Starlette(routes=[Route(web.EVENTS_PATH, slack.handle, methods=["POST"])])
        yield await web.serve(stack, site, host=settings.host, port=settings.port)


async def live(what: str) -> None:
    """Run until SIGTERM."""
    settings = Settings.load(os.environ, need=Need.RECEIVE)
    logs.configure(settings)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with ours(settings) if what == "ours" else bare(settings, before=what == "before") as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if sys.argv[1] == "ours" else None) as runner:
        runner.run(live(sys.argv[1]))
