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
    from sqlalchemy import Connection

    from storage.database import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def upgrade(db: Database) -> None:
    """Bring the database to the newest schema; a no-op when it is there already."""

    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

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


async def position(db: Database) -> Position:
    """Where the database's schema stands."""
    scripts = ScriptDirectory.from_config(_config())

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with db.engine.connect() as connection:
        found = await connection.run_sync(current)
    if found == scripts.get_current_head():
        return Position.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Position.AHEAD if found is not None and found not in known else Position.BEHIND


async def is_behind(db: Database) -> bool:
    """Whether migrations are missing, or the database knows newer ones than this version does."""
    return await position(db) is not Position.CURRENT
