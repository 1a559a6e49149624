"""Queries about workspaces and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.dialects import insert
from storage.records import Workspace

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def ensure(session: AsyncSession, *, new_id: str, team_id: str, enterprise_id: str = "") -> Workspace:
    """The workspace of a Slack team; made with ``new_id`` the first time the team is seen."""
    found = await find(session, team_id=team_id, enterprise_id=enterprise_id)
    if found is None:
        values = {"id": new_id, "team_id": team_id, "enterprise_id": enterprise_id, "settings": {}}
        await session.execute(insert(session, Workspace).values(**values).on_conflict_do_nothing())
        found = await find(session, team_id=team_id, enterprise_id=enterprise_id)
    assert found is not None
    return found


async def find(session: AsyncSession, *, team_id: str, enterprise_id: str = "") -> Workspace | None:
    """The workspace of a Slack team, if it has been seen."""
    statement = select(Workspace).where(
        Workspace.team_id == team_id, Workspace.enterprise_id == enterprise_id
    )
    return (await session.execute(statement)).scalar_one_or_none()
