"""Forgetting what has been kept long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage import inbox, leaving
from storage.dialects import among
from storage.records import Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

DAY_SECONDS = 86_400.0


async def purge(session: AsyncSession, *, days: float, limit: int) -> int:
    """Delete up to ``limit`` runs that ended more than ``days`` ago, with all that hangs on them.

    Threads go with their last run, and so do Slack's requests that can no longer come again, and
    workspaces that left long ago.
    Returns how many runs were deleted.
    """
    old = (
        select(Run.id)
        .where(Run.state == RunState.FINISHED, Run.finished_at < database_now(-days * DAY_SECONDS))
        .order_by(Run.finished_at)
        .limit(limit)
    )
    gone = (
        (await session.execute(delete(Run).where(Run.id.in_(old)).returning(Run.thread_id))).scalars().all()
    )
    if gone:
        empty = ~select(Run.id).where(Run.thread_id == Thread.id).exists()
        of_theirs = Thread.id.in_(among(session, set(gone)))
        await session.execute(
            delete(Thread).where(of_theirs, empty, Thread.created_at < database_now(-DAY_SECONDS))
        )
    await inbox.purge(session)
    await leaving.purge(session)
    return len(gone)
