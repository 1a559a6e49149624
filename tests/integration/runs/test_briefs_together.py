"""Briefs that arrive at one instant are accepted together, each as it would be alone; on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, func, select

from bot.runs.accept import accept
from bot.runs.guard import Refused
from bot.runs.start import Brief, Team
from storage.records import AuditEntry, Delivery, InboxEntry, Preference, Run, Thread
from tests.integration.storage.test_policies import holds, working_on, workspace_id

if TYPE_CHECKING:
    from storage.database import Database

COMMANDS = 20


def brief(number: int, **values: Any) -> Brief:
    given = {"team": Team("T1"), "channel_id": f"C{number % 3}", "requester_id": f"U{number}"} | values
    return Brief(key=f"command:{number}", prompt=f"find {number}", source="command", **given)


async def count(db: Database, record: type[Any]) -> int:
    async with db.read() as session:
        return (await session.execute(select(func.count()).select_from(record))).scalar_one()


async def test_each_has_its_rows_and_all_one_commit(db: Database) -> None:
    context, begun = working_on(db), 0
    await workspace_id(db)

    @event.listens_for(db.engine.sync_engine, "commit")
    def _count(_connection: object) -> None:
        nonlocal begun
        begun += 1

    accepted = await asyncio.gather(*(accept(context, brief(number)) for number in range(COMMANDS)))
    event.remove(db.engine.sync_engine, "commit", _count)
    assert begun == 1
    assert [run.prompt for run in accepted if run] == [f"find {number}" for number in range(COMMANDS)]
    assert {await count(db, record) for record in (Run, Thread, Delivery, InboxEntry, AuditEntry)} == {
        COMMANDS
    }
    async with db.read() as session:
        owed = select(Run.prompt, Thread.channel_id).select_from(Delivery).join(Run).join(Thread)
        found = (await session.execute(owed.order_by(Delivery.id))).all()
    assert [tuple(row) for row in found] == [
        (f"find {number}", f"C{number % 3}") for number in range(COMMANDS)
    ]


async def test_one_that_slack_sends_twice_at_one_instant_starts_one_run(db: Database) -> None:
    context = working_on(db)
    await asyncio.gather(*(accept(context, brief(number % 2)) for number in range(6)))
    assert await count(db, Run) == 2
    assert await asyncio.gather(*(accept(context, brief(number)) for number in range(2))) == [None, None]
    assert await count(db, Run) == 2


async def test_what_the_database_refuses_of_one_is_not_the_others_loss(db: Database) -> None:
    await accept(replace(working_on(db), new_id=lambda: "taken"), brief(0))
    numbers = iter(range(1_000))
    context = replace(working_on(db), new_id=lambda: "taken" if (n := next(numbers)) == 3 else f"new{n}")
    outcomes = await asyncio.gather(
        *(accept(context, brief(number)) for number in range(1, 6)), return_exceptions=True
    )
    assert all(isinstance(outcome, Run) for outcome in outcomes)
    assert await count(db, Run) == 6


async def test_an_error_that_is_one_briefs_own_is_told_to_it_alone(db: Database) -> None:
    await workspace_id(db)
    context, unkeepable = working_on(db), brief(3, source_ts=object())
    outcomes = await asyncio.gather(
        *(accept(context, one) for one in (brief(1), unkeepable, brief(2))), return_exceptions=True
    )
    assert [isinstance(outcome, Run) for outcome in outcomes] == [True, False, True]
    assert await count(db, Run) == 2


async def test_each_has_the_model_that_is_set_for_it(db: Database) -> None:
    context, workspace = working_on(db), await workspace_id(db)
    async with db.write() as session:
        for scope, subject, model in (
            ("workspace", "", "of all"),
            ("channel", "C1", "of one"),
            ("user", "U5", "mine"),
        ):
            session.add(
                Preference(workspace_id=workspace, scope=scope, subject_id=subject, values={"model": model})
            )
    runs = await asyncio.gather(*(accept(context, brief(number)) for number in (0, 1, 5)))
    assert [run.model for run in runs if run] == ["of all", "of one", "mine"]
    chosen = await asyncio.gather(*(accept(context, brief(number, model=None)) for number in (6, 7)))
    assert [run.model for run in chosen if run] == [None, None]


async def test_whom_the_policy_refuses_holds_up_nobody(db: Database) -> None:
    await holds(db, channels=("C0", "C1"))
    context = working_on(db)
    outcomes = await asyncio.gather(
        *(accept(context, brief(number)) for number in range(6)), return_exceptions=True
    )
    refused = [isinstance(outcome, Refused) for outcome in outcomes]
    assert refused == [number % 3 == 2 for number in range(6)]
    assert await count(db, Run) == 4
