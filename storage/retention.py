"""Forgetting what has been kept long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, delete, select

from storage import audit, inbox, leaving
from storage.records import Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

DAY_SECONDS = 86_400.0
ACTS_A_RUN = 5
"""So many acts may go with one run, or they would pile up."""


async def purge(session: AsyncSession, *, days: float, limit: int) -> int:
    """Delete up to ``limit`` runs that ended more than ``days`` ago, with all that hangs on them.

    Threads go with their last run, and so do what people did so long ago, Slack's requests that can no
    longer come again, and workspaces that left long ago.
    Returns how many runs were deleted.
    """
    old = (
        select(Run.id)
        .where(Run.state == RunState.FINISHED, Run.finished_at < database_now(-days * DAY_SECONDS))
        .limit(limit)
    )
    gone = cast("CursorResult[Any]", await session.execute(delete(Run).where(Run.id.in_(old))))
    if gone.rowcount:
        empty = ~select(Run.id).where(Run.thread_id == Thread.id).exists()
        await session.execute(delete(Thread).where(empty, Thread.created_at < database_now(-DAY_SECONDS)))
    await inbox.purge(session)
    await leaving.purge(session)
    await audit.purge(session, days=days, limit=ACTS_A_RUN * limit)
    return int(gone.rowcount)
