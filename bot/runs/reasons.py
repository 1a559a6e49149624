"""Why a run waits, was rejected or lost, as plain data that is kept with it; its words are the views'."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.origami.reasons import reason_for

if TYPE_CHECKING:
    from bot import origami
    from bot.runs.context import Context
    from storage.records import Workspace

__all__ = ["WAITING_FOR_AGENT", "WAITING_FOR_THREAD", "no_key", "reason_for", "waiting_for_slot"]

MOST_NAMED = 3
ADMINS_SECONDS = 5.0
"""Ours: longer than a look at a few thousand people takes, and well within a run's lease."""


def waiting_for_slot(error: origami.NoFreeSlot) -> dict[str, Any]:
    """Who holds the slots, how many there are, and Origami's estimate in seconds."""
    return {
        "code": "NO_FREE_SLOT",
        "holders": [session.name[:80] for session in error.active_sessions[:5] if session.name],
        "limit": error.limit,
        "retry_after": error.retry_after,
        "can_upgrade": error.can_upgrade,
    }


async def no_key(context: Context, workspace: Workspace) -> dict[str, Any]:
    """The workspace is not connected, and who can change that, as far as Slack tells soon."""
    try:
        async with asyncio.timeout(ADMINS_SECONDS):
            admins = await context.admins(workspace)
    except TimeoutError:
        admins = None
    return {"code": "NO_KEY", "admins": list(admins or ())[:MOST_NAMED]}


WAITING_FOR_THREAD = {"code": "THREAD_BUSY"}
WAITING_FOR_AGENT = {"code": "AGENT_BUSY"}
