"""What Slack tells of a workspace's channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from storage import channels

if TYPE_CHECKING:
    from storage.database import Database
    from storage.records import Workspace

log = structlog.get_logger(__name__)


async def renamed(db: Database, workspace: Workspace, old: str, new: str) -> None:
    """A channel has another id, as when it is shared with another company: what we keep of it goes along."""
    async with db.write() as session:
        await channels.renamed(session, workspace.id, old, new)
    log.info("channel.renamed", team=workspace.team_id, old=old, new=new)
