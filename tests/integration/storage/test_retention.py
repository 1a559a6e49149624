"""What has been kept long enough is forgotten, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from storage import inbox, retention
from storage.records import Delivery, InboxEntry, Run, RunState, Thread
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
