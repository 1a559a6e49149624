"""SQLite's writers share commits: each fails alone, and none is told that it is kept before it is."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from storage import inbox, shared_commits
from storage.database import Database
from storage.records import InboxEntry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


class Refused(Exception):
    pass


async def write(db: Database, key: str, *, fails: bool = False) -> bool:
    async with db.write() as session:
        first = await inbox.first_time(session, key)
        if fails:
            raise Refused(key)
        return first


async def kept(db: Database) -> int:
    async with db.read() as session:
        return (await session.execute(select(func.count()).select_from(InboxEntry))).scalar_one()


async def test_writers_in_line_share_commits(sqlite: Database) -> None:
    begun: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            begun.append(statement)

    event.listen(sqlite.engine.sync_engine, "before_cursor_execute", note)
    await asyncio.gather(*(write(sqlite, f"k{number}") for number in range(50)))
    assert await kept(sqlite) == 50
    assert 0 < len(begun) < 25


async def test_what_raises_is_undone_alone(sqlite: Database) -> None:
    writers = [write(sqlite, f"k{number}", fails=number % 3 == 0) for number in range(30)]
    found = await asyncio.gather(*writers, return_exceptions=True)
    assert [isinstance(one, Refused) for one in found] == [number % 3 == 0 for number in range(30)]
    assert await kept(sqlite) == 20


async def test_a_lone_writer_that_raises_leaves_nothing(sqlite: Database) -> None:
    with pytest.raises(Refused):
        await write(sqlite, "k", fails=True)
    assert await kept(sqlite) == 0
    assert await write(sqlite, "k")


async def test_a_redelivery_in_the_same_commit_is_one(sqlite: Database) -> None:
    assert sorted(await asyncio.gather(*(write(sqlite, "same") for _ in range(10)))) == [False] * 9 + [True]


async def test_whoever_gives_up_in_line_or_at_work_holds_nobody_up(sqlite: Database) -> None:
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        async with sqlite.write() as session:
            await inbox.first_time(session, "long")
            at_work.set()
            await go_on.wait()

    working = asyncio.create_task(long())
    await at_work.wait()
    waiting = asyncio.create_task(write(sqlite, "waiting"))
    last = asyncio.create_task(write(sqlite, "last"))
    await asyncio.sleep(0)
    waiting.cancel()
    working.cancel()
    assert await last
    assert await kept(sqlite) == 1


async def test_everybody_is_told_when_the_commit_that_they_share_fails(sqlite: Database) -> None:
    def refuse(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(sqlite.engine.sync_engine, "commit", refuse)
    found = await asyncio.gather(
        *(write(sqlite, f"k{number}") for number in range(5)), return_exceptions=True
    )
    assert [type(one) for one in found] == [OperationalError] * 5
    event.remove(sqlite.engine.sync_engine, "commit", refuse)
    assert await kept(sqlite) == 0
    assert await write(sqlite, "k0")


async def test_the_patient_let_others_go_first_and_come_to_their_turn(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_commits, "PATIENCE_SECONDS", 60.0)  # on a busy machine 0.1 s are soon over
    done: list[str] = []

    async def nobody_waits() -> None:
        pass

    async def work(db: Database, name: str) -> None:
        async with db.write() as session:
            await inbox.first_time(session, name)
        done.append(name)

    patient = sqlite.behind(nobody_waits)
    async with sqlite.write() as session:
        await inbox.first_time(session, "at work")
        background = [asyncio.create_task(work(patient, f"background {n}")) for n in range(20)]
        await asyncio.sleep(0)
        requests = [asyncio.create_task(work(sqlite, f"request {n}")) for n in range(5)]
        await asyncio.sleep(0)
    await asyncio.gather(*background, *requests)
    assert set(done[:5]) == {f"request {n}" for n in range(5)}
    assert await kept(sqlite) == 26
