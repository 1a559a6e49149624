"""No tick reads a whole table: SQLite says how it would find what is due."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from storage import deliveries, runs
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

LEASE = {"owner": "me", "limit": 50, "lease_seconds": 60.0}
GROWING = ("runs", "deliveries")
"""Tables of which nothing leaves for 90 days."""


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


async def plan(db: Database, query: Callable[[AsyncSession], Awaitable[Any]]) -> list[str]:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    async with db.write() as session:
        await query(session)
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)
    steps: list[str] = []
    async with db.engine.connect() as connection:
        for statement, parameters in asked:
            if not statement.startswith("BEGIN"):
                found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps += [row[3] for row in found]
    return steps


@pytest.mark.parametrize(
    "query",
    [
        partial(deliveries.claim_posts, **LEASE),
        partial(deliveries.claim_updates, **LEASE),
        partial(runs.claim_submissions, **LEASE),
        partial(runs.claim_polls, **LEASE),
        partial(runs.waiting_questions, within=3600.0, limit=10),
        partial(runs.count_running, workspace_ids={"W"}),
    ],
    ids=lambda query: query.func.__name__,
)
async def test_what_is_due_is_found_by_an_index(
    sqlite: Database, query: Callable[[AsyncSession], Awaitable[Any]]
) -> None:
    steps = await plan(sqlite, query)
    scans = [step for step in steps if step.split()[:2] in [["SCAN", table] for table in GROWING]]
    assert steps
    assert [step for step in scans if "ix_" not in step] == []
