"""Why a run waits, was rejected or lost, as plain data that is kept with it; its words are the views'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.origami.reasons import reason_for

if TYPE_CHECKING:
    from bot import origami

__all__ = ["WAITING_FOR_AGENT", "WAITING_FOR_THREAD", "reason_for", "waiting_for_slot"]


def waiting_for_slot(error: origami.NoFreeSlot) -> dict[str, Any]:
    """Who holds the slots, how many there are, and Origami's estimate in seconds."""
    return {
        "code": "NO_FREE_SLOT",
        "holders": [session.name[:80] for session in error.active_sessions[:5] if session.name],
        "limit": error.limit,
        "retry_after": error.retry_after,
        "can_upgrade": error.can_upgrade,
    }


WAITING_FOR_THREAD = {"code": "THREAD_BUSY"}
WAITING_FOR_AGENT = {"code": "AGENT_BUSY"}
