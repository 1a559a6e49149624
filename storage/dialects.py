"""The one place where SQLite's and PostgreSQL's SQL differ in how it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Base


def table_of(record: type[Base]) -> Table:
    """A record's bare table: its statements go without the work of the ORM, which costs as much again."""
    return cast("Table", record.__table__)


def dialect(session: AsyncSession) -> str:
    """Which database it is: ``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def insert_into(name: str, record: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT for a statement that is made once and kept: into the bare table, without the ORM."""
    make = sqlite.insert if name == "sqlite" else postgresql.insert
    return make(table_of(record))


def insert(session: AsyncSession, record: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ``on_conflict_do_nothing``."""
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(record)
