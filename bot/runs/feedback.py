"""What people think of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.runs.answer import NotFoundError
from storage import feedback, runs, workspaces

if TYPE_CHECKING:
    from bot.runs.context import Context
    from bot.runs.notify import Actor

log = structlog.get_logger(__name__)

VERDICTS = frozenset({"good", "bad"})


async def give(context: Context, actor: Actor, run_id: str, verdict: str) -> None:
    """Keep the actor's verdict, ``good`` or ``bad``; a second one replaces the first.

    Raises NotFoundError for a run that this workspace does not have, and for any other verdict.
    """
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.lock(session, run_id, workspace.id) if workspace else None
        if run is None or verdict not in VERDICTS:
            raise NotFoundError(run_id)
        await feedback.record(
            session, workspace_id=run.workspace_id, run_id=run.id, user_id=actor.user_id, verdict=verdict
        )
    log.info("run.feedback", team=actor.team.team_id, run=run_id, verdict=verdict)
