"""Queries of polling, the most frequent work: many runs a statement, and of each only what a poll needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Float, Integer, Text, and_, case, func, or_, select, update

from storage.dialects import among, rows
from storage.records import RUN_IS_OPEN, Run, RunState, Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


class Poll(NamedTuple):
    """A leased run as its poll needs it; ``due_in`` is in seconds, below 0 for one that is late."""

    id: str
    agent_id: str
    origami_run_id: str
    attempts: int
    steps_completed: int
    started_at: datetime | None
    answered_at: datetime | None
    stop_requested_at: datetime | None
    cancelled_at: datetime | None
    due_in: float
    workspace: Workspace

    @property
    def to_be_cancelled(self) -> bool:
        """Whether Stop was pressed and Origami does not know yet."""
        return self.stop_requested_at is not None and self.cancelled_at is None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll of a run that goes on leaves: when it is due again, and what has changed."""

    id: str
    due_in: float
    attempts: int | None = None
    steps_completed: int | None = None
    steps_max: int | None = None
    answered: bool = False
    cancelled: bool = False


async def claim(
    session: AsyncSession, *, owner: str, limit: int, lease_seconds: float, ahead: float = 0.0
) -> list[Poll]:
    """Lease up to ``limit`` running runs that are due within ``ahead`` seconds, the longest due first."""
    due = (
        select(Run.id)
        .where(
            RUN_IS_OPEN,
            Run.state == RunState.RUNNING,
            Run.due_at <= database_now(ahead),
            or_(Run.lease_until.is_(None), Run.lease_until < database_now()),
        )
        .order_by(Run.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Run)
        .where(Run.id.in_(due))
        .values(lease_owner=owner, lease_until=database_now(lease_seconds))
        .returning(
            Run.workspace_id,
            Run.due_at,
            database_now(),
            Run.id,
            Run.agent_id,
            Run.origami_run_id,
            Run.attempts,
            Run.steps_completed,
            Run.started_at,
            Run.answered_at,
            Run.stop_requested_at,
            Run.cancelled_at,
        )
        .execution_options(synchronize_session=False)
    )
    leased = (await session.execute(statement)).all()
    if not leased:
        return []
    ids = {row[0] for row in leased}
    found = (await session.execute(select(Workspace).where(Workspace.id.in_(among(session, ids))))).scalars()
    workspaces = {workspace.id: workspace for workspace in found}
    polls = [
        Poll._make((*facts, (due_at - now).total_seconds(), workspaces[workspace_id]))
        for workspace_id, due_at, now, *facts in leased
        if due_at is not None
    ]
    return sorted(polls, key=lambda poll: poll.due_in)


async def write_back(session: AsyncSession, polled: Sequence[Polled], *, owner: str) -> set[str]:
    """End the leases, each run with what its poll found; returns the ids of those that were still ours."""
    found = rows(
        session,
        [
            {
                "id": one.id,
                "due_in": one.due_in,
                "attempts": one.attempts,
                "completed": one.steps_completed,
                "most": one.steps_max,
                "answered": int(one.answered),
                "cancelled": int(one.cancelled),
            }
            for one in polled
        ],
        id=Text(),
        due_in=Float(),
        attempts=Integer(),
        completed=Integer(),
        most=Integer(),
        answered=Integer(),
        cancelled=Integer(),
    ).c
    # Stop was pressed while we were asking: the next poll brings it to Origami at once.
    stop_waits = and_(Run.stop_requested_at.is_not(None), Run.cancelled_at.is_(None), found.cancelled == 0)
    statement = (
        update(Run)
        .where(Run.id == found.id, Run.lease_owner == owner, Run.state == RunState.RUNNING)
        .values(
            due_at=case((stop_waits, database_now()), else_=database_now(found.due_in)),
            attempts=func.coalesce(found.attempts, Run.attempts),
            steps_completed=func.coalesce(found.completed, Run.steps_completed),
            steps_max=func.coalesce(found.most, Run.steps_max),
            answered_at=case((found.answered == 1, database_now()), else_=Run.answered_at),
            cancelled_at=case((found.cancelled == 1, database_now()), else_=Run.cancelled_at),
            lease_owner=None,
            lease_until=None,
        )
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    return set((await session.execute(statement)).scalars())
