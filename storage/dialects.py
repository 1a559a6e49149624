"""The one place where SQLite's and PostgreSQL's SQL differ in how it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Base


def insert(session: AsyncSession, record: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ``on_conflict_do_nothing``."""
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(record)


async def alone(session: AsyncSession, name: str) -> None:
    """From here to the end of a writing transaction nobody else is past this point with the same name.

    On SQLite one writer at a time is let in anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
