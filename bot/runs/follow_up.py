"""The run that takes up another one, in the same thread and with the same agent."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import structlog

from bot.runs.guard import may_start
from bot.runs.start import checked, open_run
from storage import choices, deliveries
from storage.records import DeliveryKind, Run, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.attachments import Item
    from bot.runs.context import Context
    from bot.runs.guard import Who

log = structlog.get_logger(__name__)

FOLLOW_UPS = uuid.UUID("5f6a2f52-3c0e-4d0b-8a53-1f6f3c0c9d11")
"""Namespace of follow-up runs' ids, which are known beforehand: being primary keys, there is one of each."""


def follow_up_id(asked_by: str) -> str:
    """The id of the follow-up that one thing asks for: a run's buttons together, or one message."""
    return str(uuid.uuid5(FOLLOW_UPS, asked_by))


async def start_follow_up(
    context: Context,
    session: AsyncSession,
    run: Run,
    *,
    requester_id: str,
    who: Who,
    prompt: str,
    source: str,
    asked_by: str,
    model: str | None,
    focus: tuple[str, ...] = (),
    source_ts: str | None = None,
    attachments: Sequence[Item] = (),
) -> Run:
    """Keep a follow-up of ``run`` and close what was still open of it, in the caller's transaction.

    The caller holds the run's lock. Raises UnusableBriefError before anything is kept, and Refused and
    UnknownFacts.
    """
    prompt = checked(prompt)
    thread = await session.get_one(Thread, run.thread_id)
    await may_start(session, run.workspace_id, user_id=requester_id, channel_id=thread.channel_id, who=who)
    await choices.expire(session, run.id)
    follow_up = Run(
        id=follow_up_id(asked_by),
        workspace_id=run.workspace_id,
        thread_id=run.thread_id,
        requester_id=requester_id,
        source=source,
        prompt=prompt,
        model=model,
        focus_table_ids=list(focus),
        follows_id=run.id,
        source_ts=source_ts,
        attachments=list(attachments),
    )
    await open_run(context, session, follow_up, thread)
    await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
    log.info("run.accepted", thread=thread.id, run=follow_up.id, source=source)
    return follow_up
