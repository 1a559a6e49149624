"""Reminding a rep, once, of a question that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import deliveries, preferences, runs
from storage.records import DeliveryKind, Thread

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.records import Run

OLDEST_SECONDS = 8 * 24 * 3600.0
"""Longer than the longest wait that can be set; what is older is nobody's business any more."""


async def claim(context: Context, limit: int) -> list[Run]:
    """Owe a reminder for each run whose question has waited as long as its channel says.

    Whether it still waits is seen again when the reminder is sent. Nothing is left to be worked on.
    """
    async with context.db.write() as session:
        for run, waited in await runs.waiting_questions(session, within=OLDEST_SECONDS, limit=limit):
            thread = await session.get_one(Thread, run.thread_id)
            wanted = await preferences.resolve(
                session, run.workspace_id, user_id=run.requester_id, channel_id=thread.channel_id
            )
            if wanted.remind_minutes == 0 or waited < wanted.remind_minutes * context.pace.minute:
                continue
            await runs.reminded(session, run.id)
            await deliveries.owe(
                session,
                token=context.new_id(),
                workspace_id=run.workspace_id,
                run_id=run.id,
                kind=DeliveryKind.REMINDER,
                channel_id=thread.channel_id,
            )
    return []
