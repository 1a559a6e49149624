"""Queries about runs that end, many at once: a colleague's runs end when ours do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Integer, Text, func, select, update

from storage.dialects import among, rows
from storage.records import OPEN_STATES, RUN_IS_OPEN, Run, RunState, Thread, Workspace
from storage.runs import Claim
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended; numbers that are None stay as they were."""

    run_id: str
    status: str
    reason: dict[str, Any] | None = None
    result: str | None = None
    """Origami's final run, as JSON."""
    steps_completed: int | None = None
    steps_max: int | None = None
    leads_added: int | None = None


async def write(session: AsyncSession, endings: Sequence[Ending], *, owner: str) -> set[str]:
    """End leased runs; returns the ids of those that were still ours and open."""
    given = [
        {
            "id": one.run_id,
            "status": one.status,
            "reason": one.reason,
            "result": one.result,
            "completed": one.steps_completed,
            "most": one.steps_max,
            "leads": one.leads_added,
        }
        for one in endings
    ]
    new = rows(
        session,
        given,
        id=Text(),
        status=Text(),
        reason=JSON(),
        result=Text(),
        completed=Integer(),
        most=Integer(),
        leads=Integer(),
    ).c
    statement = (
        update(Run)
        .where(Run.id == new.id, Run.lease_owner == owner, Run.state.in_(OPEN_STATES))
        .values(
            state=RunState.FINISHED,
            status=new.status,
            reason=new.reason,
            result=new.result,
            finished_at=database_now(),
            due_at=None,
            lease_owner=None,
            lease_until=None,
            steps_completed=func.coalesce(new.completed, Run.steps_completed),
            steps_max=func.coalesce(new.most, Run.steps_max),
            leads_added=func.coalesce(new.leads, Run.leads_added),
        )
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    return set((await session.execute(statement)).scalars())


async def claims(session: AsyncSession, run_ids: Collection[str]) -> dict[str, Claim]:
    """The whole of these runs, with their threads and workspaces, by the run's id."""
    statement = (
        select(Run, Thread, Workspace)
        .join(Thread, Thread.id == Run.thread_id)
        .join(Workspace, Workspace.id == Run.workspace_id)
        .where(Run.id.in_(among(session, run_ids)))
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(statement)).all()
    return {run.id: Claim(run, thread, workspace) for run, thread, workspace in found}


async def busy_threads(session: AsyncSession, thread_ids: Collection[str]) -> set[str]:
    """Those of the threads in which a run is open."""
    statement = select(Run.thread_id).where(
        Run.thread_id.in_(among(session, thread_ids)), Run.state.in_(OPEN_STATES)
    )
    return set((await session.execute(statement)).scalars())


async def with_a_line(session: AsyncSession, workspace_ids: Collection[str]) -> list[str]:
    """Those of the workspaces in which runs wait, in the order in which everybody takes them."""
    statement = (
        select(Run.workspace_id)
        .where(Run.workspace_id.in_(among(session, workspace_ids)), RUN_IS_OPEN, Run.state == RunState.QUEUED)
        .distinct()
        .order_by(Run.workspace_id)
    )
    return list((await session.execute(statement)).scalars())
