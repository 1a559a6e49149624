"""The real bot as the sandbox's child: `origami-slack run`, but impatient, and gone when its parent is.

Settings come from the environment as ever. Only the waits are shorter: a person looks on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from bot import error_reports, logs
from bot.app import running
from bot.runs.context import Pace
from bot.settings import Settings

PACE = Pace(
    lease=6.0,
    first_poll=1.0,
    stop_poll=0.5,
    slot_retry=3.0,
    refused_key_retry=5.0,
    backoff_base=0.5,
    backoff_cap=5.0,
    progress_apart=1.0,
    watch_first=2.0,
    watch_slowest=5.0,
    watch_limit=120.0,
)


async def serve(settings: Settings) -> None:
    """Run until SIGINT, SIGTERM, or the end of standard input, which is the end of the parent."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)

    def heard() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin)
            ended.set()

    loop.add_reader(sys.stdin, heard)
    async with running(settings, pace=PACE):
        await ended.wait()


def main() -> None:
    """Read the settings and serve."""
    settings = Settings.load(os.environ)
    logs.configure(settings)
    error_reports.start(settings)
    try:
        asyncio.run(serve(settings))
    finally:
        error_reports.stop()


if __name__ == "__main__":
    main()
