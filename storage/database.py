"""The engine and its transactions, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage import sqlite_calls
from storage.shared_commits import SharedCommits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

BUSY_TIMEOUT_MS = 10_000


class Database:
    """Sessions on one database.

    ``url`` is SQLAlchemy's async form: ``sqlite+aiosqlite:///…`` or ``postgresql+psycopg://…``.
    On SQLite one writer at a time is let in, in order of arrival: its own lock is polled, which
    costs more than waiting for one's turn here. Those who wait together share a commit.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine = _engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._shared = SharedCommits(self.engine) if self.is_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when the block ends well and rolls back when it raises."""
        if self._shared is not None:
            async with self._shared.session() as session:
                yield session
            return
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only; what it changes is thrown away."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    async def ping(self) -> None:
        """Raise whatever keeps the database from answering."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        if self._shared is not None:
            await self._shared.close()
        await self.engine.dispose()


def _engine(url: str, pool_size: int) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    engine = create_async_engine(url, connect_args={"async_creator_fn": sqlite_calls.connect})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  (the driver's own class)
    # The driver's own transaction handling begins too late (at the first write); ours is in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
