"""Queries for whoever operates the bot: across all workspaces, read only, never more rows than asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer

from storage import choices, deliveries
from storage.records import (
    OPEN_STATES,
    AuditEntry,
    Delivery,
    DeliveryState,
    Run,
    Thread,
    Workspace,
    bots,
)
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Choice

MOST_AUDIT_ENTRIES = 200
"""Of one run: nobody reads more, and each click on a file is one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs are to be listed; None where it does not matter."""

    team_id: str | None = None
    states: tuple[str, ...] = ()
    within_seconds: float | None = None
    """Accepted so long ago at the most."""
    dropped: bool = False
    """Only those with a message that Slack would not take."""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run without its prompt, body and result; ``dropped`` counts messages that Slack would not take."""

    run: Run
    thread: Thread
    workspace: Workspace
    dropped: int


@dataclass(frozen=True, slots=True)
class RunFile:
    """All that is kept about one run."""

    run: Run
    thread: Thread
    workspace: Workspace
    deliveries: Sequence[Delivery]
    choices: Sequence[Choice]
    audit: Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class ListedWorkspace:
    """A workspace and what goes on in it."""

    workspace: Workspace
    name: str | None
    """As Slack gave it when the app was installed; None for the one workspace of SLACK_BOT_TOKEN."""
    has_key: bool
    """Whether it has an Origami key of its own; the one workspace's is ORIGAMI_API_KEY."""
    open_runs: int
    runs_since: int
    dropped: int
    last_run_at: datetime | None


async def list_runs(session: AsyncSession, wanted: Wanted, *, limit: int) -> list[ListedRun]:
    """The newest runs, at most ``limit``."""
    dropped = (
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.run_id == Run.id, Delivery.state == DeliveryState.DROPPED)
        .scalar_subquery()
    )
    statement = (
        select(Run, Thread, Workspace, dropped)
        .join(Thread, Thread.id == Run.thread_id)
        .join(Workspace, Workspace.id == Run.workspace_id)
        .where(*_conditions(wanted, dropped))
        .order_by(Run.created_at.desc(), Run.id)
        .limit(limit)
        .options(defer(Run.prompt), defer(Run.body), defer(Run.result))
    )
    return [ListedRun(*row) for row in await session.execute(statement)]


def _conditions(wanted: Wanted, dropped: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401  (a subquery)
    found: list[ColumnElement[bool]] = []
    if wanted.team_id is not None:
        found.append(Workspace.team_id == wanted.team_id)
    if wanted.states:
        found.append(Run.state.in_(wanted.states))
    if wanted.within_seconds is not None:
        found.append(Run.created_at > database_now(-wanted.within_seconds))
    if wanted.dropped:
        found.append(dropped > 0)
    return found


async def ids_beginning_with(session: AsyncSession, beginning: str, *, limit: int) -> Sequence[str]:
    """Ids of runs that begin so."""
    statement = select(Run.id).where(Run.id.startswith(beginning, autoescape=True)).order_by(Run.id)
    return (await session.execute(statement.limit(limit))).scalars().all()


async def run_file(session: AsyncSession, run_id: str) -> RunFile:
    """All that is kept about a run that is there; of its audit the first MOST_AUDIT_ENTRIES."""
    run = await session.get_one(Run, run_id)
    audit = (
        select(AuditEntry)
        .where(AuditEntry.workspace_id == run.workspace_id, AuditEntry.run_id == run_id)
        .order_by(AuditEntry.id)
        .limit(MOST_AUDIT_ENTRIES)
    )
    return RunFile(
        run=run,
        thread=await session.get_one(Thread, run.thread_id),
        workspace=await session.get_one(Workspace, run.workspace_id),
        deliveries=await deliveries.of_run(session, run_id),
        choices=await choices.of_run(session, run_id),
        audit=(await session.execute(audit)).scalars().all(),
    )


async def list_workspaces(
    session: AsyncSession, *, since: datetime, limit: int, team_id: str | None = None
) -> list[ListedWorkspace]:
    """Workspaces, those with the newest run first; ``runs_since`` counts the runs accepted since then."""
    last_run_at = func.max(Run.created_at)
    name = (
        select(func.max(bots.c.team_name))
        .where(bots.c.team_id == Workspace.team_id, or_(bots.c.enterprise_id.is_(None), _same_enterprise()))
        .scalar_subquery()
    )
    dropped = (
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.workspace_id == Workspace.id, Delivery.state == DeliveryState.DROPPED)
        .scalar_subquery()
    )
    statement = (
        select(
            Workspace,
            name,
            Workspace.sealed_key.is_not(None),
            func.count().filter(Run.state.in_(OPEN_STATES)),
            func.count().filter(Run.created_at >= since),
            dropped,
            last_run_at,
        )
        .outerjoin(Run, Run.workspace_id == Workspace.id)
        .where(*([Workspace.team_id == team_id] if team_id else []))
        .group_by(Workspace.id)
        .order_by(last_run_at.is_(None), last_run_at.desc(), Workspace.id)
        .limit(limit)
        .options(defer(Workspace.sealed_key))
    )
    return [ListedWorkspace(*row) for row in await session.execute(statement)]


def _same_enterprise() -> ColumnElement[bool]:
    return bots.c.enterprise_id == Workspace.enterprise_id
