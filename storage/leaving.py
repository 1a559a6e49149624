"""A workspace leaves: what goes on ends at once, and what was kept goes when its time has come."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, delete, literal, select, tuple_, update

from storage import budgets
from storage.conflicts import despite_deadlocks
from storage.dialects import table_of
from storage.records import (
    OPEN_STATES,
    Budget,
    Delivery,
    DeliveryState,
    Export,
    ExportState,
    OurStatus,
    Run,
    RunState,
    Schedule,
    ScheduleState,
    Thread,
    Watch,
    Workspace,
)
from storage.records.base import Base
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

DAY_SECONDS = 86_400.0
KEEP_DAYS = 30
"""For so long a workspace that has left finds its history again when it comes back."""
BATCH = 50
"""Threads, or rows of another kind, in one transaction, with all that hangs on them."""
_THREADS = table_of(Thread)
HANGING = (
    _THREADS,
    *(table for table in Base.metadata.sorted_tables if "workspace_id" in table.c and table is not _THREADS),
)
"""What belongs to a workspace: threads first, with whose runs most of the rest goes."""
REASON: dict[str, Any] = {"code": "APP_REMOVED"}
FREE: dict[str, Any] = {"due_at": None, "lease_owner": None, "lease_until": None}


async def agents_at_work(session: AsyncSession, workspace_id: str) -> Sequence[str]:
    """Origami's ids of the agents that have a run of the workspace going."""
    statement = select(Run.agent_id).where(
        Run.workspace_id == workspace_id, Run.state == RunState.RUNNING, Run.agent_id.is_not(None)
    )
    return [str(agent_id) for agent_id in (await session.execute(statement)).scalars()]


async def leave(session: AsyncSession, workspace_id: str) -> bool:
    """End everything that goes on in a workspace and delete its Origami key; False if it had left before."""
    # Not against what is inserted meanwhile by somebody who holds one of the rows that end below.
    locked = select(Workspace).where(Workspace.id == workspace_id).with_for_update(key_share=True)
    # Read anew under the lock: two words of one removal may come at once, and the caller has read it before.
    read = await session.execute(locked.execution_options(populate_existing=True))
    workspace = read.scalar_one_or_none()
    if workspace is None or workspace.left_at is not None:
        return False
    workspace.sealed_key, workspace.key_refused_at = None, None
    runs = update(Run).where(Run.workspace_id == workspace_id, Run.state.in_(OPEN_STATES))
    ended = {"state": RunState.FINISHED, "status": OurStatus.CANCELLED, "reason": REASON}
    owed = update(Delivery).where(
        Delivery.workspace_id == workspace_id,
        Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)),
    )
    files = update(Export).where(Export.workspace_id == workspace_id, Export.state == ExportState.PENDING)
    recurring = update(Schedule).where(
        Schedule.workspace_id == workspace_id, Schedule.state == ScheduleState.ACTIVE
    )
    for statement in (
        runs.values(**ended, **FREE, finished_at=database_now()),
        owed.values(state=DeliveryState.DROPPED, dropped_reason=REASON["code"], lease_until=None),
        files.values(state=ExportState.FAILED, reason=REASON, **FREE),
        recurring.values(state=ScheduleState.PAUSED, paused_reason=REASON, next_at=None),
        update(Watch).where(Watch.workspace_id == workspace_id).values(**FREE),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    await session.execute(
        update(Workspace).where(Workspace.id == workspace_id).values(left_at=database_now())
    )
    return True


async def forget(db: Database, workspace_id: str) -> None:
    """Delete a workspace with all that hangs on it, a little at a time; begun again, it goes on.

    The workspace's own row is the last, when next to nothing hangs on it: others insert beside it meanwhile.
    """
    for table in HANGING:
        while await despite_deadlocks(partial(_forget_rows, db, table, workspace_id)):
            pass

    async def rest() -> None:
        async with db.write() as session:
            await _forget_rest(session, Workspace.id == workspace_id)

    await despite_deadlocks(rest)


async def _forget_rows(db: Database, table: Table, workspace_id: str) -> int:
    key = tuple_(*table.primary_key)
    some = select(*table.primary_key).where(table.c.workspace_id == workspace_id).limit(BATCH)
    async with db.write() as session:
        gone = await session.execute(delete(table).where(key.in_(some)))
    return cast("CursorResult[Any]", gone).rowcount


async def purge(session: AsyncSession, *, limit: int) -> int:
    """Delete up to ``limit`` threads of workspaces that left longer ago than they may come back, then those.

    Returns how many threads were deleted.
    """
    term = database_now(-KEEP_DAYS * DAY_SECONDS)
    late = select(Workspace.id).where(Workspace.left_at < term)
    gone = await _forget_some(session, Thread.workspace_id.in_(late), limit)
    if gone < limit:
        await _forget_rest(session, Workspace.left_at < term)
    return gone


async def _forget_some(session: AsyncSession, which: ColumnElement[bool], limit: int) -> int:
    some = select(Thread.id).where(which).limit(limit)
    gone = await session.execute(delete(Thread).where(Thread.id.in_(some)))
    return cast("CursorResult[Any]", gone).rowcount


async def _forget_rest(session: AsyncSession, which: ColumnElement[bool]) -> None:
    allowances = select(literal(budgets.UPDATES).concat(Workspace.id)).where(which)
    await session.execute(delete(Budget).where(Budget.name.in_(allowances)))
    await session.execute(delete(Workspace).where(which))
