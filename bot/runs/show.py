"""Letting people of other companies see what came of a run, in a channel that is shared with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.runs.answer import NotFoundError
from bot.runs.notify import tell
from storage import audit, deliveries, discretion, inbox, runs, workspaces
from storage.records import DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.runs.context import Context
    from bot.runs.notify import Actor

log = structlog.get_logger(__name__)


async def show(
    context: Context, actor: Actor, run_id: str, *, is_admin: Callable[[], Awaitable[bool]]
) -> None:
    """Take a click on "Show it here": the requester's or an admin's lets the whole channel see the answer.

    It counts once and for this run alone; whoever may not, or comes too late, is told so.
    Raises NotFoundError for an unknown id.
    """
    async with context.db.read() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.of_workspace(session, run_id, workspace.id) if workspace else None
    if workspace is None or run is None:
        raise NotFoundError(run_id)
    allowed = actor.user_id == run.requester_id or await is_admin()
    async with context.db.write() as session:
        locked = await runs.lock(session, run.id, run.workspace_id)
        if locked is None or not await inbox.first_time(session, actor.key):
            return
        if not allowed:
            await tell(context, session, locked, actor, "may_not_show", who=locked.requester_id)
        elif locked.shown_at is not None:
            await tell(context, session, locked, actor, "shown_before", by=locked.shown_by)
        else:
            await discretion.release(session, locked, shown_by=actor.user_id)
            await audit.record(session, locked.workspace_id, actor.user_id, "show", run_id=locked.id)
            await deliveries.revise(session, [locked.id], DeliveryKind.OPENING)
            await deliveries.revise(session, [locked.id], DeliveryKind.CONSENT)
    log.info("run.shown", team=actor.team.team_id, run=run_id, allowed=allowed)
    context.wake("deliver")
