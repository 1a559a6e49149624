"""Who did what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, delete, insert, select

from storage.dialects import table_of
from storage.records import AuditEntry, Run, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

DAY_SECONDS = 86_400.0
OPERATOR = "operator"
"""The actor of what is done at the command line; no id of Slack's looks like it."""
_ENTRY = insert(table_of(AuditEntry)).inline()
"""Without asking for the new row's number, which nobody needs."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act, and the thread of the run that it was about as far as that is still kept."""

    entry: AuditEntry
    channel_id: str | None
    thread_ts: str | None


async def record(
    session: AsyncSession,
    workspace_id: str,
    actor_id: str,
    action: str,
    *,
    run_id: str | None = None,
    **details: object,
) -> None:
    """Note an act of a person in the caller's transaction: it is kept exactly when its effect is.

    ``actor_id`` is empty where Slack does not say who it was.
    """
    await record_all(session, [entry(workspace_id, actor_id, action, run_id=run_id, **details)])


def entry(
    workspace_id: str, actor_id: str, action: str, *, run_id: str | None = None, **details: object
) -> dict[str, Any]:
    """One of the acts for ``record_all``."""
    act = {"workspace_id": workspace_id, "actor_id": actor_id, "action": action}
    return {**act, "run_id": run_id, "details": details}


async def record_all(session: AsyncSession, entries: Sequence[dict[str, Any]]) -> None:
    """Note many acts, in this order."""
    if entries:
        await session.execute(_ENTRY, list(entries))


async def newest(
    session: AsyncSession, workspace_id: str, *, before: int | None = None, limit: int
) -> list[Act]:
    """A workspace's acts, the newest first, or the newest of those before an entry's id."""
    statement = _acts(workspace_id).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    return [Act(*row) for row in await session.execute(statement)]


async def following(session: AsyncSession, workspace_id: str, after: int, *, limit: int) -> Sequence[Act]:
    """A workspace's acts after an entry's id, the oldest first."""
    statement = _acts(workspace_id).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit)
    return [Act(*row) for row in await session.execute(statement)]


def _acts(workspace_id: str) -> Select[AuditEntry, str, str | None]:
    return (
        select(AuditEntry, Thread.channel_id, Thread.thread_ts)
        .outerjoin(Run, Run.id == AuditEntry.run_id)
        .outerjoin(Thread, Thread.id == Run.thread_id)
        .where(AuditEntry.workspace_id == workspace_id)
    )


async def purge(session: AsyncSession, *, days: float, limit: int) -> int:
    """Delete up to ``limit`` entries that are older than ``days``; returns how many."""
    old = select(AuditEntry.id).where(AuditEntry.at < database_now(-days * DAY_SECONDS)).limit(limit)
    gone = await session.execute(delete(AuditEntry).where(AuditEntry.id.in_(old)))
    return cast("CursorResult[Any]", gone).rowcount
