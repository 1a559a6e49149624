"""What ticks ask every second is found through an index, however many runs have ended before."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from storage import (
    deliveries,
    endings,
    exports,
    polls,
    retention,
    runs,
    schedules,
    sending,
    standings,
    watches,
)
from storage.endings import Ending
from storage.records import Delivery, DeliveryKind, Watch, Workspace
from tests.benchmarks.filling import fill

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

ENDED = 5_000
HOW = {"owner": "me", "limit": 10, "lease_seconds": 60.0}
BIG = ("runs", "deliveries", "watches")

_DELIVERY = Delivery(token="d", workspace_id="W0", run_id="r1", kind="answer", channel_id="C1")
_DELIVERY.id, _DELIVERY.lease_owner = 1, "me"
SENT = sending.Stood(_DELIVERY, "1.0")
READ = watches.Read(Watch(run_id="r1", workspace_id="W0", table_id="t1", lease_owner="me"))

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
    "ends": lambda session: endings.write(
        session, [Ending("r1", "completed"), Ending("r2", "lost")], owner="me"
    ),
    "what ended": lambda session: endings.read(session, ["r1", "r2"]),
    "what is told": lambda session: standings.of_runs(session, ["r1", "r2"]),
    "runs held": lambda session: runs.hold_free(session, ["r1", "r2"]),
    "messages sent": lambda session: sending.all_sent(session, [SENT, SENT]),
    "message sent": lambda session: sending.sent(session, SENT.delivery, owner="me", ts="1.0"),
    "messages behind": lambda session: deliveries.queued(session, [("W0", "C1"), ("W0", "C2")]),
    "messages changed": lambda session: deliveries.revise(session, ["r1", "r2"], DeliveryKind.OPENING),
    "progress": lambda session: deliveries.revise(session, ["r1"], DeliveryKind.OPENING, progress=True),
    "tables read": lambda session: watches.all_read(session, [READ, READ]),
    "tables taken over": lambda session: watches.pass_on(session, [("W0", "t1"), ("W0", "t2")]),
    "previews": lambda session: watches.owe_previews(session, ["r1", "r2"], new_id=lambda: "p"),
}


async def explained(db: Database, ask: Callable[[AsyncSession], Awaitable[Any]]) -> list[str]:
    """The plan of each statement that a query makes, as its first and only execution would have it."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    async with db.write() as session:
        event.listen(db.engine.sync_engine, "before_cursor_execute", note)
        try:
            with contextlib.suppress(runs.LeaseLostError):
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
