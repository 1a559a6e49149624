"""The schema's version: migrations by Alembic, and whether the database is up to them."""

from __future__ import annotations

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
        if not db.is_sqlite:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        command.upgrade(config, "head")

    async with db.engine.connect() as connection:
        if db.is_sqlite:
            await connection.execution_options(begin="BEGIN IMMEDIATE")
        await connection.run_sync(run)
        await connection.commit()


async def is_behind(db: Database) -> bool:
    """Whether migrations are missing, or the database knows newer ones than this version does."""
    head = ScriptDirectory.from_config(_config()).get_current_head()

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with db.engine.connect() as connection:
        return await connection.run_sync(current) != head
