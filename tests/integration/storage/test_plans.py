"""What ticks ask every second is found through an index, however many runs have ended before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from storage import deliveries, exports, polls, retention, runs, schedules, watches
from storage.records import Workspace
from tests.benchmarks.filling import fill

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

ENDED = 5_000
HOW = {"owner": "me", "limit": 10, "lease_seconds": 60.0}
BIG = ("runs", "deliveries", "watches")

ASKED: dict[str, Callable[[AsyncSession], Awaitable[Any]]] = {
    "polls": lambda session: polls.claim(session, ahead=1.0, **HOW),
    "submissions": lambda session: runs.claim_submissions(session, **HOW),
    "posts": lambda session: deliveries.claim_posts(session, **HOW),
    "updates": lambda session: deliveries.claim_updates(session, **HOW),
    "watches": lambda session: watches.claim(session, **HOW),
    "exports": lambda session: exports.claim(session, **HOW),
    "schedules": lambda session: schedules.claim_due(session, **HOW),
    "reminders": lambda session: runs.waiting_questions(session, within=1e6, limit=10),
    "running": lambda session: runs.count_running(session, {"W0"}),
    "purge": lambda session: retention.purge(session, days=365, limit=10),
}


async def explained(db: Database, ask: Callable[[AsyncSession], Awaitable[Any]]) -> list[str]:
    """The plan of each statement that a query makes, as its first and only execution would have it."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    async with db.write() as session:
        event.listen(db.engine.sync_engine, "before_cursor_execute", note)
        try:
            await ask(session)
        finally:
            event.remove(db.engine.sync_engine, "before_cursor_execute", note)
        connection = await session.connection()
        prefix = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
        plans = []
        for statement, parameters in asked:
            rows = (await connection.exec_driver_sql(prefix + statement, parameters)).all()
            plans.append("\n".join(str(row[-1]) for row in rows))
        return plans


def scans(plan: str) -> list[str]:
    """The big tables that a plan reads from end to end."""
    return [
        table
        for table in BIG
        for line in plan.splitlines()
        if f"Seq Scan on {table}" in line or (line.startswith(f"SCAN {table}") and "USING" not in line)
    ]


@pytest.fixture
async def grown(db: Database) -> Database:
    """A database in which many runs have ended."""
    async with db.write() as session:
        session.add(Workspace(id="W0", team_id="T0"))
    await fill(db, 0, ENDED, workspaces=1)
    return db


async def test_claims_use_an_index_on_both_databases(grown: Database) -> None:
    found = {name: "\n".join(await explained(grown, ask)) for name, ask in ASKED.items()}
    assert {name: plan for name, plan in found.items() if scans(plan)} == {}


@pytest.mark.parametrize(("name", "column"), [("polls", "due_at"), ("purge", "finished_at")])
async def test_what_is_not_due_is_not_even_looked_at(grown: Database, name: str, column: str) -> None:
    plan = (await explained(grown, ASKED[name]))[0]
    asked_of_the_index = [
        line
        for line in plan.splitlines()
        if "Index Cond" in line or "USING INDEX" in line or "COVERING" in line
    ]
    assert any(f"{column} <" in line or f"{column}<" in line for line in asked_of_the_index), plan


async def test_a_table_that_is_read_from_end_to_end_is_told(grown: Database) -> None:
    async def careless(session: AsyncSession) -> None:
        await session.execute(text("SELECT count(prompt) FROM runs WHERE prompt LIKE '%x%'"))

    [plan] = await explained(grown, careless)
    assert scans(plan) == ["runs"]
