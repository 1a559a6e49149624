"""A workspace installs the app, or installs it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from storage import audit, workspaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

log = structlog.get_logger(__name__)


async def arrived(
    db: Database, *, team_id: str, enterprise_id: str, installer_id: str, new_id: Callable[[], str]
) -> bool:
    """Note that the app was installed in a workspace; returns whether it is there for the first time."""
    async with db.write() as session:
        known = await workspaces.find(session, team_id=team_id, enterprise_id=enterprise_id)
        workspace = known or await workspaces.ensure(
            session, new_id=new_id(), team_id=team_id, enterprise_id=enterprise_id
        )
        workspace.left_at = None
        await audit.record(session, workspace.id, installer_id, "install")
    log.info("workspace.installed", team=team_id, again=known is not None)
    return known is None
