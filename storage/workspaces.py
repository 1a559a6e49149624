"""Queries about workspaces and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from storage.dialects import insert
from storage.installations import serves
from storage.records import Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

_OF_TEAM = select(Workspace).where(
    Workspace.team_id == bindparam("team_id"), Workspace.enterprise_id == bindparam("enterprise_id")
)

_KEPT = _OF_TEAM.with_for_update(read=True, key_share=True)
"""On PostgreSQL it is not deleted before the transaction ends; one that is being deleted is waited for."""


async def ensure(session: AsyncSession, *, new_id: str, team_id: str, enterprise_id: str = "") -> Workspace:
    """The workspace of a Slack team; made with ``new_id`` the first time the team is seen.

    One that had left is back, where there is a token for it again.
    """
    named = {"team_id": team_id, "enterprise_id": enterprise_id}
    found = (await session.execute(_KEPT, named)).scalar_one_or_none()
    if found is None:
        values = {"id": new_id, "settings": {}} | named
        await session.execute(insert(session, Workspace).values(**values).on_conflict_do_nothing())
        found = (await session.execute(_KEPT, named)).scalar_one()
    if found.left_at is not None and await serves(session, enterprise_id=enterprise_id, team_id=team_id):
        found.left_at = None
        await session.flush()
    return found


async def in_organisation(session: AsyncSession, enterprise_id: str) -> Sequence[Workspace]:
    """The workspaces of an organisation that have been seen."""
    statement = select(Workspace).where(Workspace.enterprise_id == enterprise_id).order_by(Workspace.id)
    return (await session.execute(statement)).scalars().all()


async def joins_organisation(session: AsyncSession, *, team_id: str, enterprise_id: str) -> None:
    """A workspace that was by itself belongs to an organisation now: it keeps what it has."""
    known = select(Workspace.id).where(Workspace.team_id == team_id, Workspace.enterprise_id == enterprise_id)
    await session.execute(
        update(Workspace)
        .where(Workspace.team_id == team_id, Workspace.enterprise_id == "", ~known.exists())
        .values(enterprise_id=enterprise_id)
        .execution_options(synchronize_session=False)
    )


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
