"""Accepting a brief: its row is committed before Slack hears that we have it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.runs.follow_up import start_follow_up
from bot.runs.guard import guarded
from bot.runs.permission import UnknownFacts, start_refusal
from bot.runs.start import AS_SET, begin, checked, drafted, log_accepted, owe_openings
from bot.tasks import ALONE, Alone
from storage import inbox, policies, preferences, runs, threads, workspaces
from storage.keeping import keep_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.start import Brief
    from storage.policies import Policy
    from storage.records import Run, Workspace


@guarded
async def accept(context: Context, brief: Brief) -> Run | None:
    """Commit a brief as a run; None when this very request was accepted before.

    It begins a thread of its own, or goes on in ``brief.thread_ts``, where it becomes a follow-up if we
    work there already. Raises UnusableBriefError and Refused before anything is kept.
    """
    brief = replace(brief, prompt=checked(brief.prompt))
    run: Run | Alone | None = ALONE
    if not brief.thread_ts:
        run = await context.lots(("brief", brief.team), brief, partial(_accept_plain, context))
    if isinstance(run, Alone):
        run = await _accept_alone(context, brief)
    elif run is not None:
        log_accepted(brief, run)
    context.wake("deliver")
    return run


async def _accept_plain(context: Context, briefs: Sequence[Brief]) -> list[Run | Alone | None]:
    """Accept briefs of one team that arrived together in one set of statements, all that ask for no more."""
    async with context.db.write() as session:
        workspace = await _workspace_of(context, session, briefs[0])
        policy = await policies.of_workspace(session, workspace.id)
        plain = {brief.key: brief for brief in briefs if _is_plain(policy, brief)}
        fresh = await inbox.first_times(session, plain)
        begun = await _begin_all(
            context, session, workspace, [brief for key, brief in plain.items() if key in fresh]
        )
    return [begun.get(brief.key) if brief.key in plain else ALONE for brief in briefs]


def _is_plain(policy: Policy, brief: Brief) -> bool:
    """Whether nobody has to be asked, counted or refused."""
    try:
        return not policy.has_limits and not start_refusal(
            policy, user_id=brief.requester_id, channel_id=brief.channel_id, facts=brief.who.facts
        )
    except UnknownFacts:
        return False


async def _begin_all(
    context: Context, session: AsyncSession, workspace: Workspace, briefs: Sequence[Brief]
) -> dict[str, Run]:
    """Keep a thread and its first run for each, by the briefs' keys."""
    asked = [(workspace.id, brief.requester_id, brief.channel_id) for brief in briefs]
    wanted = await preferences.resolve_each(session, asked) if briefs else []
    opened = [
        drafted(context, workspace.id, brief, brief.model if brief.model != AS_SET else set_.model)
        for brief, set_ in zip(briefs, wanted, strict=True)
    ]
    await keep_all(session, [thread for thread, _ in opened])
    await keep_all(session, [run for _, run in opened])
    await owe_openings(context, session, opened)
    return {brief.key: run for brief, (_, run) in zip(briefs, opened, strict=True)}


async def _accept_alone(context: Context, brief: Brief) -> Run | None:
    async with context.db.write() as session:
        if not await inbox.first_time(session, brief.key):
            return None
        workspace = await _workspace_of(context, session, brief)
        run = await _in_its_thread(context, session, workspace, brief)
        return run or await begin(context, session, workspace, brief)


async def _workspace_of(context: Context, session: AsyncSession, brief: Brief) -> Workspace:
    team = brief.team
    return await workspaces.ensure(
        session, new_id=context.new_id(), team_id=team.team_id, enterprise_id=team.enterprise_id
    )


async def _in_its_thread(
    context: Context, session: AsyncSession, workspace: Workspace, brief: Brief
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
        prompt=brief.prompt,
        source="reply",
        asked_by=brief.key,
        model=newest.model if brief.model == AS_SET else brief.model,
        focus=brief.focus_table_ids,
        source_ts=brief.source_ts,
        attachments=brief.attachments,
    )
