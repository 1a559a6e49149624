"""Queries about threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.records import Run, Thread

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def find(session: AsyncSession, workspace_id: str, channel_id: str, thread_ts: str) -> Thread | None:
    """The workspace's thread below a message, if we work there."""
    statement = select(Thread).where(
        Thread.workspace_id == workspace_id, Thread.channel_id == channel_id, Thread.thread_ts == thread_ts
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def first_run(session: AsyncSession, thread_id: str) -> Run | None:
    """The run that a thread began with."""
    statement = select(Run).where(Run.thread_id == thread_id).order_by(Run.created_at, Run.id).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()
