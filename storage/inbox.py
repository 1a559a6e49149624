"""Which of Slack's requests have had their effect."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from storage.dialects import dialect, insert_into, table_of
from storage.records import InboxEntry
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningInsert

KEEP_SECONDS = 25 * 3600.0
"""Slack may redeliver hourly for 24 hours when an app asks for delayed events."""


async def first_time(session: AsyncSession, key: str) -> bool:
    """Claim a request in the caller's transaction; False when its effect is already committed.

    The claim and the effect commit together: a request whose first delivery died half-way
    left no claim, and its redelivery is worked in full.
    """
    return bool(await first_times(session, [key]))


async def first_times(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """The same for many requests: those of them whose effect is not committed yet."""
    if not keys:
        return set()
    # In one order for everybody: two processes may wait for each other's claims, but not in a circle.
    claims = [{"key": key} for key in sorted(set(keys))]
    return set((await session.execute(_claim(dialect(session)), claims)).scalars())


@cache
def _claim(name: str) -> ReturningInsert[Any]:
    return (
        insert_into(name, InboxEntry)
        .values(expires_at=database_now(KEEP_SECONDS))
        .on_conflict_do_nothing()
        .returning(table_of(InboxEntry).c.key)
    )


async def purge(session: AsyncSession) -> None:
    """Forget what Slack can no longer redeliver."""
    await session.execute(delete(InboxEntry).where(InboxEntry.expires_at < database_now()))
