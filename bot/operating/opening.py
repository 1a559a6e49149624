"""The database of the operator's commands: it must be there, and of a schema that this version knows."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot import logs
from bot.operating.refusing import OperatingError
from bot.settings import Need, Settings, SettingsError
from storage import schema
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def settings(need: Need = Need.DATABASE, **given: str | None) -> Settings:
    """The settings that a command needs, from the environment unless ``given``, and with them the logs.

    Raises OperatingError.
    """
    environ = os.environ | {name: value for name, value in given.items() if value is not None}
    try:
        found = Settings.load(environ, need=need)
    except SettingsError as error:
        raise OperatingError(str(error)) from error
    logs.configure(found)
    return found


def sqlite_file(found: Settings) -> Path | None:
    """Where the SQLite database stands; None for PostgreSQL."""
    url = make_url(found.async_database_url)
    return Path(url.database or "") if url.drivername.startswith("sqlite") else None


@contextlib.asynccontextmanager
async def opened(*, migrated: bool = False) -> AsyncIterator[Database]:
    """The database of DATABASE_URL, which is never made here, but ``migrated`` on demand.

    Raises OperatingError.
    """
    found = settings()
    file = sqlite_file(found)
    if file is not None and not file.is_file():
        raise OperatingError(f"There is no database at {file}: check DATABASE_URL, and where you call this.")
    db = Database(found.async_database_url)
    try:
        if migrated:
            await schema.upgrade(db)
        if await schema.is_behind(db):
            raise OperatingError(
                "The database's schema is not this version's: run `origami-slack migrate` first."
            )
        yield db
    except (DBAPIError, OSError) as error:
        # A driver's own words may quote the address, and the password with it.
        raise OperatingError(
            f"The database of DATABASE_URL does not answer as it should ({type(error).__name__})."
        ) from error
    finally:
        await db.close()
