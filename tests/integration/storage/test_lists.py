"""Lists of runs and what was used, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.origami import Run as Result
from bot.runs import lists
from storage import deliveries, runs
from storage.lists import Listed, Used
from storage.records import Delivery, DeliveryKind, Run, RunState, Thread, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.runs.lists import Overview
    from storage.database import Database

NOW = datetime(2026, 7, 21, 12, tzinfo=UTC)
ASKS = Result.read(
    {
        "id": "o",
        "status": "needs_input",
        "todo": {"pendingQuestions": [{"question": "Which?", "type": "single-choice"}]},
    }
).to_json()
SAYS = Result.read({"id": "o", "status": "completed", "prompt": '"pendingQuestions":['}).to_json()


@pytest.fixture
async def people(db: Database) -> Database:
    async with db.write() as session:
        session.add(Workspace(id="W", team_id="T"))
        session.add(Workspace(id="W2", team_id="T2"))
    return db


async def add(
    db: Database, run_id: str, *, thread: str = "", workspace: str = "W", age: float = 0, **values: Any
) -> None:
    """Keep a run, in a thread of its own unless another is named, asked for ``age`` minutes ago."""
    async with db.write() as session:
        name = thread or f"t-{run_id}"
        rep = values.get("requester_id", "ana")
        if await session.get(Thread, name) is None:
            session.add(
                Thread(
                    id=name, workspace_id=workspace, channel_id="C", requester_id=rep, thread_ts=f"{run_id}.0"
                )
            )
            await session.flush()
        given = {"requester_id": rep, "source": "command", "prompt": run_id, **values}
        session.add(Run(id=run_id, workspace_id=workspace, thread_id=name, **given))
        await session.flush()
        at = NOW - timedelta(minutes=age)
        await session.execute(update(Run).where(Run.id == run_id).values(created_at=at))


async def end(db: Database, run_id: str, result: str | None = None, **values: Any) -> None:
    await add(db, run_id, state=RunState.FINISHED, status="completed", result=result, **values)


def ids(listed: Sequence[Listed]) -> list[str]:
    return [one.run.id for one in listed]


async def mine(db: Database, offset: int = 0) -> Overview:
    return await lists.overview(db, "W", "ana", offset)


async def test_runs_are_listed_by_where_they_stand(people: Database) -> None:
    for state in (RunState.ACCEPTED, RunState.SUBMITTING, RunState.RUNNING, RunState.QUEUED):
        await add(people, state, state=state)
    await end(people, "asked", ASKS)
    await end(people, "ended", SAYS)
    await add(people, "rejected", state=RunState.FINISHED, status="rejected")
    found = await mine(people)
    assert set(ids(found.running.shown)) == {"accepted", "submitting", "running"}
    assert ids(found.queued.shown) == ["queued"]
    assert ids(found.waiting.shown) == ["asked"]
    assert set(ids(found.done)) == {"ended", "rejected"}
    assert not found.is_empty


async def test_a_question_that_was_taken_up_waits_no_longer(people: Database) -> None:
    await end(people, "asked", ASKS, thread="t", age=2)
    await add(people, "reply", thread="t", age=1, follows_id="asked", requester_id="ben")
    found = await mine(people)
    assert found.waiting.shown == []
    [done] = found.done
    assert (done.run.id, done.is_last) == ("asked", False)


async def test_others_and_other_workspaces_are_listed_only_for_everyone_of_this_one(people: Database) -> None:
    await end(people, "mine")
    await end(people, "bens", requester_id="ben")
    await end(people, "elsewhere", workspace="W2")
    assert ids((await mine(people)).done) == ["mine"]
    assert set(ids((await lists.overview(people, "W", None)).done)) == {"mine", "bens"}
    assert (await lists.overview(people, "W3", None)).is_empty


async def test_the_done_come_in_pages_the_newest_first(people: Database) -> None:
    for number in range(23):
        await end(people, f"r{number:02}", age=number)
    first, second, third = [await mine(people, offset) for offset in (0, 10, 20)]
    assert ids(first.done) == [f"r{number:02}" for number in range(10)]
    assert ids(second.done) == [f"r{number:02}" for number in range(10, 20)]
    assert ids(third.done) == ["r20", "r21", "r22"]
    assert [page.has_older for page in (first, second, third)] == [True, True, False]
    beyond = await mine(people, 10**9)
    assert (beyond.done, beyond.is_empty) == ([], False)


async def test_what_does_not_fit_is_counted(people: Database) -> None:
    for number in range(7):
        await add(people, f"r{number}", state=RunState.RUNNING, age=number)
        await end(people, f"q{number}", ASKS, age=number)
    found = await mine(people)
    assert ids(found.running.shown) == ["r0", "r1", "r2", "r3", "r4"]
    assert (found.running.more, found.waiting.more, found.queued.more) == (2, 2, 0)


async def test_whoever_waits_for_a_slot_has_a_place_and_whoever_waits_for_a_thread_has_none(
    people: Database,
) -> None:
    slot = {"state": RunState.QUEUED, "waits_for": runs.SLOT}
    await add(people, "bens", requester_id="ben", age=3, **slot)
    await add(people, "first", age=2, **slot)
    await add(people, "threads", state=RunState.QUEUED, waits_for="THREAD_BUSY", age=1)
    places = {one.run.id: one.place for one in (await mine(people)).queued.shown}
    assert places == {"first": (2, 2), "threads": None}


async def test_the_answer_is_found_once_it_stands_in_the_thread(people: Database) -> None:
    await end(people, "r")
    async with people.write() as session:
        for sequence in (0, 1):
            await deliveries.owe(
                session,
                token=f"{sequence}",
                workspace_id="W",
                run_id="r",
                kind=DeliveryKind.ANSWER,
                sequence=sequence,
                channel_id="C",
            )
        await deliveries.owe(
            session,
            token="n",
            workspace_id="W",
            run_id="r",
            kind=DeliveryKind.NOTICE,
            subject="k",
            channel_id="C",
        )
    assert [one.answer_ts for one in (await mine(people)).done] == [None]
    before = await lists.marks(people, "W", {"ana"})
    async with people.write() as session:
        await session.execute(update(Delivery).where(Delivery.token == "0").values(ts="5.0"))
    assert [one.answer_ts for one in (await mine(people)).done] == ["5.0"]
    async with people.write() as session:
        await session.execute(update(Run).values(created_at=datetime.now(UTC)))
    assert await lists.marks(people, "W", {"ana"}) != before


async def test_a_mark_changes_when_a_run_starts_waits_stops_or_ends(people: Database) -> None:
    async def mark(rep: str = "ana") -> Any:
        return (await lists.marks(people, "W", {rep, "nobody"}))[rep]

    seen = [await mark()]
    await add(people, "r", age=-60 * 24 * 365 * 50)
    for values in (
        {},
        {"state": RunState.QUEUED},
        {"stop_requested_by": "ben"},
        {"state": RunState.FINISHED},
    ):
        async with people.write() as session:
            await session.execute(update(Run).values(steps_completed=len(seen), **values))
        seen.append(await mark())
        assert seen[-1] == await mark()
    assert len(set(seen)) == len(seen)
    assert await mark("ben") == frozenset()


async def test_an_answer_by_somebody_else_moves_the_list_of_whoever_was_asked(people: Database) -> None:
    soon = -60 * 24 * 365 * 50
    await end(people, "asked", ASKS, thread="t", age=soon)
    before = await lists.marks(people, "W", {"ana"})
    await add(people, "reply", thread="t", follows_id="asked", requester_id="ben", age=soon)
    assert await lists.marks(people, "W", {"ana"}) != before


async def test_what_was_used_is_counted_by_rep_since_a_time(people: Database) -> None:
    await end(people, "a", leads_added=18)
    await end(people, "b", leads_added=0)
    await end(people, "c", requester_id="ben", leads_added=5)
    await end(people, "old", age=60 * 24 * 40, leads_added=100)
    await end(people, "elsewhere", workspace="W2", leads_added=7)
    await add(people, "going", requester_id="ben", state=RunState.RUNNING)
    await add(people, "bens", requester_id="ben")
    used = await lists.usage(people, "W", NOW - timedelta(days=20))
    assert used.reps == [Used("ben", 3, 5), Used("ana", 2, 18)]
    assert (used.at_origami, used.good, used.bad) == (1, 0, 0)
