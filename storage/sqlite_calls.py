"""Where SQLite's calls run: most of them at once on the event loop, what waits for the disk beside it."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

WAITING = ("BEGIN IMMEDIATE", "COMMIT", "DELETE", "PRAGMA", "VACUUM")
"""They wait for another process's lock or for the disk, or may be long: purges delete by the hundred."""
CHUNK_ROWS = 64


class Connection(aiosqlite.Connection):
    """A connection that goes to its thread only with what waits.

    The driver makes four calls of a statement, and each is a switch of threads that costs more than the
    statement: of one accepted brief 32 switches, now two. A statement of ours is found by an index and takes
    well under a millisecond; in WAL mode no reader waits for a writer.
    """

    async def _execute(self, fn: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:  # noqa: ANN401
        name = getattr(fn, "__name__", "")
        begins = name == "execute" and args[0].lstrip().startswith(WAITING)
        waits = begins or (name in {"commit", "close"} and fn.__self__ is self._connection)  # type: ignore[attr-defined]
        if waits or not self._running or self._connection is None:
            return cast("Result", await super()._execute(fn, *args, **kwargs))  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)


def connect(database: str, **options: Any) -> Connection:  # noqa: ANN401  (the driver's own)
    """A connection for SQLAlchemy's ``async_creator_fn``, to be awaited."""
    opened = partial(sqlite3.connect, database, **options | {"check_same_thread": False})
    connection = Connection(opened, CHUNK_ROWS)
    connection._thread.daemon = True  # noqa: SLF001  (as SQLAlchemy itself does: nobody waits for it at the end)
    return connection
