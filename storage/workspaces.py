"""Queries about workspaces and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from storage.dialects import insert
from storage.records import Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.sealing import Seal

_OF_TEAM = select(Workspace).where(
    Workspace.team_id == bindparam("team_id"), Workspace.enterprise_id == bindparam("enterprise_id")
)


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
    named = {"team_id": team_id, "enterprise_id": enterprise_id}
    return (await session.execute(_OF_TEAM, named)).scalar_one_or_none()


async def key_refused(session: AsyncSession, workspace_id: str, *, refused: bool) -> None:
    """Note since when Origami does not take the workspace's key, or that it does again."""
    since = database_now() if refused else None
    await session.execute(
        update(Workspace)
        .where(Workspace.id == workspace_id)
        .values(key_refused_at=since)
        .execution_options(synchronize_session=False)
    )


async def connect(session: AsyncSession, workspace_id: str, sealed_key: str | None) -> None:
    """Keep the workspace's sealed Origami key in the place of an earlier one; None takes it away."""
    await session.execute(
        update(Workspace)
        .where(Workspace.id == workspace_id)
        .values(sealed_key=sealed_key, key_refused_at=None)
        .execution_options(synchronize_session=False)
    )


async def renew_keys(session: AsyncSession, seal: Seal) -> int:
    """Seal every workspace's Origami key with the newest key. Returns how many. Raises SealBrokenError."""
    sealed = select(Workspace).where(Workspace.sealed_key.is_not(None)).with_for_update()
    found = (await session.execute(sealed)).scalars().all()
    for workspace in found:
        assert workspace.sealed_key is not None
        workspace.sealed_key = seal.renew(workspace.sealed_key)
    return len(found)
