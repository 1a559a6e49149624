"""Who did what: in pages, for each workspace by itself, and no longer than runs are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage import audit, retention
from storage.records import AuditEntry, Workspace
from storage.times import database_now
from tests.integration.storage.test_claims import seed

if TYPE_CHECKING:
    from storage.database import Database


async def acted(db: Database, *actions: str, workspace_id: str = "W") -> None:
    async with db.write() as session:
        for action in actions:
            run_id = "a" if action == "start" else "gone"
            await audit.record(session, workspace_id, "U1", action, run_id=run_id)


async def test_pages_go_from_the_newest_to_the_oldest_and_the_file_the_other_way(db: Database) -> None:
    await seed(db, {"id": "a"})
    async with db.write() as session:
        session.add(Workspace(id="other", team_id="T9"))
    await acted(db, "start", "click", "stop")
    await acted(db, "connect", workspace_id="other")
    async with db.read() as session:
        newest = await audit.newest(session, "W", limit=2)
        older = await audit.newest(session, "W", before=newest[-1].entry.id, limit=2)
        whole = await audit.following(session, "W", 0, limit=2)
        rest = await audit.following(session, "W", whole[-1].entry.id, limit=2)
    assert [act.entry.action for act in newest] == ["stop", "click"]
    assert [act.entry.action for act in older] == ["start"]
    assert [act.entry.action for act in [*whole, *rest]] == ["start", "click", "stop"]
    assert (older[0].channel_id, newest[0].channel_id) == ("C1", None)


async def test_what_was_done_is_kept_as_long_as_runs_are(db: Database) -> None:
    await seed(db, {"id": "a"})
    await acted(db, "start", "click", "stop")
    async with db.write() as session:
        old = AuditEntry.action != "stop"
        await session.execute(update(AuditEntry).where(old).values(at=database_now(-91 * 86_400)))
        assert await audit.purge(session, days=90, limit=1) == 1
    await retention.purge_all(db, days=90)
    async with db.read() as session:
        assert (await session.execute(select(AuditEntry.action))).scalars().all() == ["stop"]
