"""SQLite's statements run on the event loop; what may wait for another process does not hold the loop up."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3

from storage import inbox
from storage.database import Database


async def test_the_loop_goes_on_while_another_process_holds_the_lock(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    with contextlib.closing(sqlite3.connect(sqlite_url.partition(":///")[2], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def write() -> bool:
            async with db.write() as session:
                return await inbox.first_time(session, "k")

        writing = asyncio.create_task(write())
        done, _ = await asyncio.wait({writing}, timeout=0.05)
        assert not done
        other.execute("COMMIT")
    assert await writing
    await db.close()
