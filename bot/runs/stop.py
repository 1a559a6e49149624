"""Stopping a run, and being honest about the race with its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import update

from bot.runs.answer import NotFoundError
from bot.runs.notify import tell
from storage import audit, deliveries, inbox, preferences, runs, threads, workspaces
from storage.records import DeliveryKind, Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.notify import Actor

log = structlog.get_logger(__name__)


def permitted(who_may_stop: str, user_id: str, run: Run, *, is_admin: bool) -> bool:
    """Whether a person may stop a run, by the channel's setting; admins always may."""
    return (
        is_admin or who_may_stop == "anyone" or (who_may_stop == "requester" and user_id == run.requester_id)
    )


async def request_stop(
    context: Context, actor: Actor, run_id: str, *, is_admin: Callable[[], Awaitable[bool]]
) -> None:
    """Ask for a run's end; the ticks bring it to Origami, or end the run before it gets there.

    Whoever stops a run that is over, or may not, is told so; ``is_admin`` is asked only where it matters.
    Raises NotFoundError for an unknown id.
    """
    async with context.db.read() as session:
        run, wanted = await _run_and_setting(session, actor, run_id)
    allowed = permitted(wanted, actor.user_id, run, is_admin=False)
    if not allowed and run.state != RunState.FINISHED:
        allowed = permitted(wanted, actor.user_id, run, is_admin=await is_admin())
    async with context.db.write() as session:
        locked = await runs.lock(session, run_id, run.workspace_id)
        if locked is None or not await inbox.first_time(session, actor.key):
            return
        if locked.state == RunState.FINISHED:
            await tell(context, session, locked, actor, "stop_late", status=locked.status)
        elif allowed:
            await stop_in(session, locked, actor)
        else:
            await tell(context, session, locked, actor, "may_not_stop", who=wanted)
    log.info("run.stop_requested", team=actor.team.team_id, run=run_id, allowed=allowed)
    for tick in ("submit", "poll", "deliver"):
        context.wake(tick)


async def _run_and_setting(session: AsyncSession, actor: Actor, run_id: str) -> tuple[Run, str]:
    workspace = await workspaces.find(
        session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
    )
    run = await session.get(Run, run_id) if workspace else None
    if workspace is None or run is None or run.workspace_id != workspace.id:
        raise NotFoundError(run_id)
    thread = await session.get_one(Thread, run.thread_id)
    wanted = await preferences.resolve(session, workspace.id, channel_id=thread.channel_id)
    return run, wanted.who_may_stop


async def stop_thread(
    context: Context, actor: Actor, channel_id: str, thread_ts: str, *, is_admin: bool
) -> None:
    """Ask for the end of what goes on in a thread, as far as the actor may; none being ours is no error."""
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        thread = await threads.find(session, workspace.id, channel_id, thread_ts) if workspace else None
        if thread is None or not await inbox.first_time(session, actor.key):
            return
        wanted = await preferences.resolve(session, thread.workspace_id, channel_id=channel_id)
        for run in await runs.open_in_thread(session, thread.id):
            if permitted(wanted.who_may_stop, actor.user_id, run, is_admin=is_admin):
                await stop_in(session, run, actor)
            else:
                await tell(context, session, run, actor, "may_not_stop", who=wanted.who_may_stop)
    for tick in ("submit", "poll", "deliver"):
        context.wake(tick)


async def stop_in(session: AsyncSession, run: Run, actor: Actor) -> None:
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
