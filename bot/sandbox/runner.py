"""The composition root of the sandbox: local Slack, local Origami, the bot and the page."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bot.manifest import EVENTS_PATH
from bot.manifest import manifest as our_manifest
from bot.sandbox.bot_process import BotProcess
from bot.sandbox.inspector import Inspector
from bot.sandbox.local_origami import DEFAULT_KEY, LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_slack import App, LocalSlack
from bot.sandbox.page_server import PageServer
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.switches import STEP_SECONDS, Switchboard
from bot.settings import Need, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

LOOPBACK = "127.0.0.1"
DEFAULT_SPEED = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How to run: where the page listens, and which bot Slack speaks to.

    `bot` is the request URL of a bot elsewhere (HTTP). With `own_bot` False and no `bot`, one elsewhere
    connects over Socket Mode. `database` and `data` are for our own bot: its database, by default a SQLite
    file in `data`, by default a temporary folder. `manifest` registers another app than ours.
    """

    port: int = 4000
    mode: Literal["socket", "http"] = "socket"
    bot: str | None = None
    own_bot: bool = True
    database: str | None = None
    data: Path | None = None
    manifest: Mapping[str, Any] = field(default_factory=our_manifest)
    speed: float = DEFAULT_SPEED


@contextlib.asynccontextmanager
async def running_sandbox(options: SandboxOptions, built: Path) -> AsyncIterator[Sandbox]:
    """Start everything; at the end the bot stops in good order, then the rest.

    OSError for a taken port, SettingsError for a `database` that is none.
    """
    elsewhere = options.bot is not None or not options.own_bot
    # A bot that runs elsewhere finds both servers at the same addresses again after a restart.
    ports = (options.port + 1, options.port + 2) if elsewhere and options.port else (0, 0)
    bot_port = _free_port() if options.mode == "http" and not elsewhere else 0
    time = LocalOrigamiSettings(port=ports[1], step_seconds=STEP_SECONDS, speed=options.speed)
    async with contextlib.AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack(_app(options, bot_port), port=ports[0]))
        origami = await stack.enter_async_context(LocalOrigami(time))
        environ = _environ(slack, origami)
        sandbox = Sandbox(
            slack=slack,
            origami=origami,
            switches=Switchboard(slack, origami, options.speed, lambda: slack.core.feed.publish("sandbox")),
            inspector=Inspector(slack, origami, None),
            manifest=options.manifest,
            environ=environ,
        )
        stack.callback(sandbox.switches.close)
        # The page comes before the bot: a taken port is noticed before anything else is begun.
        page = PageServer(sandbox, built, options.port)
        stack.push_async_callback(page.stop)
        await page.start()
        sandbox.url = f"{page.origin}/"
        if not elsewhere:
            environ["PORT"] = str(bot_port)
            await _start_bot(stack, sandbox, options)
        yield sandbox


async def _start_bot(stack: contextlib.AsyncExitStack, sandbox: Sandbox, options: SandboxOptions) -> None:
    data = options.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="origami-sandbox-")))
    data.mkdir(parents=True, exist_ok=True)
    database = options.database or f"sqlite:///{data.resolve() / 'origami.sqlite3'}"
    address = Settings.load({"DATABASE_URL": database}, need=Need.DATABASE).async_database_url
    sandbox.environ["DATABASE_URL"] = database
    sandbox.inspector = Inspector(sandbox.slack, sandbox.origami, address)
    stack.push_async_callback(sandbox.inspector.close)
    sandbox.bot = BotProcess(
        sandbox.environ,
        data / "bot.log",
        hears=sandbox.hears,
        changed=lambda: sandbox.slack.core.feed.publish("bot"),
    )
    stack.push_async_callback(sandbox.bot.stop)
    await sandbox.bot.start()


def _app(options: SandboxOptions, bot_port: int) -> App:
    if options.bot is not None:
        return App.from_manifest(options.manifest, mode="http", request_url=options.bot)
    if not options.own_bot:
        return App.from_manifest(options.manifest, mode="socket")
    address = f"http://{LOOPBACK}:{bot_port}{EVENTS_PATH}"
    return App.from_manifest(options.manifest, mode=options.mode, request_url=address)


def _environ(slack: LocalSlack, origami: LocalOrigami) -> dict[str, str]:
    """What a bot needs in its environment to join this Slack and this Origami."""
    environ = {
        "SLACK_BOT_TOKEN": slack.token(),
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "SLACK_API_URL": slack.url,
        "ORIGAMI_API_KEY": DEFAULT_KEY,
        "ORIGAMI_BASE_URL": origami.url,
    }
    return environ | ({"SLACK_APP_TOKEN": slack.app.app_token} if slack.app.mode == "socket" else {})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
