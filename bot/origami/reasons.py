"""Why Origami did not do what was asked, as plain data that can be kept; its words are the views'."""

from typing import Any

from bot.origami import errors


def reason_for(error: errors.OrigamiError) -> dict[str, Any]:
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
        case errors.KeyRefused():
            reason["code"] = "KEY_REFUSED"
        case errors.InsufficientCredits():
            reason |= {
                "credits_required": error.credits_required,
                "credits_available": error.credits_available,
            }
            if error.top_up_url:
                reason["url"] = error.top_up_url
        case errors.BudgetExceeded():
            reason["budgets"] = list(error.blocked_by_budgets)
        case errors.AccountBlocked():
            reason["reason"] = error.reason
        case errors.InvalidRequest():
            reason["issues"] = [str(issue)[:300] for issue in error.issues[:5]]
        case _:
            pass
    return reason
