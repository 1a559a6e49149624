"""The bot as a process of its own, so that it can be killed for real."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

STOP_SECONDS = 9.0
"""The bot itself takes up to 7 s to finish what is in hand."""
TAIL_LINES = 12


class BotProcess:
    """A bot that is started, killed (SIGKILL) and started again; its log is appended to `log`.

    `hears` says whether Slack reaches it by now; `changed` is called whenever its state is another.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        log: Path,
        *,
        hears: Callable[[], bool],
        changed: Callable[[], object],
    ) -> None:
        self._environ = {**_inherited(), **environ}
        self.log = log
        self._hears, self._changed = hears, changed
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self.starts = 0
        self._wanted = False

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, unless it runs."""
        if self.alive:
            return
        self._wanted = True
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.sandbox.quick_bot",
                env=self._environ,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the sandbox, which then stops the bot in good order.
                start_new_session=True,
            )
        self.starts += 1
        self._watching = asyncio.create_task(self._watch(self._process))
        self._changed()

    async def kill(self) -> None:
        """SIGKILL: no goodbye, nothing finished."""
        self._wanted = False
        if self._process is not None and self.alive:
            self._process.kill()
            await self._process.wait()
            self._changed()

    async def stop(self) -> None:
        """End it in good order, and by force if it does not end."""
        self._wanted = False
        if self._process is not None and self.alive:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                await self.kill()
        if self._watching is not None:
            await self._watching

    def as_json(self) -> dict[str, Any]:
        """The state for the page: starting, running, killed, or failed with the log's last lines."""
        if self.alive:
            return {"state": "running" if self._hears() else "starting", "starts": self.starts}
        state = "failed" if self._wanted else "killed"
        return {"state": state, "starts": self.starts, "log": self.tail() if self._wanted else ""}

    def tail(self) -> str:
        """The last lines of the log."""
        with contextlib.suppress(OSError), self.log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, TAIL_LINES))
        return ""

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._changed()


def _inherited() -> dict[str, str]:
    # A setting of the person's own bot must not reach this one: it would speak to the real Slack.
    foreign = ("SLACK_", "ORIGAMI_", "SENTRY_")
    names = {"DATABASE_URL", "PUBLIC_URL", "ENCRYPTION_KEYS", "METRICS_PORT", "HOST", "PORT", "LOG_LEVEL"}
    return {k: v for k, v in os.environ.items() if not k.startswith(foreign) and k not in names}
