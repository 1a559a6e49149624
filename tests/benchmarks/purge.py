"""What it takes to forget 100,000 finished runs beside a bot at work: ``python -m tests.benchmarks.purge``.

Somebody types a brief every 20 ms meanwhile: how long each waits for its commit is measured without the purge
and beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import uvloop

from storage import inbox, retention
from tests.benchmarks import stand
from tests.benchmarks.filling import fill
from tests.benchmarks.report import Row, at_most, main

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.database import Database

RUNS = 100_000
WORKSPACES = 100
APART = 0.02
"""Seconds between two commits of others."""
ALONE_SECONDS = 5.0
ACK_MS = 500.0
"""Ours: so long a commit may be held up, of the three seconds that Slack waits for an ack."""


@contextlib.asynccontextmanager
async def others(db: Database) -> AsyncIterator[list[float]]:
    """Commits one after the other while the block runs; the milliseconds that each took."""
    took: list[float] = []

    async def commit() -> None:
        while True:
            began = time.perf_counter()
            async with db.write() as session:
                await inbox.first_time(session, f"purge:{began}")
            took.append(1_000 * (time.perf_counter() - began))
            await asyncio.sleep(APART)

    committing = asyncio.create_task(commit())
    try:
        yield took
    finally:
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)


async def forgotten(name: str, url: str) -> list[Row]:
    """One database, filled and then purged in as many turns as it takes."""
    async with stand.database(url) as db:
        await stand.seed_workspaces(db, WORKSPACES)
        await fill(db, 0, RUNS, workspaces=WORKSPACES)
        async with others(db) as alone:
            await asyncio.sleep(ALONE_SECONDS)
        gone, turns, began = 0, 0, time.perf_counter()
        async with others(db) as beside:
            while (purged := await retention.purge_all(db, days=0)) > 0:
                gone, turns = gone + purged, turns + 1
        seconds = time.perf_counter() - began
    assert gone == RUNS, f"{gone} of {RUNS} are gone"
    case = f"{name}, {RUNS:,} runs"
    worst = max(beside)
    return [
        Row("purge", case, "ours", "all gone after", seconds, "s"),
        Row("purge", case, "ours", "a run", 1_000 * seconds / RUNS, "ms"),
        Row("purge", case, "ours", "turns", turns, ""),
        Row("purge", case, "ours", "a commit of others, alone, p99", stand.percentile(alone, 0.99), "ms"),
        Row("purge", case, "ours", "a commit of others, beside it, p50", stand.percentile(beside, 0.5), "ms"),
        Row("purge", case, "ours", "p99", stand.percentile(beside, 0.99), "ms"),
        Row("purge", case, "ours", "the longest", worst, "ms", **at_most(ACK_MS, worst)),  # type: ignore[arg-type]
    ]


async def measure() -> list[Row]:
    """Both databases: some minutes."""
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as folder:
        told = await forgotten("SQLite", f"sqlite+aiosqlite:///{folder}/bench.sqlite3")
    with stand.postgresql() as server:
        return told + await forgotten("PostgreSQL", server.fresh("purge"))


if __name__ == "__main__":
    uvloop.install()
    sys.exit(main(measure, __doc__))
