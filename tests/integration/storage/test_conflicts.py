"""Transactions that get into each other's way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import leaving
from storage.conflicts import despite_deadlocks, is_deadlock, was_deleted
from storage.database import Database
from storage.records import Preference, Run, Thread, Workspace
from tests.integration.storage.test_claims import seed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.records.base import Base


@pytest.fixture
async def server(postgresql_url: str) -> AsyncIterator[Database]:
    database = Database(postgresql_url)
    yield database
    await database.close()


async def keep(db: Database, record: Base) -> None:
    async with db.write() as session:
        session.add(record)


async def test_what_hangs_on_a_row_that_was_deleted_is_told_apart(db: Database) -> None:
    with pytest.raises(IntegrityError) as missing:
        await keep(db, Preference(workspace_id="nobody's", scope="workspace", subject_id=""))
    assert was_deleted(missing.value)
    await keep(db, Workspace(id="one", team_id="T1"))
    with pytest.raises(IntegrityError) as doubled:
        await keep(db, Workspace(id="another", team_id="T1"))
    assert not was_deleted(doubled.value)


async def test_of_two_that_wait_for_each_other_the_one_that_was_undone_is_done_again(
    server: Database,
) -> None:
    await seed(server, {"id": "one"}, {"id": "two"})
    both_hold = asyncio.Barrier(2)
    undone: list[BaseException] = []

    async def touch(first: str, second: str) -> None:
        try:
            async with server.write() as session:
                await session.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
                await session.execute(update(Run).where(Run.id == first).values(attempts=Run.attempts + 1))
                if not undone:
                    await both_hold.wait()
                await session.execute(update(Run).where(Run.id == second).values(attempts=Run.attempts + 1))
        except DBAPIError as error:
            undone.append(error)
            raise

    async def again(first: str, second: str) -> None:
        await despite_deadlocks(lambda: touch(first, second))

    await asyncio.wait_for(asyncio.gather(again("one", "two"), again("two", "one")), 20)
    assert [is_deadlock(error) and was_deleted(error) for error in undone] == [True]
    async with server.read() as session:
        assert set((await session.execute(select(Run.attempts))).scalars()) == {2}


async def test_a_workspace_goes_as_a_whole_while_somebody_works_in_it(server: Database) -> None:
    await seed(server, *({"id": f"run{number}"} for number in range(2 * leaving.BATCH)))
    async with server.read() as session:
        [workspace_id] = (await session.execute(select(Workspace.id))).scalars()
    stop = asyncio.Event()
    at_work = asyncio.Event()

    async def work(number: int) -> None:
        """As a click does: hold a row, then insert beside the workspace."""
        turn = 0
        while not stop.is_set():
            turn += 1
            try:
                async with server.write() as session:
                    held = update(Run).where(Run.id == f"run{(7 * turn + number) % 100}")
                    await session.execute(held.values(attempts=Run.attempts + 1))
                    session.add(
                        Preference(workspace_id=workspace_id, scope="user", subject_id=f"{number}-{turn}")
                    )
                at_work.set()
            except DBAPIError as error:
                if not was_deleted(error):
                    raise

    workers = [asyncio.create_task(work(number)) for number in range(4)]
    await at_work.wait()
    async with server.write() as session:
        assert await leaving.leave(session, workspace_id)
    await leaving.forget(server, workspace_id)
    stop.set()
    await asyncio.gather(*workers)
    async with server.read() as session:
        for record in (Workspace, Thread, Run, Preference):
            assert (await session.execute(select(func.count()).select_from(record))).scalar() == 0
