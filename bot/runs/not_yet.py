"""A start that did not come about yet: when it is tried again, or what it waits for. All under its lease."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import case

from bot.runs.attachments import back_to_slack
from storage import deliveries, runs
from storage.records import DeliveryKind, Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.runs import Claim

log = structlog.get_logger(__name__)

STOPPED = Run.stop_requested_at.is_not(None)
"""Stop was pressed while we were asking for a start: it needs no slot, and is seen to at once."""
FREE: dict[str, Any] = {"lease_owner": None, "lease_until": None}


async def try_again(context: Context, claim: Claim, *, delay: float | None = None, **values: Any) -> None:  # noqa: ANN401
    """Send it again after ``delay`` seconds, or as the back-off has it; ``values`` are noted with that."""
    attempts = claim.run.attempts + 1
    seconds = context.backoff(attempts) if delay is None else delay
    async with context.db.write() as session:
        await runs.write_back(
            session,
            claim.run.id,
            owner=claim.lease,
            attempts=attempts,
            # The first failure after Stop is followed at once by another try, later ones at the usual pace.
            due_at=case((STOPPED & (Run.attempts == 0), database_now()), else_=database_now(seconds)),
            **FREE,
            **values,
        )


async def wait(
    context: Context, claim: Claim, reason: dict[str, Any], seconds: float, *, all_wait: bool = False
) -> None:
    """Into the line, or back into it; with ``all_wait`` the whole line tries again no earlier."""
    async with context.db.write() as session:
        await runs.write_back(
            session,
            claim.run.id,
            owner=claim.lease,
            state=RunState.QUEUED,
            waits_for=case((STOPPED, "STOP"), else_=reason["code"]),
            reason=reason,
            attempts=0,
            answered_at=database_now(),
            due_at=case((STOPPED, database_now()), else_=database_now(seconds)),
            **new_key(claim),
            **FREE,
        )
        if all_wait:
            await runs.line_retries_in(session, claim.run.workspace_id, seconds)
        await deliveries.revise(session, [claim.run.id], DeliveryKind.OPENING)
    if claim.run.waits_for != reason["code"]:
        log.info("run.queued", **ids(claim), why=reason["code"])
    context.wake("deliver")


async def agent_is_gone(context: Context, claim: Claim) -> None:
    """Somebody archived the agent: a new one takes the thread over."""
    async with context.db.write() as session:
        thread = await session.get_one(Thread, claim.thread.id)
        thread.agent_id = None
        await runs.write_back(
            session,
            claim.run.id,
            owner=claim.lease,
            attachments=back_to_slack(claim.run.attachments),
            due_at=database_now(),
            **new_key(claim),
            **FREE,
        )
    context.wake("submit")


def new_key(claim: Claim) -> dict[str, Any]:
    """After a definitive refusal, which Origami may store and replay for a day under the old key.

    An earlier try of unknown outcome stays on record: the next one looks for it first.
    """
    return {"idempotency_key": None, "body": None, "sent_at": claim.run.sent_at}


def ids(claim: Claim) -> dict[str, str]:
    """Whose it is, for the log."""
    return {"team": claim.workspace.team_id, "thread": claim.thread.id, "run": claim.run.id}
