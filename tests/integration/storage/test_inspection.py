"""What the operator's queries find, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from storage import inspection
from storage.inspection import Wanted
from storage.records import OPEN_STATES, Delivery, DeliveryState, Run, RunState, Thread, Workspace

if TYPE_CHECKING:
    from storage.database import Database

EVERYTHING = 100


async def filled(db: Database) -> None:
    """Two workspaces: T1 with an open and an old finished run, whose answer was dropped; T2 with none."""
    async with db.write() as session:
        for team in ("T1", "T2"):
            session.add(Workspace(id=f"w-{team}", team_id=team))
        await session.flush()
        for name, state in (("open", RunState.RUNNING), ("done", RunState.FINISHED)):
            session.add(Thread(id=name, workspace_id="w-T1", channel_id="C1", requester_id="U1"))
            await session.flush()
            ours: dict[str, Any] = {"workspace_id": "w-T1", "thread_id": name, "requester_id": "U1"}
            session.add(Run(id=f"{name}-1", source="command", prompt="secret", state=state, **ours))
            await session.flush()
        row = {"token": "t", "workspace_id": "w-T1", "run_id": "done-1", "kind": "answer", "channel_id": "C1"}
        await session.execute(
            insert(Delivery).values(**row, subject="", sequence=0, payload={}, state=DeliveryState.DROPPED)
        )
        old = datetime.now(UTC) - timedelta(days=60)
        await session.execute(update(Run).where(Run.id == "done-1").values(created_at=old))


async def ids(db: Database, wanted: Wanted, limit: int = EVERYTHING) -> list[str]:
    async with db.read() as session:
        return [one.run.id for one in await inspection.list_runs(session, wanted, limit=limit)]


async def test_runs_are_listed_newest_first_and_narrowed(db: Database) -> None:
    await filled(db)
    assert await ids(db, Wanted()) == ["open-1", "done-1"]
    assert await ids(db, Wanted(), limit=1) == ["open-1"]
    assert await ids(db, Wanted(team_id="T2")) == []
    assert await ids(db, Wanted(team_id="T1", states=tuple(OPEN_STATES))) == ["open-1"]
    assert await ids(db, Wanted(within_seconds=3600)) == ["open-1"]
    assert await ids(db, Wanted(dropped=True)) == ["done-1"]


async def test_an_id_is_found_by_its_beginning_and_a_wildcard_is_none(db: Database) -> None:
    await filled(db)
    async with db.read() as session:
        assert await inspection.ids_beginning_with(session, "open", limit=2) == ["open-1"]
        assert await inspection.ids_beginning_with(session, "%", limit=2) == []


async def test_a_run_is_there_with_its_messages(db: Database) -> None:
    await filled(db)
    async with db.read() as session:
        file = await inspection.run_file(session, "done-1")
    assert [one.state for one in file.deliveries] == ["dropped"]
    assert file.workspace.team_id == "T1"


async def test_workspaces_tell_what_goes_on_in_them(db: Database) -> None:
    await filled(db)
    month = datetime.now(UTC) - timedelta(days=30)
    async with db.read() as session:
        busy, idle = await inspection.list_workspaces(session, since=month, limit=EVERYTHING)
        [one] = await inspection.list_workspaces(session, since=month, limit=EVERYTHING, team_id="T2")
    assert (busy.workspace.team_id, busy.open_runs, busy.runs_since, busy.dropped) == ("T1", 1, 1, 1)
    assert (idle.workspace.team_id, idle.open_runs, idle.runs_since, idle.last_run_at) == ("T2", 0, 0, None)
    assert (one.workspace.team_id, one.has_key) == ("T2", False)
