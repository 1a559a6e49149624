"""What has been spent in the last minute, counted once for all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.dialects import insert
from storage.records import Budget
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

UPDATES = "slack-updates:"
"""With a workspace's id behind it, the name of its allowance of changed messages."""
WINDOW_SECONDS = 61.0
"""A minute and the second that its oldest bucket may still cover."""


async def spend(
    session: AsyncSession, name: str, *, want: int, ceiling: int, all_or_none: bool = False
) -> int:
    """Take up to ``want`` from what is left below ``ceiling`` a minute; returns how many were granted.

    With ``all_or_none`` it is ``want`` or nothing.

    A sliding window of one-second buckets by the database's clock, its row locked until the
    caller's transaction ends.
    """
    await session.execute(insert(session, Budget).values(name=name, spent=[]).on_conflict_do_nothing())
    locked = select(Budget.spent, database_now()).where(Budget.name == name).with_for_update()
    spent, now = (await session.execute(locked)).one()
    second = float(int(now.timestamp()))
    pairs = list(zip(spent[::2], spent[1::2], strict=True))
    buckets = {at: count for at, count in pairs if at > second - WINDOW_SECONDS}
    granted = max(0, min(want, ceiling - int(sum(buckets.values()))))
    if all_or_none and granted < want:
        return 0
    if granted:
        buckets[second] = buckets.get(second, 0) + granted
        flat = [number for pair in sorted(buckets.items()) for number in pair]
        await session.execute(update(Budget).where(Budget.name == name).values(spent=flat))
    return granted
