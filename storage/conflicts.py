"""Transactions that were rolled back for what others did at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

R = TypeVar("R")

DEADLOCK, FOREIGN_KEY = "40P01", "23503"
"""PostgreSQL's SQLSTATEs."""
MOST_TRIES = 20
"""PostgreSQL sees a deadlock after a second: whoever loses so often waits for something else."""


def is_deadlock(error: BaseException) -> bool:
    """Whether PostgreSQL let the other of two transactions that waited for each other go on."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == DEADLOCK


def was_deleted(error: BaseException) -> bool:
    """Whether it failed since what it builds on was deleted beside it, or was just being deleted."""
    if isinstance(error, StaleDataError | NoResultFound):
        return True
    if not isinstance(error, DBAPIError):
        return False
    codes = {getattr(error.orig, name, None) for name in ("sqlstate", "sqlite_errorname")}
    return is_deadlock(error) or bool(codes & {FOREIGN_KEY, "SQLITE_CONSTRAINT_FOREIGNKEY"})


async def despite_deadlocks(transaction: Callable[[], Awaitable[R]]) -> R:
    """Do it, and again where it was rolled back for a deadlock: each time somebody else has got on.

    Raises the deadlock of the last of MOST_TRIES.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return await transaction()
        except DBAPIError as error:
            if not is_deadlock(error):
                raise
    return await transaction()
