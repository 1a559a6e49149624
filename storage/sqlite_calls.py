"""Where SQLite's calls run: most of them at once on the event loop, what waits for the disk beside it."""
# ruff: noqa: ANN401, SLF001  (SQLAlchemy's adapters have no types, and no public way to what they adapt)

from __future__ import annotations

import sqlite3
from collections import deque
from typing import Any

import aiosqlite
from sqlalchemy import Delete
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_
from sqlalchemy.util.concurrency import in_greenlet

WAITING = ("BEGIN IMMEDIATE", "COMMIT", "DELETE", "PRAGMA", "VACUUM")
"""They wait for another process's lock or for the disk, or may be long: purges delete by the hundred."""


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """SQLAlchemy's cursor, which goes to the driver's thread only with what waits.

    The driver makes four calls of a statement, and each is a switch of threads that costs more than the
    statement: of one accepted brief 32 switches, now two. A statement of ours is found by an index and takes
    well under a millisecond; in WAL mode no reader waits for a writer.
    """

    __slots__ = ()

    _awaitable_cursor_close = False
    _cursor: Any
    """The plain one of sqlite3."""

    def _make_new_cursor(self, connection: Any) -> Any:
        return connection._conn.cursor()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run one statement, and fetch what it returns."""
        self._run(self._cursor.execute, operation, parameters or ())
        if self._cursor.description:
            self._rows = deque(self._cursor.fetchall())

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Run one statement for many rows."""
        self._run(self._cursor.executemany, operation, seq_of_parameters)

    def _run(self, call: Any, operation: str, parameters: Any) -> None:
        try:
            if not in_greenlet():
                call(operation, parameters)
            elif operation.startswith(WAITING):
                await_(self._connection._execute(call, operation, parameters))
            else:
                # SQLAlchemy wants to see that something was awaited.
                await_(_at_once(call, operation, parameters))
        except Exception as error:  # noqa: BLE001  (it is raised again, as SQLAlchemy wants it)
            self._adapt_connection._handle_exception(error)


async def _at_once(call: Any, *arguments: Any) -> None:
    call(*arguments)


class Connection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection, with such cursors."""

    __slots__ = ()
    _cursor_cls = Cursor

    def rollback(self) -> None:
        """End a transaction: nothing has to reach the disk."""
        if self._connection._connection:
            self._connection._conn.rollback()


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """SQLAlchemy's face of the driver, as an engine's ``module``."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *address: Any, **options: Any) -> Connection:
        """Open a connection, whose calls may come from two threads, one at a time."""
        opened = super().connect(*address, **options | {"check_same_thread": False})
        return Connection(self, opened._connection)


class LoopSession(AsyncSession):
    """A session whose statements run as they are called.

    SQLAlchemy has a greenlet for each, in case it waits, and that is half of what a statement costs. Those
    that wait keep theirs, and so does the first one, which brings the connection.
    """

    async def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Run one statement."""
        if self.in_transaction() and not isinstance(statement, Delete):
            return self.sync_session.execute(statement, params, **options)
        return await super().execute(statement, params, **options)

    async def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """One record by its key, or None."""
        if self.in_transaction():
            return self.sync_session.get(entity, ident, **options)
        return await super().get(entity, ident, **options)

    async def get_one(self, entity: Any, ident: Any, **options: Any) -> Any:
        """One record by its key. Raises NoResultFound."""
        if self.in_transaction():
            return self.sync_session.get_one(entity, ident, **options)
        return await super().get_one(entity, ident, **options)
