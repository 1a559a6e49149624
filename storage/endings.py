"""Queries about runs that end, many at once: a colleague's runs end when ours do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Integer, Text, bindparam, exists, func, literal_column, select, update
from sqlalchemy.orm import aliased

from storage.dialects import dialect, listed, packed, rows_in, table_of
from storage.records import OPEN_STATES, Run, RunState, Thread, Workspace
from storage.runs import Claim
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningUpdate


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
    named = {"rows": packed(given), "owner": owner, "runs": [one.run_id for one in endings]}
    return set((await session.execute(_endings(dialect(session)), named)).scalars())


@cache
def _endings(kind: str) -> ReturningUpdate[Any]:
    kept = table_of(Run)
    new = rows_in(
        kind,
        bindparam("rows", type_=Text),
        id=Text(),
        status=Text(),
        reason=JSON(),
        result=Text(),
        completed=Integer(),
        most=Integer(),
        leads=Integer(),
    ).c
    return (
        update(kept)
        .where(
            listed(kind, kept.c.id, "runs"),
            kept.c.id == new.id,
            kept.c.lease_owner == bindparam("owner"),
            kept.c.state.in_(OPEN_STATES),
        )
        .values(
            state=RunState.FINISHED,
            status=new.status,
            reason=new.reason,
            result=new.result,
            finished_at=database_now(),
            due_at=None,
            lease_owner=None,
            lease_until=None,
            steps_completed=func.coalesce(new.completed, kept.c.steps_completed),
            steps_max=func.coalesce(new.most, kept.c.steps_max),
            leads_added=func.coalesce(new.leads, kept.c.leads_added),
        )
        .returning(kept.c.id)
    )


@dataclass(frozen=True, slots=True)
class Over:
    """A run that was just ended, and who waited for that."""

    claim: Claim
    thread_is_busy: bool
    """Whether another run of its thread is open."""
    line_waits: bool
    """Whether runs of its workspace wait."""


async def read(session: AsyncSession, run_ids: Collection[str]) -> dict[str, Over]:
    """The whole of these runs, with their threads and workspaces, by the run's id."""
    found = await session.execute(_over(dialect(session)), {"runs": run_ids})
    return {
        run.id: Over(Claim(run, thread, workspace), bool(busy), bool(waits))
        for run, thread, workspace, busy, waits in found
    }


@cache
def _over(kind: str) -> Select[Run, Thread, Workspace, bool, bool]:
    beside, behind = aliased(Run), aliased(Run)
    busy = exists().where(beside.thread_id == Run.thread_id, beside.state.in_(OPEN_STATES))
    # The second condition is the partial index's own: see RUN_IS_OPEN.
    waits = exists().where(
        behind.workspace_id == Run.workspace_id,
        behind.state != literal_column("'finished'"),
        behind.state == RunState.QUEUED,
    )
    return (
        select(Run, Thread, Workspace, busy, waits)
        .join(Thread, Thread.id == Run.thread_id)
        .join(Workspace, Workspace.id == Run.workspace_id)
        .where(listed(kind, Run.id, "runs"))
        .execution_options(populate_existing=True)
    )
