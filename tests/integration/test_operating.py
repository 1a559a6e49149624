"""What the operator's commands refuse, each as a process of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from storage import schema
from storage.database import Database
from tests.command_line import call

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_command_says_why_it_cannot_do_what_it_was_asked(sqlite_url: str, tmp_path: Path) -> None:
    older = f"sqlite+aiosqlite:///{tmp_path}/older.sqlite3"
    db = Database(older)
    await schema.upgrade(db, to="0001")
    await db.close()
    nowhere = tmp_path / "nowhere.sqlite3"
    for url, arguments, code, words in (
        (f"sqlite:///{nowhere}", ("runs", "list"), 1, "There is no database at"),
        (older, ("workspaces", "list"), 1, "run `origami-slack migrate` first"),
        ("postgresql://u:hush@127.0.0.1:1/d", ("runs", "list"), 1, "does not answer as it should"),
        (sqlite_url, ("runs", "show", "abcdef"), 1, "There is no run abcdef"),
        (sqlite_url, ("runs", "stop", "abc"), 1, "at least 6 characters"),
        (sqlite_url, ("runs", "list", "--state", "nonsense"), 2, "is none of: open"),
        (sqlite_url, ("runs", "list", "--since", "yesterday"), 2, "is no span of time"),
    ):
        said = await call(url, *arguments)
        assert (said.code, words in " ".join(said.err.replace("│", " ").split())) == (code, True), said
        assert "hush" not in said.err
        assert "Traceback" not in said.err
    assert not nowhere.exists()


def test_a_migration_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    async def migrate() -> None:
        db = Database(f"sqlite+aiosqlite:///{tmp_path}/origami.sqlite3")
        await schema.upgrade(db, progress=lambda done, total: told.append((done, total)))
        await schema.upgrade(db, progress=lambda *_: pytest.fail("there was nothing to migrate"))
        await db.close()

    asyncio.run(migrate())
    count = len(schema.revisions())
    assert told == [(number, count) for number in range(1, count + 1)]
