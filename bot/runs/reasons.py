"""Why a run waits, was rejected or lost, as plain data that is kept with it; its words are the views'."""

from __future__ import annotations

from typing import Any

from bot import origami


def reason_for(error: origami.OrigamiError) -> dict[str, Any]:
    """``{"code": …}`` with what its words need: Origami's own message, a way out, the numbers."""
    reason: dict[str, Any] = {
        "code": error.code or "REFUSED",
        "http_status": error.status,
        "message": error.message,
        "request_id": error.request_id,
    }
    if error.handoff:
        reason |= {"url": error.handoff.url, "url_label": error.handoff.label}
    match error:
        case origami.KeyRefused():
            reason["code"] = "KEY_REFUSED"
        case origami.InsufficientCredits():
            reason |= {
                "credits_required": error.credits_required,
                "credits_available": error.credits_available,
            }
            if error.top_up_url:
                reason["url"] = error.top_up_url
        case origami.BudgetExceeded():
            reason["budgets"] = list(error.blocked_by_budgets)
        case origami.AccountBlocked():
            reason["reason"] = error.reason
        case origami.InvalidRequest():
            reason["issues"] = [str(issue)[:300] for issue in error.issues[:5]]
        case _:
            pass
    return reason


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
