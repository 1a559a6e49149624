"""A workspace installs the app, or installs it again; an organisation gives it to some of its workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from storage import audit, installations, workspaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database
    from storage.records import Workspace

log = structlog.get_logger(__name__)


async def arrived(
    db: Database, *, team_id: str, enterprise_id: str, installer_id: str, new_id: Callable[[], str]
) -> bool:
    """Note that the app was installed in a workspace; whether it is there anew, and has to be connected."""
    async with db.write() as session:
        if enterprise_id:
            await workspaces.joins_organisation(session, team_id=team_id, enterprise_id=enterprise_id)
        return await _arrives(session, team_id, enterprise_id, installer_id, new_id) is not None


async def given(
    db: Database, *, team_ids: list[str], enterprise_id: str, new_id: Callable[[], str]
) -> tuple[Workspace, str] | None:
    """Note that an organisation has given the app to some of its workspaces.

    Returns the first workspace of the organisation that ever got it, with the user id of whoever installed
    it: they are told what comes next, and once.
    """
    async with db.write() as session:
        by = await installations.installers(session, enterprise_id=enterprise_id, team_id="")
        if not by:
            return None
        is_first = not await workspaces.in_organisation(session, enterprise_id)
        new = [await _arrives(session, team_id, enterprise_id, by[0], new_id) for team_id in team_ids]
    first = next((one for one in new if one is not None), None)
    return (first, by[0]) if is_first and first is not None else None


async def _arrives(
    session: AsyncSession, team_id: str, enterprise_id: str, installer_id: str, new_id: Callable[[], str]
) -> Workspace | None:
    """The workspace, where it is there anew."""
    known = await workspaces.find(session, team_id=team_id, enterprise_id=enterprise_id)
    anew = known is None or known.left_at is not None
    workspace = known or await workspaces.ensure(
        session, new_id=new_id(), team_id=team_id, enterprise_id=enterprise_id
    )
    workspace.left_at = None
    await audit.record(session, workspace.id, installer_id, "install")
    log.info("workspace.installed", team=team_id, anew=anew)
    return workspace if anew else None
