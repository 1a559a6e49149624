"""A workspace removes the app, or has all that is kept of it deleted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.origami import OrigamiError
from storage import audit, leaving, workspaces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.origami import Origami
    from storage.database import Database
    from storage.installations import Installations
    from storage.records import Workspace

log = structlog.get_logger(__name__)


class Connections(Protocol):
    """Origami in the name of a workspace."""

    def client(self, workspace: Workspace) -> Origami | None:
        """A client with the workspace's key; None while nobody has connected it."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Ends what goes on in a workspace; ``store`` holds the tokens of many, None where there is one."""

    db: Database
    origami: Connections
    store: Installations | None
    new_id: Callable[[], str]

    async def left(self, *, team_id: str, enterprise_id: str) -> Stopped | None:
        """The app was removed, or its token revoked: tokens and key are deleted, and nothing goes on.

        Told again, in whatever order, it changes nothing. What runs at Origami is returned, to be stopped.
        """
        if self.store is None:
            return None
        async with self.db.write() as session:
            workspace = await workspaces.find(session, team_id=team_id, enterprise_id=enterprise_id)
            stopped = None
            if workspace is not None:
                client = self.origami.client(workspace)
                agents = await leaving.agents_at_work(session, workspace.id)
                if await leaving.leave(session, workspace.id):
                    # Slack does not say who removed it.
                    await audit.record(session, workspace.id, "", "leave")
                    log.info("workspace.left", team=team_id, runs=len(agents))
                    stopped = Stopped(client, agents)
        await self.store.forget(enterprise_id=enterprise_id, team_id=team_id)
        return stopped

    async def forget(self, workspace: Workspace, actor_id: str) -> Stopped:
        """Delete all that is kept of a workspace that goes on using the app, but for who asked for that."""
        client = self.origami.client(workspace)
        async with self.db.write() as session:
            agents = await leaving.agents_at_work(session, workspace.id)
            await leaving.forget(session, workspace.id)
            anew = await workspaces.ensure(
                session,
                new_id=self.new_id(),
                team_id=workspace.team_id,
                enterprise_id=workspace.enterprise_id,
            )
            await audit.record(session, anew.id, actor_id, "forget")
        log.info("workspace.forgotten", team=workspace.team_id)
        return Stopped(client, agents)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Agents whose runs nobody follows any more."""

    client: Origami | None
    agent_ids: Sequence[str]

    async def cancel(self) -> None:
        """Ask Origami to stop them, since they cost money; one that does not answer goes on to its end."""
        if self.client is None:
            return
        asked = [self.client.cancel(agent_id) for agent_id in self.agent_ids]
        for failed in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(failed, OrigamiError):
                log.warning("origami.not_cancelled", error=type(failed).__name__)
