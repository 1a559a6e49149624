"""Queries about workspaces and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.dialects import insert
from storage.records import Workspace
from storage.times import database_now

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


async def key_refused(session: AsyncSession, workspace_id: str, *, refused: bool) -> None:
    """Note since when Origami does not take the workspace's key, or that it does again."""
    since = database_now() if refused else None
    await session.execute(
        update(Workspace)
        .where(Workspace.id == workspace_id)
        .values(key_refused_at=since)
        .execution_options(synchronize_session=False)
    )
