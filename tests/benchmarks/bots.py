"""Starting what is measured, on a core of its own, and ending it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import TYPE_CHECKING

import psutil

from tests.benchmarks.machine import core_of_bots, keep_to
from tests.benchmarks.payloads import SECRET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.benchmarks.vendors import Vendors

PATIENCE_SECONDS = 60.0


def environment(vendors: Vendors, mode: str, database_url: str) -> dict[str, str]:
    """The settings of a bot that hears over ``http`` or ``socket``."""
    way = {"SLACK_APP_TOKEN": "xapp-1-A1-1-a"} if mode == "socket" else {"SLACK_SIGNING_SECRET": SECRET}
    return {
        "SLACK_BOT_TOKEN": "xoxb-1-1-a",
        "SLACK_API_URL": f"{vendors.address}/api/",
        "ORIGAMI_API_KEY": "og_live_benchmark",
        "ORIGAMI_BASE_URL": f"{vendors.address}/origami/v2",
        "DATABASE_URL": database_url,
        "PORT": "0",
        "LOG_FORMAT": "json",
        **way,
    }


@contextlib.asynccontextmanager
async def process(
    arguments: Sequence[str], environ: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process on the bots' core until the block ends; ``log`` gets its stderr."""
    # What is installed is compiled once, whatever the machine of a developer keeps.
    left_out = ("SLACK_", "ORIGAMI_", "PYTHONDONTWRITEBYTECODE")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    with log.open("ab") as written:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={**clean, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=written,
        )
    keep_to(core_of_bots(), child.pid)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


@contextlib.asynccontextmanager
async def bot(what: str, environ: dict[str, str], log: Path) -> AsyncIterator[tuple[str, psutil.Process]]:
    """One of ``bot_process``'s bots: its address, and itself.."""
    async with process(["-m", "tests.benchmarks.bot_process", what], environ, log) as child:
        assert child.stdout is not None
        line = await asyncio.wait_for(child.stdout.readline(), PATIENCE_SECONDS)
        assert line, await asyncio.to_thread(log.read_text, encoding="utf-8")
        yield line.decode().strip(), psutil.Process(child.pid)
