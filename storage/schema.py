"""The schema's version: migrations by Alembic, and whether the database is up to them."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from sqlalchemy import Connection

    from storage.database import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def revisions() -> list[str]:
    """Every schema that this version knows, the oldest first."""
    return [script.revision for script in reversed(list(_script().walk_revisions()))]


def migration(revision: str) -> ModuleType:
    """The migration that leads to a schema."""
    script = _script().get_revision(revision)
    assert script is not None
    return script.module


async def upgrade(
    db: Database, *, to: str | None = None, progress: Callable[[int, int], None] | None = None
) -> None:
    """Bring the database to the newest schema; a no-op when it is there already, or further on.

    ``progress`` is told how many migrations of how many are done.
    """

    def run(connection: Connection) -> None:
        known = revisions()
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and found not in known:
            return
        config = _config()
        config.attributes["connection"] = connection
        if not db.is_sqlite:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        begin = 0 if found is None else known.index(found) + 1
        wanted = known[begin : known.index(to or known[-1]) + 1]
        for number, revision in enumerate(wanted, start=1):
            command.upgrade(config, revision)
            if progress is not None:
                progress(number, len(wanted))

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

    def read(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with db.engine.connect() as connection:
        return await connection.run_sync(read)


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
