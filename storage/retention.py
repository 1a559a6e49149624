"""Forgetting what has been kept long enough, a little at a time: a transaction must not hold up an ack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage import audit, inbox, installations, leaving
from storage.records import Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

DAY_SECONDS = 86_400.0
BATCH = 50
"""Runs in one transaction, which holds SQLite's one writer: 1 to 3 ms each, on a very busy machine."""
MOST_BATCHES = 500
"""At one time; what is left then waits for the next."""
ACTS = 500
"""In one transaction: nothing hangs on them."""


async def purge_all(db: Database, *, days: float) -> int:
    """Forget all that is due, in transactions of their own; returns how many runs that were."""
    total = 0
    for _ in range(MOST_BATCHES):
        async with db.write() as session:
            gone = await purge(session, days=days, limit=BATCH)
        total += gone
        if gone < BATCH:
            break
    for _ in range(MOST_BATCHES):
        async with db.write() as session:
            if await audit.purge(session, days=days, limit=ACTS) < ACTS:
                break
    return total


async def purge(session: AsyncSession, *, days: float, limit: int) -> int:
    """Delete up to ``limit`` runs that ended more than ``days`` ago, with all that hangs on them.

    Threads go with their last run, and so do Slack's requests that can no longer come again, installations
    that were never finished, and workspaces that left long ago.
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
    await _forget_empty(session, set(gone))
    if len(gone) == limit:
        return limit
    await inbox.purge(session)
    await installations.purge_states(session)
    return len(gone) + await leaving.purge(session, limit=limit - len(gone))


async def _forget_empty(session: AsyncSession, thread_ids: set[str]) -> None:
    """Delete those of the threads that have no run left."""
    # Locked first, and then looked at: a reply that comes into one just now keeps it.
    locked = select(Thread.id).where(Thread.id.in_(thread_ids)).order_by(Thread.id).with_for_update()
    known = (await session.execute(locked)).scalars().all()
    has_runs = select(Run.id).where(Run.thread_id == Thread.id).exists()
    await session.execute(delete(Thread).where(Thread.id.in_(known), ~has_runs))
