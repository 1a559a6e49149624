"""Accepting a brief: its row is committed before Slack hears that we have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.runs.follow_up import start_follow_up
from bot.runs.guard import guarded
from bot.runs.start import AS_SET, begin, checked
from storage import inbox, runs, threads, workspaces

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.start import Brief
    from storage.records import Run, Workspace


@guarded
async def accept(context: Context, brief: Brief) -> Run | None:
    """Commit a brief as a run; None when this very request was accepted before.

    It begins a thread of its own, or goes on in ``brief.thread_ts``, where it becomes a follow-up if we
    work there already. Raises UnusableBriefError and Refused before anything is kept.
    """
    prompt = checked(brief.prompt)
    async with context.db.write() as session:
        if not await inbox.first_time(session, brief.key):
            return None
        workspace = await workspaces.ensure(
            session,
            new_id=context.new_id(),
            team_id=brief.team.team_id,
            enterprise_id=brief.team.enterprise_id,
        )
        run = await _in_its_thread(context, session, workspace, brief, prompt)
        run = run or await begin(context, session, workspace, brief, prompt)
    context.wake("deliver")
    return run


async def _in_its_thread(
    context: Context, session: AsyncSession, workspace: Workspace, brief: Brief, prompt: str
) -> Run | None:
    if brief.thread_ts is None:
        return None
    thread = await threads.find(session, workspace.id, brief.channel_id, brief.thread_ts)
    newest = await runs.newest_of_thread(session, thread.id) if thread else None
    if newest is None:
        return None
    return await start_follow_up(
        context,
        session,
        newest,
        requester_id=brief.requester_id,
        who=brief.who,
        prompt=prompt,
        source="reply",
        asked_by=brief.key,
        model=newest.model if brief.model == AS_SET else brief.model,
        focus=brief.focus_table_ids,
        source_ts=brief.source_ts,
        attachments=brief.attachments,
    )
