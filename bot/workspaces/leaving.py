"""A workspace removes the app, or has all that is kept of it deleted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.origami import OrigamiError
from storage import audit, installations, leaving, workspaces
from storage.conflicts import despite_deadlocks, was_deleted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.origami import Origami
    from storage.database import Database
    from storage.installations import Installations
    from storage.records import Workspace

log = structlog.get_logger(__name__)

__all__ = ["Leaving", "Stopped", "forget_place", "was_deleted"]


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

    async def left(self, *, team_id: str, enterprise_id: str, at: float) -> Stopped:
        """The app was removed, or its token revoked: tokens and key are deleted, and nothing goes on.

        Without ``team_id`` that is so in the whole organisation, but for the workspaces that have a token of
        their own. Told again, in whatever order, it changes nothing; nor does it when the app was installed
        again after ``at`` (seconds since the epoch). What runs at Origami is returned, to be stopped.
        """
        if self.store is None:
            return Stopped()
        kept = await self.store.in_place(enterprise_id=enterprise_id, team_id=team_id)
        if kept is not None and kept.installed_at >= at + 1:  # Slack tells whole seconds
            log.info("workspace.left_before", team=team_id, enterprise=enterprise_id)
            return Stopped()
        return await self._end(team_id=team_id, enterprise_id=enterprise_id)

    async def withdrawn(self, *, team_ids: list[str], enterprise_id: str) -> Stopped:
        """An organisation has taken the app away from some of its workspaces; its token stays."""
        if self.store is None:
            return Stopped()
        async with self.db.write() as session:
            own = await installations.with_own_token(session, enterprise_id)
            known = await workspaces.in_organisation(session, enterprise_id)
            gone = [one for one in known if one.team_id in team_ids and one.team_id not in own]
            return await self._leave(session, gone)

    async def lost(self, workspace: Workspace, token: str | None) -> Stopped:
        """Slack refuses the workspace's ``token`` for good, and never told that the app was removed."""
        if self.store is None:
            return Stopped()
        place = {"enterprise_id": workspace.enterprise_id, "team_id": workspace.team_id}
        kept = await self.store.bot_in(**place)
        if (kept.bot_token if kept else None) != token:
            return Stopped()  # it was installed again meanwhile
        log.warning("workspace.token_lost", team=workspace.team_id)
        if kept is not None and kept.is_enterprise_install:
            place["team_id"] = ""
        return await self._end(**place)

    async def _end(self, *, team_id: str, enterprise_id: str) -> Stopped:
        async with self.db.write() as session:
            if team_id:
                found = await workspaces.find(session, team_id=team_id, enterprise_id=enterprise_id)
                gone = [found] if found else []
            elif enterprise_id:
                own = await installations.with_own_token(session, enterprise_id)
                known = await workspaces.in_organisation(session, enterprise_id)
                gone = [one for one in known if one.team_id not in own]
            else:
                return Stopped()  # of nobody in particular: no workspace may leave for it
            stopped = await self._leave(session, gone)
            await installations.forget_tokens(session, enterprise_id=enterprise_id, team_id=team_id)
        return stopped

    async def _leave(self, session: AsyncSession, gone: Sequence[Workspace]) -> Stopped:
        at_work: list[tuple[Origami | None, Sequence[str]]] = []
        for workspace in gone:
            client = self.origami.client(workspace)
            agents = await leaving.agents_at_work(session, workspace.id)
            if await leaving.leave(session, workspace.id):
                # Slack does not say who removed it.
                await audit.record(session, workspace.id, "", "leave")
                log.info("workspace.left", team=workspace.team_id, runs=len(agents))
                at_work.append((client, agents))
        return Stopped(tuple(at_work))

    async def forget(self, workspace: Workspace, actor_id: str) -> Stopped:
        """Delete all that is kept of a workspace that goes on using the app, but for who asked for that."""

        async def leave() -> Stopped:
            async with self.db.write() as session:
                return await self._leave(session, [workspace])

        stopped = await despite_deadlocks(leave)
        await leaving.forget(self.db, workspace.id)
        async with self.db.write() as session:
            anew = await workspaces.ensure(
                session,
                new_id=self.new_id(),
                team_id=workspace.team_id,
                enterprise_id=workspace.enterprise_id,
            )
            await audit.record(session, anew.id, actor_id, "forget")
        log.info("workspace.forgotten", team=workspace.team_id)
        return stopped


async def forget_place(db: Database, team_id: str, enterprise_id: str) -> bool:
    """Delete all that is kept of a workspace, or without ``team_id`` of an organisation, its tokens included.

    Returns whether there was anything. What runs goes on at Origami to its end; nobody follows it.
    """

    async def leave() -> tuple[list[Workspace], bool]:
        async with db.write() as session:
            if team_id:
                found = await workspaces.find(session, team_id=team_id, enterprise_id=enterprise_id)
                gone = [found] if found else []
            else:
                gone = list(await workspaces.in_organisation(session, enterprise_id))
            for workspace in gone:
                await leaving.leave(session, workspace.id)
            had_tokens = False
            for place in {team_id, *(one.team_id for one in gone)}:
                had_tokens |= await installations.forget_tokens(
                    session, enterprise_id=enterprise_id, team_id=place
                )
            return gone, had_tokens

    gone, had_tokens = await despite_deadlocks(leave)
    for workspace in gone:
        await leaving.forget(db, workspace.id)
    return had_tokens or bool(gone)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Agents whose runs nobody follows any more, by the client that may stop them."""

    at_work: tuple[tuple[Origami | None, Sequence[str]], ...] = ()

    async def cancel(self) -> None:
        """Ask Origami to stop them, since they cost money; one that does not answer goes on to its end."""
        asked = [client.cancel(agent) for client, agents in self.at_work if client for agent in agents]
        for failed in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(failed, OrigamiError):
                log.warning("origami.not_cancelled", error=type(failed).__name__)
