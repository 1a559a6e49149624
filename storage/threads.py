"""Queries about threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.records import Thread

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def find(session: AsyncSession, workspace_id: str, channel_id: str, thread_ts: str) -> Thread | None:
    """The workspace's thread below a message, if we work there."""
    statement = select(Thread).where(
        Thread.workspace_id == workspace_id, Thread.channel_id == channel_id, Thread.thread_ts == thread_ts
    )
    return (await session.execute(statement)).scalar_one_or_none()
