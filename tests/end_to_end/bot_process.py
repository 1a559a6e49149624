"""The bot as a process of its own, with what it logs: some things concern a whole process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.sandbox.local_origami import LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_slack import LocalSlack
from tests.end_to_end.conftest import ACK_SECONDS, Stage, registered_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ROOT = Path(__file__).parents[2]
START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Log:
    """What the process has written to its standard error."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line; whatever is not JSON fails here."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, *events: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] in events]


@contextlib.asynccontextmanager
async def process(stage: Stage, folder: Path, more: Mapping[str, str] | None = None) -> AsyncIterator[Log]:
    """The quick bot of the sandbox, in its own process, until the block ends; then it has ended well."""
    log = Log(folder / "bot.log")
    environ = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **stage.environ,
        **(more or {}),
        "LOG_FORMAT": "json",
    }
    with log.path.open("wb") as sink:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.sandbox.quick_bot",
            stdin=asyncio.subprocess.PIPE,
            stderr=sink,
            env=environ,
            cwd=ROOT,
        )
        try:
            await _ready(child, log)
            if stage.mode == "http":
                stage.slack.app.request_url = f"{log.of('app.ready')[0]['url']}/slack/events"
            yield log
            child.terminate()
            assert await asyncio.wait_for(child.wait(), START_SECONDS) == 0, log.text
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()


async def _ready(child: asyncio.subprocess.Process, log: Log) -> None:
    async with asyncio.timeout(START_SECONDS):
        while '"app.ready"' not in log.text:
            assert child.returncode is None, log.text
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def servers(mode: str, database_url: str) -> AsyncIterator[Stage]:
    """Slack and Origami, and nothing of ours yet."""
    quick = LocalOrigamiSettings(retry_after_seconds=0.1, step_seconds=0.03, requests_per_minute=10_000)
    slack = LocalSlack(registered_app(mode), rate_limits="off", ack_seconds=ACK_SECONDS)
    async with slack, LocalOrigami(quick) as origami:
        yield Stage(slack, origami, mode, database_url)
