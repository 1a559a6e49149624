"""How soon after its start the bot acks the first command, and what it holds in memory when nothing happens.

``origami-slack run`` over Socket Mode on a new SQLite file: the start includes making its tables.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.bots import environment, process
from tests.benchmarks.callers import OverSocket
from tests.benchmarks.machine import core_of_callers, keep_to
from tests.benchmarks.payloads import Payloads
from tests.benchmarks.report import Row, at_most, main
from tests.benchmarks.vendors import vendors

STARTS = 5
SETTLING_SECONDS = 10.0
"""After the first command: its message is posted and its run sent by then."""
PATIENCE_SECONDS = 60.0
SUBJECT = "ours, Socket Mode on SQLite"


async def measure() -> list[Row]:
    """Some starts, the middle one of them counts; the last bot is left alone until it has settled."""
    keep_to(core_of_callers())
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as name:
        for number in range(STARTS):
            url = f"sqlite:///{name}/{number}.sqlite3"
            held = await _one(Path(name), url, took, settles=number == STARTS - 1)
    seconds = sorted(took)[STARTS // 2]
    return [
        Row("start", "from nothing to the first ack", SUBJECT, "p50", seconds, "s", **at_most(1.5, seconds)),
        Row("start", "from nothing to the first ack", SUBJECT, "longest", max(took), "s"),
        Row("start", "idle", SUBJECT, "memory", held, "MB", **at_most(120, held)),
    ]


async def _one(folder: Path, url: str, took: list[float], *, settles: bool) -> float:
    async with vendors() as both:
        send = OverSocket(both).prepare(Payloads(iter(()), both.address).make("command"), 0)
        began = time.perf_counter()
        async with process(["-m", "bot", "run"], environment(both, "socket", url), folder / "log") as child:
            await asyncio.wait_for(both.connected.wait(), PATIENCE_SECONDS)
            assert await send(), (folder / "log").read_text(encoding="utf-8")
            took.append(time.perf_counter() - began)
            if settles:
                await asyncio.sleep(SETTLING_SECONDS)
            return psutil.Process(child.pid).memory_info().rss / 2**20


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
