"""Who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from storage.dialects import table_of
from storage.records import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_ENTRY = insert(table_of(AuditEntry)).inline()
"""Without asking for the new row's number, which nobody needs."""


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
    entry = {"workspace_id": workspace_id, "actor_id": actor_id, "action": action}
    await session.execute(_ENTRY, {**entry, "run_id": run_id, "details": details})
