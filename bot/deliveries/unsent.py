"""What Slack did not take: it is sent again later, or never, and then the rep hears of it another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.deliveries.aside import cannot_tell
from bot.deliveries.errors import NotSentError, RateLimitedError, TokenDeadError, UncertainError
from bot.deliveries.tools import lease_of
from storage import deliveries, runs, sending
from storage.records import DeliveryKind, DeliveryState
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.deliveries.aside import Occasion
    from bot.deliveries.errors import DeliveryError
    from bot.deliveries.tools import Tools
    from storage.records import Delivery, Run

log = structlog.get_logger(__name__)

MOST_TOKEN_ATTEMPTS = 5
"""With a token that Slack refuses: whoever installs the app again brings a new one meanwhile."""
MOST_NOTICE_ATTEMPTS = 5
"""A few words to one person are not worth more: their response_url takes five answers."""


async def failed(tools: Tools, delivery: Delivery, occasion: Occasion, error: DeliveryError) -> None:
    """Put a leased delivery off, or close it, as the error has it. Raises LeaseLostError."""
    tools.metrics.delivery_failures.labels(delivery.kind, type(error).__name__).inc()
    if not delivery.attempts:
        log.warning(
            "delivery.failing",
            team=occasion.workspace.team_id,
            run=delivery.run_id,
            delivery=delivery.id,
            kind=delivery.kind,
            decision=type(error).__name__,
            error=error.code,
            slack_request=error.request_id,
        )
    given_up = delivery.kind == DeliveryKind.NOTICE and delivery.attempts + 1 >= MOST_NOTICE_ATTEMPTS
    passing = isinstance(error, UncertainError | NotSentError | RateLimitedError) or (
        isinstance(error, TokenDeadError) and delivery.attempts + 1 < MOST_TOKEN_ATTEMPTS
    )
    notice_by_another_road = delivery.kind == DeliveryKind.NOTICE and not delivery.attempts
    if (passing or notice_by_another_road) and not given_up:
        await _later(tools, delivery, error)
    else:
        teller = None if isinstance(error, TokenDeadError) else occasion.run
        await drop(tools, delivery, error.code, teller)


async def _later(tools: Tools, delivery: Delivery, error: DeliveryError) -> None:
    attempts = delivery.attempts + 1
    seconds = tools.backoff(attempts) if error.retry_after is None else error.retry_after
    posting = delivery.ts is None
    async with tools.db.write() as session:
        await sending.settle(
            session,
            delivery,
            owner=lease_of(delivery),
            state=DeliveryState.PENDING,
            attempts=attempts,
            due_at=database_now(seconds),
            uncertain=delivery.uncertain or (posting and isinstance(error, UncertainError)),
            ts=delivery.ts,
            shown=None,
        )


async def drop(tools: Tools, delivery: Delivery, why: str, run: Run | None = None) -> None:
    """Close a leased delivery that Slack will never take; with its ``run``, the rep hears of it once.

    Raises LeaseLostError.
    """
    posting = delivery.ts is None
    async with tools.db.write() as session:
        await runs.hold(session, delivery.run_id)
        await sending.settle(
            session,
            delivery,
            owner=lease_of(delivery),
            state=DeliveryState.DROPPED,
            dropped_reason=why[:255],
        )
        if posting and delivery.kind == DeliveryKind.OPENING:
            await tools.consequences.opening_refused(session, delivery, why, token=tools.new_id())
        elif posting and delivery.kind == DeliveryKind.ANSWER and run is not None:
            await _tell(session, delivery, run, why, token=tools.new_id())
    tools.metrics.deliveries.labels(delivery.kind, "dropped").inc()
    log.info("delivery.dropped", run=delivery.run_id, delivery=delivery.id, kind=delivery.kind, why=why)
    tools.wake("deliver")


async def _tell(session: AsyncSession, delivery: Delivery, run: Run, why: str, *, token: str) -> None:
    """Owe the requester a few words about an answer that their thread, or they alone, could not be given."""
    if delivery.is_direct:
        await cannot_tell(session, run, why, token=token)
        return
    await deliveries.owe(
        session,
        token=token,
        workspace_id=delivery.workspace_id,
        run_id=delivery.run_id,
        kind=DeliveryKind.NOTICE,
        subject="cannot_post",
        channel_id=delivery.channel_id,
        recipient_id=run.requester_id,
        payload={
            "code": "cannot_post",
            "error": why,
            "channel_id": delivery.channel_id,
            "ended": True,
        },
    )
