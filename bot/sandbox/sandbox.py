"""A running sandbox: its parts, and what a page shows of them besides Slack."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.sandbox import examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.bot_process import BotProcess
    from bot.sandbox.inspector import Inspector
    from bot.sandbox.local_origami import LocalOrigami
    from bot.sandbox.local_slack import LocalSlack
    from bot.sandbox.switches import Switchboard

Json = dict[str, Any]
READY_SECONDS = 60.0
KNOCK_SECONDS = 0.1
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost"})


@dataclass(kw_only=True, eq=False)
class Sandbox:
    """A running sandbox; `url` is the page's address, `environ` what a bot needs to join it."""

    slack: LocalSlack
    origami: LocalOrigami
    switches: Switchboard
    inspector: Inspector
    manifest: Mapping[str, Any]
    environ: dict[str, str]
    bot: BotProcess | None = None
    url: str = ""

    async def parts(self) -> dict[str, Any]:
        """What every person's page shows besides Slack."""
        elsewhere = {"state": "running" if self.hears() else "starting", "starts": 0}
        return {
            "about": self.about(),
            "bot": self.bot.as_json() if self.bot is not None else elsewhere,
            "switches": self.switches.as_json(),
            "runs": await self.inspector.runs(),
            **self.inspector.entries(),
        }

    async def until_bot_is_ready(self) -> None:
        """Wait until our own bot can be reached, or has ended: the page says which."""
        bot = self.bot
        if bot is not None:
            with contextlib.suppress(TimeoutError):
                await self.slack.until(lambda: self.hears() or not bot.alive, READY_SECONDS)

    def hears(self) -> bool:
        """Whether Slack can reach the bot: it has a connection, or its port is open."""
        if self.slack.app.mode == "socket":
            return bool(self.slack.socket.connections)
        address = urlsplit(self.slack.app.request_url)
        if address.hostname not in LOOPBACK_NAMES:
            # To knock at another machine takes too long to be done in passing.
            return True
        with socket.socket() as knock:
            knock.settimeout(KNOCK_SECONDS)
            return knock.connect_ex((address.hostname, address.port or 80)) == 0

    def about(self) -> Json:
        """What does not change while a sandbox runs."""
        app = self.slack.app
        home = self.manifest.get("features", {}).get("app_home", {})
        return {
            "app": app.name,
            "mode": app.mode,
            "own_bot": self.bot is not None,
            "reads_records": self.inspector.reads_records,
            "origami": self.origami.origin,
            "commands": [
                {
                    "command": c["command"],
                    "description": c.get("description", ""),
                    "hint": c.get("usage_hint", ""),
                }
                for c in self.manifest.get("features", {}).get("slash_commands", ())
            ],
            "shortcuts": [{"id": s.callback_id, "name": s.name, "kind": s.kind} for s in app.shortcuts],
            "home_tab": bool(home.get("home_tab_enabled")),
            "read_only_messages": bool(home.get("messages_tab_read_only_enabled")),
            "examples": examples.as_json() if self.bot is not None or "/origami" in app.commands else [],
        }
