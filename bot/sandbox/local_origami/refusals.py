"""Every refusal, with its status, code and what stands beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


class RefusalError(Exception):
    """An answer of 400 or above: `error`, `code`, and what the code adds beside them."""

    def __init__(
        self, status: int, code: str, error: str, *, headers: Mapping[str, str] | None = None, **extra: object
    ) -> None:
        super().__init__(f"{status} {code}: {error}")
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.body: Json = {"error": error, "code": code, **extra}


def unauthorized(error: str) -> RefusalError:
    """401: no key, or one that is not (or no longer) valid."""
    return RefusalError(401, "UNAUTHORIZED", error)


def invalid(
    error: str, issues: Sequence[Mapping[str, str]] = (), *, code: str = "VALIDATION_ERROR"
) -> RefusalError:
    """400: a request that cannot be carried out as it stands; `issues` are `{path, message}`."""
    extra: Json = {"details": {"issues": [dict(issue) for issue in issues]}} if issues else {}
    return RefusalError(400, code, error, **extra)


def not_found(what: str) -> RefusalError:
    """404: unknown, or another organisation's, which must look the same; `what` is Agent, Run or the like."""
    return RefusalError(404, f"{what.upper()}_NOT_FOUND", f"{what} not found")


def idempotency_conflict(error: str) -> RefusalError:
    """409: the key was used for another request, or its first request is still being carried out."""
    return RefusalError(409, "IDEMPOTENCY_ERROR", error)


def upgrade_handoff(app_url: str) -> Json:
    """The link with which a person can change the plan."""
    return {"kind": "upgrade-plan", "url": f"{app_url}/settings/billing?source=api", "label": "Upgrade plan"}


def subscription_required(app_url: str) -> RefusalError:
    """402: the plan has no API access."""
    return RefusalError(
        402,
        "SUBSCRIPTION_REQUIRED",
        "API access requires a paid plan",
        hint="Upgrade to a plan with API access.",
        handoff=upgrade_handoff(app_url),
    )


def insufficient_credits(balance: float, required: int, app_url: str) -> RefusalError:
    """402: the wallet is under the floor for starting a run (Origami: 5 credits)."""
    return RefusalError(
        402,
        "INSUFFICIENT_CREDITS",
        "Insufficient credits",
        creditsRequired=required,
        creditsAvailable=int(balance),
        topUpUrl=f"{app_url}/settings/billing?source=api",
        message=f"Origami needs at least {required} credits to start any run; you have {int(balance)}.",
    )


def budget_exceeded(budget: str) -> RefusalError:
    """402: a hard credit budget is used up; topping up does not help."""
    message = f"This run is blocked by the credit budget {budget}: the spending limit has been reached."
    return RefusalError(402, "BUDGET_EXCEEDED", "Budget exceeded", blockedByBudgets=[budget], message=message)


def account_blocked(reason: str) -> RefusalError:
    """402: billing is blocked; `reason` is payment_failed, spend_limit_reached or settlement_pending."""
    message = "Runs are paused until the account's billing is settled."
    return RefusalError(402, "ACCOUNT_BLOCKED", "Account blocked", reason=reason, message=message)


def agent_busy(run_id: str, started_at: str) -> RefusalError:
    """409: the agent has a run in flight (Origami: one at a time)."""
    error = "A run is already in flight on this agent"
    return RefusalError(409, "AGENT_BUSY", error, currentRun={"id": run_id, "startedAt": started_at})


def no_free_slot(limit: int, sessions: list[Json], retry_after: str, *, can_upgrade: bool) -> RefusalError:
    """429: the organisation runs as many agents as its plan allows."""
    return RefusalError(
        429,
        "CONCURRENT_LIMIT_EXCEEDED",
        "Concurrent agent limit reached",
        headers={"Retry-After": retry_after},
        limit=limit,
        activeSessions=sessions,
        canUpgrade=can_upgrade,
    )


def rate_limited(retry_after: str) -> RefusalError:
    """429: too many requests in the last minute."""
    return RefusalError(429, "RATE_LIMITED", "Too many requests", headers={"Retry-After": retry_after})
