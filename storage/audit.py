"""Who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.records import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

OPERATOR = "operator"
"""The actor of what is done at the command line; no id of Slack's looks like it."""


async def record(
    session: AsyncSession,
    workspace_id: str,
    actor_id: str,
    action: str,
    *,
    run_id: str | None = None,
    **details: object,
) -> None:
    """Note an act of a person in the caller's transaction: it is kept exactly when its effect is."""
    session.add(
        AuditEntry(
            workspace_id=workspace_id, actor_id=actor_id, action=action, run_id=run_id, details=details
        )
    )
    await session.flush()
