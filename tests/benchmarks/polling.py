"""How many open runs one worker keeps asking about, how punctually, and at what cost; and the obvious ways.

``python -m tests.benchmarks.polling``: every run answers "running, Retry-After: 15" until the end. How late
a poll is, is measured where it arrives: after the answer before it plus its Retry-After.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvloop

from tests.benchmarks import stand
from tests.benchmarks.quick_http import answered, served
from tests.benchmarks.report import Row, at_least, at_most, main

if TYPE_CHECKING:
    import psutil

RETRY_AFTER = 15.0
RUNNING = (
    b'{"run":{"object":"run","id":"o%d","agentId":"a%d","status":"running",'
    b'"prompt":"find 50 founders of SaaS companies in Austin who raised a seed round this year",'
    b'"model":"default","steps":{"completed":3,"max":40},'
    b'"startedAt":"2026-01-01T00:00:00.000Z","completedAt":null,'
    b'"workspaceId":"5f0c8f0e-1111-4222-8333-444455556666",'
    b'"request":{"prompt":"find 50 founders of SaaS companies in Austin who raised a seed round this year",'
    b'"model":"default","focusTableIds":[]},"response":null,"todo":{"pendingQuestions":[],"nextActions":[]}}}'
)
RUNS_A_WORKSPACE = 10
"""A key's 45 polls a minute carry 11 runs at 15 s; beyond that their polls are stretched."""


@dataclass
class Origami:
    """Counts polls, and how far each lies after (or before) the moment that the answer before it named."""

    retry_after: float = RETRY_AFTER
    due: dict[int, float] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    polls: int = 0

    def answer(self, _method: str, path: str, _body: bytes) -> bytes:
        """One poll."""
        now, run = time.perf_counter(), int(path.rpartition("/")[2][1:])
        if run in self.due:
            self.late.append(now - self.due[run])
        self.due[run] = now + self.retry_after
        self.polls += 1
        return answered(RUNNING % (run, run), b"Retry-After: %d" % self.retry_after)

    def unasked(self, count: int) -> int:
        """How many runs have waited for their poll for more than a second, as of now."""
        now = time.perf_counter()
        return sum(now - self.due.get(run, 0.0) > 1.0 for run in range(count))


@dataclass(frozen=True, slots=True)
class Found:
    """What one way of polling did over a while."""

    runs: int
    polls_a_second: float
    late: list[float]
    unasked: int
    cpu: float
    rss: int
    database_cpu: float = 0.0

    @property
    def sustained(self) -> bool:
        """Whether all runs were asked about, and nearly all within a second."""
        return self.unasked <= self.runs / 1_000 and stand.percentile(self.late, 0.99) <= 1.0


async def watched(
    origami: Origami,
    process: psutil.Process,
    runs: int,
    server: stand.Server | None,
    *,
    warm: float,
    seconds: float,
) -> Found:
    """Let a process poll; the first polls of all runs do not count."""
    await asyncio.sleep(warm)
    origami.late.clear()
    origami.polls, before = 0, server.cpu_seconds() if server else 0.0
    meter = stand.Meter(process)
    await asyncio.sleep(seconds)
    cost, late, polls = meter.read(), origami.late[:], origami.polls
    database = (server.cpu_seconds() - before) / seconds * 100 if server else 0.0
    return Found(
        runs, polls / seconds, late, origami.unasked(runs), cost.cpu_percent, cost.rss_bytes, database
    )


async def ours(url: str, runs: int, server: stand.Server | None, seconds: float) -> tuple[Found, int]:
    """Our worker; also its memory before the first run."""
    origami, workspaces = Origami(), runs // RUNS_A_WORKSPACE
    async with stand.database(url) as db, served(origami.answer) as address:
        await stand.seed_workspaces(db, workspaces)
        async with stand.worker(url, origami=address, slack=address) as process:
            await asyncio.sleep(4)
            idle = process.memory_info().rss
            await stand.seed_runs(db, runs, workspaces=workspaces)
            await stand.due_spread(db, runs, begins=1, over=RETRY_AFTER)
            found = await watched(origami, process, runs, server, warm=RETRY_AFTER + 3, seconds=seconds)
    return found, idle


PEERS = (
    ("a job per run, httpx", "interval_jobs", (2_000, 4_000)),
    ("a task per run, httpx", "sleeping_tasks", (4_000,)),
    ("a stored job per run, httpx", "job_store", (1_000,)),
)


async def peer(module: str, runs: int) -> tuple[Found, int]:
    """One of the obvious ways, in its own process."""
    origami = Origami()
    with tempfile.TemporaryDirectory() as folder:
        async with served(origami.answer) as address:
            command = [sys.executable, "-m", f"tests.benchmarks.peers.{module}", address, str(runs), folder]
            async with stand.child(command, {}, stand.WORKER_CORE) as process:
                found = await watched(origami, process, runs, None, warm=RETRY_AFTER + 4, seconds=8)
    return found, 0


def rows(case: str, subject: str, found: Found, idle: int, *, aims: bool = False) -> list[Row]:
    """What is told of one way of polling."""
    late = [1000 * stand.percentile(found.late, share) for share in (0.5, 0.99, 1.0)]
    early = 1000 * min(found.late, default=float("nan"))
    thousands = found.runs / 1_000

    def row(what: str, value: float, unit: str, aim: dict[str, Any] | None = None) -> Row:
        return Row("polling", case, subject, what, value, unit, **(aim if aims and aim else {}))

    told = [
        row("polls", found.polls_a_second, "a second"),
        row("all asked in time", float(found.sustained), "", at_least(1, float(found.sustained))),
        row("late, p50", late[0], "ms"),
        row("late, p99", late[1], "ms", at_most(500, late[1])),
        row("late, most", late[2], "ms"),
        row("earliest", early, "ms", at_least(0, early)),
        row("CPU", found.cpu, "% of a core"),
        row("CPU per 1,000 runs", found.cpu / thousands, "% of a core", at_most(4, found.cpu / thousands)),
    ]
    if found.database_cpu:
        told.append(row("the database's CPU", found.database_cpu, "% of a core"))
    if idle:
        kept = (found.rss - idle) / found.runs
        told.append(row("memory a run", kept, "bytes", at_most(1024, kept)))
    return told


async def measure(
    runs: int = 20_000, sqlite_runs: int = 4_000, seconds: float = 12.0, *, peers: bool = True
) -> list[Row]:
    """All of it: some three and a half minutes."""
    stand.pinned(stand.OTHER_CORE)
    told: list[Row] = []
    with stand.postgresql() as server:
        found, idle = await ours(server.fresh("polling"), runs, server, seconds)
        told += rows(f"PostgreSQL, {runs:,} runs", "ours", found, idle, aims=True)
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as folder:
        found, idle = await ours(f"sqlite+aiosqlite:///{folder}/bench.sqlite3", sqlite_runs, None, seconds)
        told += rows(f"SQLite, {sqlite_runs:,} runs", "ours", found, idle)
    for subject, module, sizes in PEERS if peers else ():
        for size in sizes:
            found, idle = await peer(module, size)
            told += rows(f"{size:,} runs", subject, found, idle)
    return told


if __name__ == "__main__":
    uvloop.install()
    sys.exit(main(measure, __doc__))
