"""What years of finished runs cost, and what more workers bring: ``python -m tests.benchmarks.growth``.

First what each tick asks, while nothing is due, with 1,000 to 1,000,000 finished runs in the database. Then
polls a second of 1, 2, 4 and 8 workers on one PostgreSQL: all workers share one core, and the database and
Origami the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import uvloop

from storage import deliveries, exports, lists, polls, retention, runs, schedules, watches
from tests.benchmarks import polling, stand
from tests.benchmarks.filling import fill
from tests.benchmarks.quick_http import served
from tests.benchmarks.report import Row, main

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WORKERS = (1, 2, 4, 8)
WORKSPACES = 100
OPEN_RUNS = 200
TIMES = 15
RETRY_AFTER = 2.0
POLLED_RUNS = 4_000
HOW = {"owner": "me", "limit": 50, "lease_seconds": 60.0}

ASKED: dict[str, Callable[[AsyncSession], Awaitable[Any]]] = {
    "polls": lambda session: polls.claim(session, ahead=0.5, **HOW),
    "starts": lambda session: runs.claim_submissions(session, **HOW),
    "posts": lambda session: deliveries.claim_posts(session, **HOW),
    "updates": lambda session: deliveries.claim_updates(session, **HOW),
    "tables": lambda session: watches.claim(session, **HOW),
    "exports": lambda session: exports.claim(session, **HOW),
    "schedules": lambda session: schedules.claim_due(session, **HOW),
    "reminders": lambda session: runs.waiting_questions(session, within=1e6, limit=50),
    "Home": lambda session: lists.overview(session, "W0", requester_id="U0", limit=20, offset=0, page=10),
    "Home's marks": lambda session: lists.marks(session, "W0", {"U0", "U1", "U2"}),
    "purge": lambda session: retention.purge(session, days=3_650, limit=500),
}


async def asked(db: Database) -> dict[str, float]:
    """The median milliseconds of what each tick asks, its transaction included."""
    found = {}
    for name, ask in ASKED.items():
        found[name] = await _median(_in_a_transaction(db, ask))
    return found


def _in_a_transaction(
    db: Database, ask: Callable[[AsyncSession], Awaitable[Any]]
) -> Callable[[], Awaitable[None]]:
    async def once() -> None:
        async with db.write() as session:
            await ask(session)

    return once


async def _median(once: Callable[[], Awaitable[Any]]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await once()
        took.append(1000 * (time.perf_counter() - began))
    return stand.percentile(took, 0.5)


async def grown(name: str, url: str) -> list[Row]:
    """One database, ever fuller."""
    told: list[Row] = []
    async with stand.database(url) as db:
        await stand.seed_workspaces(db, WORKSPACES)
        await stand.seed_runs(db, OPEN_RUNS, workspaces=WORKSPACES)
        await stand.due_spread(db, OPEN_RUNS, begins=3_600, over=15)
        already = 0
        for size in SIZES:
            await fill(db, already, size, workspaces=WORKSPACES)
            already = size
            for what, milliseconds in (await asked(db)).items():
                told.append(Row("growth", f"{name}, {size:,} finished", "ours", what, milliseconds, "ms"))
    return told


async def together(server: stand.Server) -> list[Row]:
    """Polls a second of so many workers, of runs that all want to be asked more often than they can be."""
    told: list[Row] = []
    url, origami = server.fresh("workers"), polling.Origami(RETRY_AFTER)
    async with stand.database(url) as db, served(origami.answer) as address:
        await stand.seed_workspaces(db, POLLED_RUNS)
        await stand.seed_runs(db, POLLED_RUNS, workspaces=POLLED_RUNS)
        await stand.due_spread(db, POLLED_RUNS, begins=0, over=1)
        for count in WORKERS:
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(count):
                    await stack.enter_async_context(stand.worker(url, origami=address, slack=address))
                await asyncio.sleep(4 + count)
                origami.late.clear()
                origami.polls, before = 0, server.cpu_seconds()
                await asyncio.sleep(5)
                used = (server.cpu_seconds() - before) / 5 * 100
            case = f"{count} workers on one core"
            early = 1000 * min(origami.late, default=0.0)
            told += [
                Row("growth", case, "ours", "polls", origami.polls / 5, "a second"),
                Row("growth", case, "ours", "earliest", early, "ms", aim=">= 0", met=early >= 0),
                Row("growth", case, "ours", "the database's CPU", used, "% of a core"),
            ]
    return told


async def measure() -> list[Row]:
    """All of it: some three minutes."""
    stand.pinned(stand.OTHER_CORE)
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as folder:
        told = await grown("SQLite", f"sqlite+aiosqlite:///{folder}/bench.sqlite3")
    with stand.postgresql() as server:
        told += await grown("PostgreSQL", server.fresh("growth"))
        told += await together(server)
    return told


if __name__ == "__main__":
    uvloop.install()
    sys.exit(main(measure, __doc__))
