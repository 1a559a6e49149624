"""The schema's version: whether the database is up to this version's, and bringing it there."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
NEWEST = Path(__file__).parent / "migrations" / "newest.sql"
"""What all migrations together make of an empty SQLite file: without Alembic, in a twentieth of the time."""
_VERSION = table("alembic_version", column("version_num"))


def revisions() -> list[str]:
    """Every schema that this version knows, the oldest first: the files of its migrations begin with it."""
    return sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("[0-9]*_*.py"))


async def upgrade(
    db: Database, *, to: str | None = None, progress: Callable[[int, int], None] | None = None
) -> None:
    """Bring the database to the newest schema; a no-op when it is there already, or further on.

    ``progress`` is told how many migrations of how many are done.
    """
    if await position(db) is not Position.BEHIND:
        return

    def run(connection: Connection) -> None:
        known, found = revisions(), _found(connection)
        if found is not None and found not in known:
            return
        if db.is_sqlite and to is None and progress is None and not inspect(connection).get_table_names():
            _make_newest(connection)
            return
        from storage.migrating import migrate  # noqa: PLC0415 - nearly every start does without Alembic

        if not db.is_sqlite:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        begin = 0 if found is None else known.index(found) + 1
        migrate(connection, known[begin : known.index(to or known[-1]) + 1], progress)

    async with db.engine.connect() as connection:
        if db.is_sqlite:
            await connection.execution_options(begin="BEGIN IMMEDIATE")
        await connection.run_sync(run)
        await connection.commit()


class Position(Enum):
    """Where a database's schema stands beside this version's."""

    BEHIND = auto()
    """Migrations are missing, or all of it is."""
    CURRENT = auto()
    AHEAD = auto()
    """It knows migrations that this version does not."""


async def current(db: Database) -> str | None:
    """The database's schema; None for a database without our tables."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_found)


async def position(db: Database) -> Position:
    """Where the database's schema stands."""
    found, known = await current(db), revisions()
    if found == known[-1]:
        return Position.CURRENT
    return Position.AHEAD if found is not None and found not in known else Position.BEHIND


async def is_behind(db: Database) -> bool:
    """Whether migrations are missing.

    A schema that only a newer version knows is not behind: migrations expand, so that in a rolling upgrade,
    and after going back, this version goes on working beside the newer one.
    """
    return await position(db) is Position.BEHIND


def _make_newest(connection: Connection) -> None:
    for statement in NEWEST.read_text(encoding="utf-8").split(";\n"):
        connection.exec_driver_sql(statement)


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
    return found
