"""A start that stalled past its lease undoes nothing of the one that took its run over, in one process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from bot.origami import Admission, Agent
from bot.origami import Run as OrigamiRun
from bot.runs import submit
from bot.runs.accept import accept
from bot.runs.start import Brief, Team
from storage.records import Run, RunState, Thread
from storage.times import database_now
from tests.integration.storage.test_policies import working_on

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.database import Database
    from storage.runs import Claim


class Origami:
    """Starts agents, each time another one, and says how many."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def client(self, _workspace: object) -> Any:
        return self

    def budget_name(self, _workspace: object) -> str:
        return "key"

    async def create_agent(self, _body: bytes, *, idempotency_key: str) -> Admission:
        self.started.append(idempotency_key)
        names = {"id": f"agent{len(self.started)}"}
        return Admission(
            Agent.read(names), OrigamiRun.read({"id": f"run{len(self.started)}", "status": "running"})
        )


async def claimed(context: Context) -> Claim:
    [claim] = await submit.claim(context, 10)
    return claim


async def leases_run_out(db: Database) -> None:
    async with db.write() as session:
        await session.execute(update(Run).values(lease_until=database_now(-1)))


async def the_run(db: Database) -> tuple[Run, Thread]:
    async with db.read() as session:
        [run] = (await session.execute(Run.__table__.select())).all()
        return await session.get_one(Run, run.id), await session.get_one(Thread, run.thread_id)


async def test_what_was_taken_over_is_started_once_and_stalled_starts_change_nothing(
    db: Database,
) -> None:
    origami = Origami()
    context = replace(working_on(db), origami=origami)
    assert await accept(context, Brief("k", Team("T1"), "C1", "U1", "find dentists", "command"))
    async with db.write() as session:
        await session.execute(update(Run).values(state=RunState.SUBMITTING, due_at=Run.created_at))
    stalled = await claimed(context)
    await leases_run_out(db)
    await submit.submit(context, await claimed(context))
    run, thread = await the_run(db)
    assert (run.state, run.origami_run_id, thread.agent_id) == (RunState.RUNNING, "run1", "agent1")
    async with db.write() as session:
        await session.execute(update(Run).values(lease_owner=context.owner, lease_until=database_now(60)))
    await submit.submit(context, stalled)
    run, thread = await the_run(db)
    assert (run.state, run.origami_run_id, thread.agent_id) == (RunState.RUNNING, "run1", "agent1")
    assert len(origami.started) == 1


async def test_of_two_starts_of_one_process_the_stalled_one_cannot_end_the_run(db: Database) -> None:
    context = replace(working_on(db), origami=Origami())
    assert await accept(context, Brief("k", Team("T1"), "C1", "U1", "find dentists", "command"))
    async with db.write() as session:
        await session.execute(update(Run).values(state=RunState.SUBMITTING, due_at=Run.created_at))
    stalled = await claimed(context)
    await leases_run_out(db)
    await claimed(context)
    stalled.run.stop_requested_at = context.clock()
    await submit.submit(context, stalled)
    run, _ = await the_run(db)
    assert (run.state, run.status) == (RunState.SUBMITTING, None)
