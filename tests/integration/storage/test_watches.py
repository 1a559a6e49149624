"""Watched tables, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from storage import deliveries, retention, runs, watches
from storage.records import Delivery, DeliveryKind, DeliveryState, Run, RunState, Watch, WatchEnd
from storage.times import database_now
from tests.integration.storage.test_claims import owe, seed

if TYPE_CHECKING:
    from storage.database import Database


async def watch(db: Database, run_id: str, *, table_id: str = "t1", **values: Any) -> None:
    """A finished run whose table is watched."""
    await seed(db, {"id": run_id, "state": RunState.FINISHED})
    async with db.write() as session:
        run = await session.get_one(Run, run_id)
        await watches.keep(session, [watches.New(run.id, run.workspace_id, table_id, None)])
        if values:
            await session.execute(update(Watch).where(Watch.run_id == run_id).values(**values))


async def claim(db: Database, owner: str = "me", *, lease: float = 60.0) -> list[watches.Claim]:
    async with db.write() as session:
        return await watches.claim(session, owner=owner, limit=10, lease_seconds=lease)


async def owe_preview(db: Database, run_id: str) -> None:
    async with db.write() as session:
        await watches.owe_previews(session, [run_id], new_id=lambda: f"{run_id}-preview")


async def previews(db: Database) -> list[str]:
    async with db.read() as session:
        owed = select(Delivery.run_id).where(Delivery.kind == DeliveryKind.PREVIEW)
        return list((await session.execute(owed)).scalars())


async def test_a_due_table_is_claimed_by_one_only_and_at_once(db: Database) -> None:
    await watch(db, "a")
    await watch(db, "b", table_id="t2", due_at=None)
    await watch(db, "c", table_id="t3", due_at=database_now(60))
    one, two = await asyncio.gather(claim(db, "one"), claim(db, "two"))
    assert [found.watch.run_id for found in one + two] == ["a"]
    assert (one + two)[0].workspace.id == "W"


async def test_a_lease_that_ended_is_taken_over_and_its_old_owner_writes_nothing(db: Database) -> None:
    await watch(db, "a")
    [old] = await claim(db, "old", lease=-1)
    [new] = await claim(db, "new")
    async with db.write() as session:
        with pytest.raises(runs.LeaseLostError):
            await watches.write_back(session, old.watch, rows="[]")
    async with db.write() as session:
        await watches.write_back(session, new.watch, rows="{}", due_at=None)
        found = await session.get(Watch, "a", populate_existing=True)
    assert found is not None
    assert (found.rows, found.due_at, found.lease_owner) == ("{}", None, None)


async def test_a_process_that_stops_gives_its_leases_back(db: Database) -> None:
    await watch(db, "a")
    assert await claim(db, "me/1234")
    async with db.write() as session:
        await watches.release_all(session, "me")
    assert await claim(db, "other")


async def test_a_later_run_takes_a_table_over_even_while_it_is_being_read(db: Database) -> None:
    await watch(db, "a", table="{}")
    await watch(db, "elsewhere", table_id="t2")
    [held] = [one for one in await claim(db) if one.watch.run_id == "a"]
    async with db.write() as session:
        assert await watches.pass_on(session, [("W", "t1")]) == ["a"]
        assert await watches.pass_on(session, [("W", "t1")]) == []
    async with db.write() as session:
        with pytest.raises(runs.LeaseLostError):
            await watches.write_back(session, held.watch, due_at=database_now())
        found = await session.get(Watch, "a", populate_existing=True)
    assert found is not None
    assert (found.ended, found.due_at) == (WatchEnd.PASSED_ON, None)


async def test_a_table_that_was_never_read_is_read_once_before_a_later_run_takes_it_over(
    db: Database,
) -> None:
    await watch(db, "a")
    async with db.write() as session:
        assert await watches.pass_on(session, [("W", "t1")]) == []
    await watch(db, "b")
    claims = {one.watch.run_id: one.watch for one in await claim(db)}
    assert set(claims) == {"a", "b"}
    async with db.write() as session:
        failed = watches.Read(claims["a"], due_in=0.0, attempts=1)
        assert await watches.all_read(session, [failed]) == {"a"}
    [again] = await claim(db)
    async with db.write() as session:
        both = [watches.Read(one, due_in=60.0, table="{}", rows="[]") for one in (again.watch, claims["b"])]
        assert await watches.all_read(session, both) == {"a", "b"}
    async with db.read() as session:
        found = (await session.execute(select(Watch).order_by(Watch.run_id))).scalars().all()
    assert [(one.ended, one.due_at is None, one.rows) for one in found] == [
        (WatchEnd.PASSED_ON, True, "[]"),
        (None, False, "[]"),
    ]


async def test_the_preview_is_owed_once_and_only_after_the_answer_with_rows_to_show(db: Database) -> None:
    await watch(db, "a")
    await owe(db, "a")
    await owe_preview(db, "a")
    assert await previews(db) == []
    async with db.write() as session:
        await session.execute(update(Delivery).values(ts="1.0", state=DeliveryState.SENT))
    await owe_preview(db, "a")
    assert await previews(db) == []
    async with db.write() as session:
        await session.execute(update(Watch).values(rows="{}"))
    await owe_preview(db, "a")
    await owe_preview(db, "a")
    assert await previews(db) == ["a"]


async def test_a_preview_never_comes_where_the_answer_could_not_stand(db: Database) -> None:
    await watch(db, "a", rows="{}")
    await owe(db, "a")
    async with db.write() as session:
        await session.execute(update(Delivery).values(state=DeliveryState.DROPPED))
    await owe_preview(db, "a")
    assert await previews(db) == []


async def test_the_newest_of_a_tables_watches_is_found(db: Database) -> None:
    await watch(db, "a", created_at=database_now(-60))
    await watch(db, "b")
    async with db.read() as session:
        newest = await watches.newest_of_table(session, "W", "t1")
        assert await watches.newest_of_table(session, "W", "t2") is None
        assert await watches.newest_of_table(session, "X", "t1") is None
    assert newest is not None
    assert [one.id if isinstance(one, Run) else one.run_id for one in newest] == ["b", "b"]


async def test_a_watch_goes_with_its_run(db: Database) -> None:
    await watch(db, "a")
    async with db.write() as session:
        await session.execute(update(Run).values(finished_at=database_now(-100)))
        await deliveries.revise(session, ["a"], DeliveryKind.PREVIEW)
        assert await retention.purge(session, days=0, limit=10) == 1
        assert await session.get(Watch, "a", populate_existing=True) is None
