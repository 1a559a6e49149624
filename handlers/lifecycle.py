"""The app comes to a workspace or is removed from it, or an admin has all that is kept of it deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from bot.views import ids
from handlers.desk import asker_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.workspaces.leaving import Leaving, Stopped
    from handlers.desk import Desk


class Given(Protocol):
    """What is told when an organisation gives the app to some of its workspaces."""

    async def __call__(self, *, team_ids: list[str], enterprise_id: str) -> None:
        """They have it now."""


class Lifecycle:
    """How workspaces of an organisation come, and how any workspace leaves."""

    def __init__(self, desk: Desk, leaving: Leaving, given: Given) -> None:
        self._desk, self._leaving, self._given = desk, leaving, given

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners; Slack sends the first two both, in any order."""
        app.event("app_uninstalled")(self.removed)
        app.event("tokens_revoked")(self.revoked)
        app.event("team_access_granted")(self.granted)
        app.event("team_access_revoked")(self.withdrawn)
        app.action(ids.FORGET)(self.forget)

    async def removed(self, body: dict[str, Any]) -> None:
        """The app is gone from the workspace or, where none is named, from the organisation."""
        team_id = str(body.get("team_id") or "")
        stopped = await self._leaving.left(
            team_id="" if team_id.startswith("E") else team_id,
            enterprise_id=_enterprise(body),
            at=float(body.get("event_time") or "inf"),
        )
        self._cancel(stopped)

    async def revoked(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Tokens were revoked; only the bot's is ours."""
        if (event.get("tokens") or {}).get("bot"):
            await self.removed(body)

    async def granted(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """The organisation has given the app to some of its workspaces."""
        if enterprise_id := _enterprise(body):
            await self._given(team_ids=_teams(event), enterprise_id=enterprise_id)

    async def withdrawn(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """The organisation has taken it away from some."""
        # Workspaces of no organisation have none that could take the app away from them.
        if enterprise_id := _enterprise(body):
            self._cancel(await self._leaving.withdrawn(team_ids=_teams(event), enterprise_id=enterprise_id))

    async def forget(self, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Delete all that is kept of the workspace, if an admin asks for it."""
        asker = asker_of(context, client)
        person = await self._desk.people.find(client, asker.team.team_id, asker.user_id, fresh=True)
        if person.is_admin:
            workspace = await asker.workspace(self._desk.runs)
            self._cancel(await self._leaving.forget(workspace, asker.user_id))
            self._desk.tasks.hold(self._desk.viewers.again(asker), what="show home anew")
        await ack()

    def _cancel(self, stopped: Stopped) -> None:
        self._desk.tasks.hold(stopped.cancel(), what="stop the runs of a workspace that left")


def _enterprise(body: dict[str, Any]) -> str:
    return str(body.get("enterprise_id") or "")


def _teams(event: dict[str, Any]) -> list[str]:
    return [str(team_id) for team_id in event.get("team_ids") or ()]
