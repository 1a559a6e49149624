"""What follows from the opening message: work may begin once the rep can see it, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from storage import choices, deliveries, schedules, threads
from storage.records import DeliveryKind, OurStatus, Run, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Delivery


async def opening_posted(session: AsyncSession, delivery: Delivery, ts: str) -> None:
    """The opening stands in Slack: its thread is known, and its run may be sent to Origami."""
    run = await session.get_one(Run, delivery.run_id)
    thread = await session.get_one(Thread, run.thread_id)
    if thread.thread_ts is None:
        await _place(session, thread, ts)
    await session.execute(
        update(Run)
        .where(Run.id == run.id, Run.state == RunState.ACCEPTED)
        .values(state=RunState.SUBMITTING, due_at=database_now(), response_url=None)
        .execution_options(synchronize_session=False)
    )


async def opening_refused(session: AsyncSession, delivery: Delivery, error: str, *, token: str) -> None:
    """Slack will not have the opening: the run ends before anything is spent, and the rep is told."""
    run = await session.get_one(Run, delivery.run_id)
    if run.state != RunState.ACCEPTED:
        return
    reason = {"code": "CANNOT_POST", "error": error}
    await session.execute(
        update(Run)
        .where(Run.id == run.id, Run.state == RunState.ACCEPTED)
        .values(
            state=RunState.FINISHED,
            status=OurStatus.REJECTED,
            reason=reason,
            finished_at=database_now(),
            response_url=None,
        )
        .execution_options(synchronize_session=False)
    )
    await choices.expire(session, run.id)
    halted = bool(run.schedule_id) and await schedules.halt(
        session,
        run.schedule_id or "",
        {"code": "CHANNEL_GONE", "error": error, "channel_id": delivery.channel_id, "run_id": run.id},
        channel_id=delivery.channel_id,
    )
    await deliveries.owe(
        session,
        token=token,
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=DeliveryKind.NOTICE,
        subject="cannot_post",
        channel_id=delivery.channel_id,
        recipient_id=run.requester_id,
        payload={
            "code": "cannot_post",
            "error": error,
            "channel_id": delivery.channel_id,
            "prompt": run.prompt[:500],
            "response_url": run.response_url,
            "recurring": halted,
        },
    )


async def _place(session: AsyncSession, thread: Thread, ts: str) -> None:
    """The thread stands below the message ``ts``; whatever was said there before we knew that joins it."""
    early = await threads.find(session, thread.workspace_id, thread.channel_id, ts)
    if early is None:
        thread.thread_ts = ts
        await session.flush()
        return
    early.requester_id = thread.requester_id
    await session.execute(
        update(Run)
        .where(Run.thread_id == thread.id)
        .values(thread_id=early.id)
        .execution_options(synchronize_session=False)
    )
    await session.execute(delete(Thread).where(Thread.id == thread.id))
