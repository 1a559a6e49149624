"""After a restore: what is kept may be older than what has happened since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, func, update

from storage.records import Delivery, DeliveryState, Run, RunState
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_NOT_STARTED = (RunState.ACCEPTED, RunState.QUEUED, RunState.SUBMITTING)
_OWED = (DeliveryState.PENDING, DeliveryState.SENDING)


async def recheck(session: AsyncSession) -> tuple[int, int]:
    """Let nothing be started or posted before it was looked for; returns how many runs and messages.

    A run that was still to be sent may have been sent since: its start counts as one of unknown outcome.
    So does the post of a message that was still owed; and of those that were posted, Slack may show another
    version than the copy knows. The hour of silence after which a run is lost begins anew.
    """
    heard = update(Run).where(Run.state == RunState.RUNNING).values(answered_at=database_now())
    runs = (
        update(Run)
        .where(Run.state.in_(_NOT_STARTED))
        .values(sent_at=func.coalesce(Run.sent_at, Run.created_at), answered_at=database_now())
    )
    messages = update(Delivery).where(Delivery.state.in_(_OWED), Delivery.ts.is_(None)).values(uncertain=True)
    versions = update(Delivery).where(Delivery.shown.is_not(None)).values(shown=None)
    done = [
        cast(
            "CursorResult[Any]",
            await session.execute(statement.execution_options(synchronize_session=False)),
        ).rowcount
        for statement in (heard, runs, messages, versions)
    ]
    return done[1], done[2]
