"""The engine and its transactions, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import copy
import time
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage import sqlite_calls
from storage.shared_commits import SharedCommits
from storage.sqlite_calls import LoopSession

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import Self

    from sqlalchemy import Connection, Dialect
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 10_000
PING_AFTER_SECONDS = 1.0
"""A connection that has rested for so long is asked whether it still lives before it is used."""
POOL_SIZE = 10
"""Connections that are kept open; as many again are opened at need."""
WAIT_SECONDS = 10
"""For a connection, new or from the pool."""
STATEMENT_MS = 60_000
"""Ours, on PostgreSQL: the slowest of ours take a few seconds. Migrations have none."""
IDLE_MS = 60_000
"""Ours: a process that has stopped in the middle of a transaction must not hold its locks."""


class Database:
    """Sessions on one database.

    ``url`` is SQLAlchemy's async form: ``sqlite+aiosqlite:///…`` or ``postgresql+psycopg://…``.
    On SQLite one writer at a time is let in, in order of arrival: its own lock is polled, which
    costs more than waiting for one's turn here. Those who wait together share a commit.
    """

    def __init__(self, url: str, *, pool_size: int = POOL_SIZE) -> None:
        self.engine = _engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._shared = SharedCommits(self.engine) if self.is_sqlite else None
        self._session = LoopSession if self.is_sqlite else AsyncSession
        self.turn: Callable[[], Awaitable[None]] | None = None
        self.room: asyncio.Semaphore | nullcontext[None] = nullcontext()

    def behind(self, turn: Callable[[], Awaitable[None]]) -> Self:
        """The same database for work that others go before: each session waits for its ``turn`` first.

        SQLite: others overtake it in the writers' line. PostgreSQL: it leaves them half of the connections.
        """
        patient = copy.copy(self)
        patient.turn = turn
        if not self.is_sqlite:
            patient.room = asyncio.Semaphore(POOL_SIZE)
        return patient

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when the block ends well and rolls back when it raises."""
        async with self.room:
            if self.turn is not None:
                await self.turn()
            if self._shared is not None:
                async with self._shared.session(patient=self.turn is not None) as session:
                    yield session
                return
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session
                await session.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only; what it changes is thrown away."""
        async with self.room:
            if self.turn is not None:
                await self.turn()
            async with self._session(self.engine, expire_on_commit=False) as session:
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
    # An error's text would otherwise quote the statement's values: prompts, and sealed keys.
    if not url.startswith("sqlite"):
        server = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=WAIT_SECONDS,
            hide_parameters=True,
            # The last one notices a server that is gone without a word.
            connect_args={"connect_timeout": WAIT_SECONDS, "tcp_user_timeout": STATEMENT_MS},
        )
        event.listen(server.sync_engine, "connect", _prepare_postgresql)
        event.listen(server.sync_engine, "checkin", _note_when)
        event.listen(server.sync_engine, "checkout", partial(_ping_after_a_rest, server.dialect))
        event.listen(server.sync_engine, "handle_error", _keep_rows_out)
        return server
    engine = create_async_engine(url, hide_parameters=True, module=sqlite_calls.Driver())
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _keep_rows_out(context: ExceptionContext) -> None:
    """PostgreSQL's DETAIL quotes the row at fault, and it would stand in the log: keep the first line."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _note_when(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rested_since"] = time.monotonic()


def _ping_after_a_rest(
    dialect: Dialect, connection: DBAPIConnection | None, record: ConnectionPoolEntry, _proxy: object
) -> None:
    # The pool's own pre-ping asks before each transaction: at full load a sixth of all that is asked.
    rested = time.monotonic() - record.info.get("rested_since", time.monotonic())
    if connection is None or rested < PING_AFTER_SECONDS:
        return
    try:
        alive = dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error
    if not alive:
        raise DisconnectionError


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


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401  (the driver's own class)
    # Not with the connection's options: poolers such as PgBouncer refuse those.
    cursor = connection.cursor()
    cursor.execute(f"SET statement_timeout = {STATEMENT_MS}")
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
    cursor.close()
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
