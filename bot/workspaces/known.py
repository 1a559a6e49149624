"""Which workspace a Slack team is to us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import workspaces
from storage.records import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database


__all__ = ["Workspace", "workspace_of"]


async def workspace_of(
    db: Database, *, team_id: str, enterprise_id: str, new_id: Callable[[], str]
) -> Workspace:
    """The workspace of a Slack team, made the first time the team is seen."""
    async with db.read() as session:
        found = await workspaces.find(session, team_id=team_id, enterprise_id=enterprise_id)
    if found is not None and found.left_at is None:
        return found
    async with db.write() as session:
        return await workspaces.ensure(session, new_id=new_id(), team_id=team_id, enterprise_id=enterprise_id)
