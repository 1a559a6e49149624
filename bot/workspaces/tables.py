"""Which of the workspace's tables a brief can be about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot import origami
from bot.origami import Priority, ceiling
from storage import budgets, workspaces

if TYPE_CHECKING:
    from storage.database import Database
    from storage.records import Workspace


class Team(Protocol):
    """A Slack team."""

    @property
    def team_id(self) -> str:
        """Slack's id of the team."""

    @property
    def enterprise_id(self) -> str:
        """Slack's id of its organisation, empty outside one."""


class Tools(Protocol):
    """What a look at Origami's tables takes."""

    @property
    def db(self) -> Database:
        """Our database."""

    @property
    def origami(self) -> Connections:
        """Origami in the name of a workspace."""


class Connections(Protocol):
    """Origami in the name of a workspace."""

    def client(self, workspace: Workspace) -> origami.Origami | None:
        """A client with the workspace's key; None while nobody has connected it."""

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted."""


async def known(tools: Tools, team: Team) -> list[origami.Table]:
    """The workspace's tables in Origami's order; none where Origami cannot be asked now."""
    async with tools.db.write() as session:
        workspace = await workspaces.find(session, team_id=team.team_id, enterprise_id=team.enterprise_id)
        if workspace is None:
            return []
        name = tools.origami.budget_name(workspace)
        granted = await budgets.spend(session, name, want=1, ceiling=ceiling(Priority.READ))
    client = tools.origami.client(workspace)
    if not granted or client is None:
        return []
    try:
        return await client.tables()
    except origami.OrigamiError:
        return []
