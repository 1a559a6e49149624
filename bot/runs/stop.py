"""Stopping a run, and being honest about the race with its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import update

from bot.runs.answer import NotFoundError
from bot.runs.guard import Refused, guarded, may_stop
from bot.runs.notify import tell
from storage import audit, deliveries, inbox, runs, threads, workspaces
from storage.records import DeliveryKind, Run, RunState
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.guard import Act
    from bot.runs.notify import Actor

log = structlog.get_logger(__name__)


@guarded
async def request_stop(context: Context, actor: Actor, run_id: str) -> None:
    """Ask for a run's end; the ticks bring it to Origami, or end the run before it gets there.

    Whoever stops a run that is over is told so. Raises NotFoundError for an unknown id, and Refused.
    """
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.lock(session, run_id, workspace.id) if workspace else None
        if run is None:
            raise NotFoundError(run_id)
        if not await inbox.first_time(session, actor.key):
            return
        if run.state == RunState.FINISHED:
            await tell(context, session, run, actor, "stop_late", status=run.status)
        else:
            await may_stop(session, run, actor)
            await stop_in(session, run, actor)
    log.info("run.stop_requested", team=actor.team.team_id, run=run_id)
    for tick in ("submit", "poll", "deliver"):
        context.wake(tick)


@guarded
async def stop_thread(context: Context, actor: Actor, channel_id: str, thread_ts: str) -> None:
    """Ask for the end of what goes on in a thread, as far as the actor may; none being ours is no error.

    Raises Refused where they may stop nothing of it.
    """
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        thread = await threads.find(session, workspace.id, channel_id, thread_ts) if workspace else None
        if thread is None or not await inbox.first_time(session, actor.key):
            return
        await stop_all(session, await runs.open_in_thread(session, thread.id), actor)
    for tick in ("submit", "poll", "deliver"):
        context.wake(tick)


async def stop_all(session: AsyncSession, going: Sequence[Run], act: Act) -> None:
    """Ask for the end of those that a person may stop. Raises Refused where they may stop none of several."""
    stopped, refused = 0, None
    for run in going:
        try:
            await may_stop(session, run, act)
        except Refused as refusal:
            refused = refusal
        else:
            await stop_in(session, run, act)
            stopped += 1
    if refused and not stopped:
        raise refused


async def stop_in(session: AsyncSession, run: Run, actor: Act) -> None:
    """Ask once for the end of a run that has not ended, in the caller's transaction."""
    if run.stop_requested_at is not None:
        return
    await session.execute(
        update(Run)
        .where(Run.id == run.id)
        .values(
            stop_requested_by=actor.user_id,
            stop_requested_at=database_now(),
            **({} if run.state == RunState.ACCEPTED else {"due_at": database_now()}),
            waits_for="STOP" if run.state == RunState.QUEUED else run.waits_for,
        )
        .execution_options(synchronize_session=False)
    )
    await audit.record(session, run.workspace_id, actor.user_id, "stop", run_id=run.id)
    await deliveries.revise(session, [run.id], DeliveryKind.OPENING)
