"""What has been kept long enough is forgotten, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text, update

from storage import inbox, retention
from storage.installations import OAuthStates
from storage.records import Delivery, InboxEntry, Run, RunState, Thread, Workspace, oauth_states
from storage.times import database_now
from tests.integration.storage.test_claims import owe, seed

if TYPE_CHECKING:
    from storage.database import Database


async def test_old_runs_go_with_all_that_hangs_on_them_and_young_and_open_ones_stay(db: Database) -> None:
    await seed(db, {"id": "old"}, {"id": "young"}, {"id": "open"})
    await owe(db, "old")
    async with db.write() as session:
        await session.execute(update(Run).values(state=RunState.FINISHED, finished_at=database_now(-10)))
        long_ago = {"finished_at": database_now(-100 * 86_400)}
        await session.execute(update(Run).where(Run.id != "young").values(**long_ago))
        await session.execute(update(Run).where(Run.id == "open").values(state=RunState.RUNNING))
        await session.execute(update(Thread).values(created_at=database_now(-100 * 86_400)))
    async with db.write() as session:
        assert await retention.purge(session, days=90, limit=100) == 1
    async with db.read() as session:
        assert set((await session.execute(select(Run.id))).scalars()) == {"young", "open"}
        assert set((await session.execute(select(Thread.id))).scalars()) == {"t-young", "t-open"}
        assert (await session.execute(select(func.count()).select_from(Delivery))).scalar() == 0


async def test_a_thread_with_a_young_run_stays_when_its_old_one_goes(db: Database) -> None:
    await seed(db, {"id": "old"}, {"id": "young"})
    async with db.write() as session:
        await session.execute(update(Run).values(state=RunState.FINISHED, thread_id="t-old"))
        await session.execute(update(Run).where(Run.id == "young").values(finished_at=database_now(-10)))
        long_ago = {"finished_at": database_now(-100 * 86_400)}
        await session.execute(update(Run).where(Run.id == "old").values(**long_ago))
    async with db.write() as session:
        assert await retention.purge(session, days=90, limit=100) == 1
    async with db.read() as session:
        assert "t-old" in set((await session.execute(select(Thread.id))).scalars())


async def test_all_that_is_old_goes_however_much_it_is(db: Database) -> None:
    count = 2 * retention.BATCH + 1
    await seed(db, *({"id": f"run{number}"} for number in range(count)))
    async with db.write() as session:
        long_ago = {"state": RunState.FINISHED, "finished_at": database_now(-100 * 86_400)}
        await session.execute(update(Run).values(**long_ago))
    assert await retention.purge_all(db, days=90) == count
    async with db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Thread))).scalar() == 0


async def test_a_workspace_goes_thirty_days_after_it_left_with_its_young_runs(db: Database) -> None:
    await seed(db, {"id": "young"})
    async with db.write() as session:
        await session.execute(update(Workspace).values(left_at=database_now(-29 * 86_400)))
    assert await retention.purge_all(db, days=90) == 0
    async with db.write() as session:
        await session.execute(update(Workspace).values(left_at=database_now(-31 * 86_400)))
    assert await retention.purge_all(db, days=90) == 1
    async with db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Workspace))).scalar() == 0
        assert (await session.execute(select(func.count()).select_from(Run))).scalar() == 0


async def test_an_installation_that_was_never_finished_is_forgotten(db: Database) -> None:
    states = OAuthStates(db)
    late, fresh = await states.async_issue(), await states.async_issue()
    async with db.write() as session:
        past = datetime(2020, 1, 1)  # noqa: DTZ001  (slack_sdk's table keeps naive UTC)
        await session.execute(update(oauth_states).where(oauth_states.c.state == late).values(expire_at=past))
    assert await retention.purge_all(db, days=90) == 0
    async with db.read() as session:
        assert (await session.execute(select(oauth_states.c.state))).scalars().all() == [fresh]
    assert [await states.async_consume(fresh), await states.async_consume(fresh)] == [True, False]


async def test_old_runs_are_found_by_their_index(db: Database) -> None:
    async with db.read() as session:
        asked = (
            "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE state = 'finished' AND finished_at < 5"
            if db.is_sqlite
            else "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_runs_finished'"
        )
        told = str((await session.execute(text(asked))).all())
    assert "ix_runs_finished" in told


async def test_a_request_that_cannot_come_again_is_forgotten(db: Database) -> None:
    async with db.write() as session:
        await inbox.first_time(session, "old")
        await inbox.first_time(session, "new")
        await session.execute(
            update(InboxEntry).where(InboxEntry.key == "old").values(expires_at=database_now(-1))
        )
    async with db.write() as session:
        await retention.purge(session, days=90, limit=100)
    async with db.read() as session:
        assert (await session.execute(select(InboxEntry.key))).scalars().all() == ["new"]
