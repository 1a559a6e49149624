"""Copies of a SQLite database, taken while it is in use and put back when it is not.

Plain ``sqlite3``: its online backup is no matter of SQL.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Progress = Callable[[int, int], None]

PAGES_AT_ONCE = 256
"""1 MB: often enough for a progress bar, seldom enough not to matter."""
LOCK_SECONDS = 2.0
"""How long a restore waits for whoever looks at the database just now."""


class CopyError(Exception):
    """The copy cannot be made; the message says why."""


def take(source: Path, target: Path, progress: Progress) -> None:
    """Copy the database as it stands at this moment, whoever writes to it meanwhile. Raises CopyError.

    ``target`` appears when it is whole and found to be sound; it must not be there yet. ``progress`` is told
    how many pages of how many are done.
    """
    if target.exists():
        raise CopyError(f"{target} is there already: choose another name, or remove it.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        # What it holds is nobody else's business: it is made readable for its owner only.
        unfinished.touch(mode=0o600)
        with _connected(source) as reading, _connected(unfinished) as writing:
            # A transaction keeps one state of the database in sight: without it every write of the bot
            # would have the copy begin anew.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _copy(reading, writing, progress)
            reading.rollback()
            writing.execute("PRAGMA journal_mode=DELETE")
            _check(writing, unfinished)
        unfinished.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise CopyError(f"{target} could not be written: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def revision_in(copy: Path) -> str | None:
    """The schema of a copy that is sound; None where it has none of our tables. Raises CopyError."""
    if not copy.is_file():
        raise CopyError(f"There is no file {copy}.")
    try:
        with _connected(copy) as reading:
            _check(reading, copy)
            found = reading.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.Error as error:
        raise CopyError(f"{copy} is not a SQLite database: {error}") from error
    return str(found[0]) if found else None


def put_back(copy: Path, target: Path, progress: Progress) -> None:
    """Make the database what the copy is, in one transaction. Raises CopyError, also while it is in use.

    It is written through SQLite's own locks: whoever comes meanwhile waits, and a restore that is killed
    leaves what was there before.
    """
    target.touch(mode=0o600)
    try:
        with _connected(copy) as reading, _connected(target) as writing:
            _alone(writing, target)
            _copy(reading, writing, progress)
    except (sqlite3.Error, OSError) as error:
        raise CopyError(f"{target} could not be written: {error}") from error


def is_empty(database: Path) -> bool:
    """Whether there is no run to be lost. Raises CopyError for what is no database of ours."""
    if not database.exists() or not database.stat().st_size:
        return True
    try:
        with _connected(database) as reading:
            return reading.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is None
    except sqlite3.Error as error:
        raise CopyError(f"{database} is not a database of this bot: {error}") from error


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _alone(connection: sqlite3.Connection, path: Path) -> None:
    """Every connection of a bot keeps the write-ahead log in use, and only its last user may end it."""
    try:
        mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        mode = str(error)
    if mode != "delete":
        raise CopyError(f"{path} is in use: stop the bot first, then try again.")


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, progress: Progress) -> None:
    source.backup(
        target,
        pages=PAGES_AT_ONCE,
        progress=lambda _status, remaining, total: progress(total - remaining, total),
    )


def _check(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise CopyError(f"{path} is damaged: {found}")
