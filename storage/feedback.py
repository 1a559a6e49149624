"""Queries about feedback: what people think of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.dialects import insert
from storage.records import Feedback
from storage.times import database_now

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


async def record(
    session: AsyncSession, *, workspace_id: str, run_id: str, user_id: str, verdict: str
) -> None:
    """Keep a person's verdict on a run, ``good`` or ``bad``; it replaces an earlier one of theirs."""
    row = {
        "workspace_id": workspace_id,
        "run_id": run_id,
        "user_id": user_id,
        "verdict": verdict,
        "at": database_now(),
    }
    await session.execute(
        insert(session, Feedback)
        .values(row)
        .on_conflict_do_update(
            index_elements=["run_id", "user_id"], set_={"verdict": verdict, "at": database_now()}
        )
    )


async def count(session: AsyncSession, workspace_id: str, *, since: datetime) -> dict[str, int]:
    """How many verdicts of each kind the workspace's people have given since then."""
    statement = (
        select(Feedback.verdict, func.count())
        .where(Feedback.workspace_id == workspace_id, Feedback.at >= since)
        .group_by(Feedback.verdict)
    )
    return dict((await session.execute(statement)).all())
