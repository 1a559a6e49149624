"""Polls are claimed ahead, and written back many at a time, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage import budgets, endings, polls
from storage.endings import Ending
from storage.polls import Polled
from storage.records import Run, RunState
from storage.times import database_now
from tests.integration.storage.test_claims import make_due, seed

if TYPE_CHECKING:
    from storage.database import Database

RUNNING = {"state": RunState.RUNNING, "agent_id": "a", "origami_run_id": "o"}


async def claimed(db: Database, owner: str = "me", *, ahead: float = 0.0) -> dict[str, polls.Poll]:
    async with db.write() as session:
        found = await polls.claim(session, owner=owner, limit=10, lease_seconds=60, ahead=ahead)
        return {one.id: one for one in found}


async def run(db: Database, run_id: str) -> Run:
    async with db.read() as session:
        return await session.get_one(Run, run_id)


async def test_what_is_claimed_ahead_says_when_it_is_due(db: Database) -> None:
    await seed(db, {"id": "a", **RUNNING}, {"id": "b", **RUNNING})
    await make_due(db, seconds_ago=-20)
    assert await claimed(db, ahead=10) == {}
    found = await claimed(db, ahead=30)
    assert {10 < one.due_in <= 20 for one in found.values()} == {True}
    assert await claimed(db, "other", ahead=30) == {}


async def test_polls_are_written_back_together_and_what_others_hold_is_left_alone(db: Database) -> None:
    await seed(db, *({"id": name, **RUNNING} for name in "abc"))
    await make_due(db)
    await claimed(db)
    async with db.write() as session:
        await session.execute(update(Run).where(Run.id == "c").values(lease_owner="other"))
        told = [Polled("a", 15, 0, 7, 40, answered=True), Polled("b", 30, 2), Polled("c", 1, 0, 9, 40)]
        assert await polls.write_back(session, told, owner="me") == {"a", "b"}
    a, b, c = [await run(db, name) for name in "abc"]
    assert (a.steps_completed, a.steps_max, a.attempts, a.lease_owner) == (7, 40, 0, None)
    assert (b.steps_completed, b.attempts, b.lease_owner) == (0, 2, None)
    assert (c.steps_completed, c.lease_owner) == (0, "other")
    assert a.due_at
    assert a.answered_at
    assert 14 < (a.due_at - a.answered_at).total_seconds() <= 15.1


async def test_stop_that_was_pressed_meanwhile_is_brought_to_origami_at_once(db: Database) -> None:
    await seed(db, {"id": "a", **RUNNING}, {"id": "b", **RUNNING})
    await make_due(db)
    await claimed(db)
    async with db.write() as session:
        await session.execute(update(Run).values(stop_requested_at=database_now()))
        told = [Polled("a", 15), Polled("b", 2, cancelled=True)]
        await polls.write_back(session, told, owner="me")
    assert set(await claimed(db)) == {"a"}
    assert (await run(db, "b")).cancelled_at is not None


async def test_runs_end_together_each_with_its_own_result(db: Database) -> None:
    await seed(db, *({"id": name, "steps_completed": 3, **RUNNING} for name in "abc"))
    await make_due(db)
    await claimed(db)
    async with db.write() as session:
        await session.execute(update(Run).where(Run.id == "c").values(lease_owner="other"))
        ends = [
            Ending(
                "a",
                "completed",
                result='{"text": "é\\n\\"<&>"}',
                steps_completed=9,
                steps_max=40,
                leads_added=5,
            ),
            Ending("b", "lost", reason={"code": "NO_ANSWER"}),
            Ending("c", "completed", result="{}"),
        ]
        assert await endings.write(session, ends, owner="me") == {"a", "b"}
    a, b, c = [await run(db, name) for name in "abc"]
    assert (a.state, a.status, a.result, a.reason) == ("finished", "completed", ends[0].result, None)
    assert (a.steps_completed, a.leads_added, a.due_at, a.lease_owner) == (9, 5, None, None)
    assert (b.status, b.reason, b.result, b.steps_completed) == ("lost", {"code": "NO_ANSWER"}, None, 3)
    assert (c.state, c.lease_owner) == ("running", "other")


async def test_budgets_of_many_keys_are_spent_in_one_go_and_never_beyond_their_ceiling(db: Database) -> None:
    names = [f"key-{n}" for n in range(5)]

    async def take(order: list[str]) -> dict[str, int]:
        async with db.write() as session:
            return await budgets.spend_each(session, dict.fromkeys(order, 30), ceiling=80)

    granted = await asyncio.gather(*(take(names if n % 2 else names[::-1]) for n in range(4)))
    assert {name: sum(one[name] for one in granted) for name in names} == dict.fromkeys(names, 80)


async def test_no_run_is_claimed_by_two_of_many_workers(db: Database) -> None:
    await seed(db, *({"id": f"{n}", **RUNNING} for n in range(12)))
    await make_due(db)
    found = await asyncio.gather(*(claimed(db, f"w{n}") for n in range(4)))
    assert sorted(run_id for one in found for run_id in one) == sorted(f"{n}" for n in range(12))
    async with db.read() as session:
        assert len(set((await session.execute(select(Run.lease_owner))).scalars())) >= 1
