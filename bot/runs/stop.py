"""Stopping a run, and being honest about the race with its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import update

from bot.runs.answer import Actor, NotFoundError
from storage import audit, deliveries, inbox, runs, workspaces
from storage.records import DeliveryKind, Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from bot.runs.context import Context

log = structlog.get_logger(__name__)


async def request_stop(context: Context, actor: Actor, run_id: str) -> None:
    """Ask for a run's end; the ticks bring it to Origami, or end the run before it gets there.

    Whoever stops a run that is over is told so. Raises NotFoundError for an unknown id.
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
            thread = await session.get_one(Thread, run.thread_id)
            await deliveries.owe(
                session,
                token=context.new_id(),
                workspace_id=run.workspace_id,
                run_id=run.id,
                kind=DeliveryKind.NOTICE,
                subject=actor.key[:255],
                channel_id=thread.channel_id,
                recipient_id=actor.user_id,
                payload={"code": "stop_late", "status": run.status, "response_url": actor.response_url},
            )
        elif run.stop_requested_at is None:
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
    log.info("run.stop_requested", team=actor.team.team_id, run=run_id)
    for tick in ("submit", "poll", "deliver"):
        context.wake(tick)
