"""Queries about what a channel that other companies see is not shown without its requester's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage import deliveries, sending
from storage.dialects import among
from storage.records import DIRECT, Delivery, DeliveryKind, DeliveryState, Run, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncSession

RELEASED = (DeliveryKind.ANSWER, DeliveryKind.PREVIEW)
"""A reminder that was held was given to its requester directly, and its time is over."""


async def hold(session: AsyncSession, delivery: Delivery, *, owner: str) -> None:
    """Put a leased message by that may not be shown in its channel. Raises LeaseLostError."""
    await sending.settle(session, delivery, owner=owner, state=DeliveryState.HELD)


async def owe_openly(session: AsyncSession, delivery: Delivery, *, owner: str) -> None:
    """Owe a leased message to its channel after all, at once. Raises LeaseLostError."""
    due_at = database_now()
    await sending.settle(session, delivery, owner=owner, state=DeliveryState.PENDING, due_at=due_at)


async def owe_directly(session: AsyncSession, delivery: Delivery, run: Run, *, token: str) -> None:
    """Owe the requester alone what a message says; owing it twice is owing it once."""
    await deliveries.owe(
        session,
        token=token,
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=delivery.kind,
        subject=DIRECT,
        sequence=delivery.sequence,
        channel_id=run.requester_id,
        recipient_id=run.requester_id,
    )


async def ask(session: AsyncSession, delivery: Delivery, *, token: str, payload: dict[str, Any]) -> None:
    """Owe the thread, once, the message by which the requester decides."""
    await deliveries.owe(
        session,
        token=token,
        workspace_id=delivery.workspace_id,
        run_id=delivery.run_id,
        kind=DeliveryKind.CONSENT,
        channel_id=delivery.channel_id,
        payload=payload,
    )


async def release(session: AsyncSession, run: Run, *, shown_by: str) -> None:
    """Let everybody in the channel see what came of a run: what was held for it is owed."""
    await session.execute(
        update(Run)
        .where(Run.id == run.id)
        .values(shown_by=shown_by, shown_at=database_now())
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Delivery)
        .where(Delivery.run_id == run.id, Delivery.state == DeliveryState.HELD, Delivery.kind.in_(RELEASED))
        .values(state=DeliveryState.PENDING, due_at=database_now(), priority=0)
        .execution_options(synchronize_session=False)
    )


async def direct_threads(session: AsyncSession, run_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """By run: channel and ``ts`` of the answer that its requester alone was given, once it stands."""
    statement = select(Delivery.run_id, Delivery.channel_id, Delivery.ts).where(
        Delivery.run_id.in_(among(session, run_ids)),
        Delivery.kind == DeliveryKind.ANSWER,
        Delivery.subject == DIRECT,
        Delivery.sequence == 0,
        Delivery.ts.is_not(None),
    )
    return {run_id: (channel, str(ts)) for run_id, channel, ts in await session.execute(statement)}


async def thread_told_of(session: AsyncSession, workspace_id: str, channel_id: str, ts: str) -> Thread | None:
    """The thread whose answer stands at ``ts`` in a conversation with the app."""
    statement = (
        select(Thread)
        .join(Run, Run.thread_id == Thread.id)
        .join(Delivery, Delivery.run_id == Run.id)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.channel_id == channel_id,
            Delivery.posted_at.is_not(None),
            Delivery.ts == ts,
            Delivery.subject == DIRECT,
        )
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
