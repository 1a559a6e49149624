"""What the many engines of one test process share, and the disk that they need not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from storage import database

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.ext.asyncio import AsyncEngine

DIALECTS = (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg)
MOST_STATEMENTS = 2_000


def share_statements(patch: pytest.MonkeyPatch) -> None:
    """Compile each statement once in a process, and not anew for the engine of each test.

    Compiling is a third of what a test costs. What is compiled is kept under its dialect, which each engine
    makes anew and in the same way.
    """
    make = database.create_async_engine
    kept: dict[str, LRUCache[Any, Any]] = {}

    def sharing(url: str, **options: Any) -> AsyncEngine:
        engine = make(url, **options)
        name = engine.dialect.name
        engine.sync_engine._compiled_cache = kept.setdefault(name, LRUCache(MOST_STATEMENTS))
        return engine

    patch.setattr(database, "create_async_engine", sharing)
    for dialect in DIALECTS:
        patch.setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(dialect, "__hash__", lambda one: hash(type(one)))


def trust_the_disk(patch: pytest.MonkeyPatch) -> None:
    """No test takes the machine's power away: SQLite need not wait for the disk."""
    prepare = database._prepare_sqlite

    def trusting(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.cursor().execute("PRAGMA synchronous=OFF")

    patch.setattr(database, "_prepare_sqlite", trusting)
