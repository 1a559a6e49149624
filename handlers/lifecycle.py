"""The app is removed from a workspace, or an admin has all that is kept of it deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids
from handlers.desk import asker_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.workspaces.leaving import Leaving
    from handlers.desk import Desk


class Lifecycle:
    """How a workspace leaves."""

    def __init__(self, desk: Desk, leaving: Leaving) -> None:
        self._desk, self._leaving = desk, leaving

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners; Slack sends both events, in any order."""
        app.event("app_uninstalled")(self.removed)
        app.event("tokens_revoked")(self.revoked)
        app.action(ids.FORGET)(self.forget)

    async def removed(self, body: dict[str, Any]) -> None:
        """The app is gone from the workspace."""
        stopped = await self._leaving.left(
            team_id=body.get("team_id") or "", enterprise_id=body.get("enterprise_id") or ""
        )
        if stopped is not None:
            self._desk.tasks.hold(stopped.cancel(), what="stop the runs of a workspace that left")

    async def revoked(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Tokens were revoked; only the bot's is ours."""
        if (event.get("tokens") or {}).get("bot"):
            await self.removed(body)

    async def forget(self, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Delete all that is kept of the workspace, if an admin asks for it."""
        asker = asker_of(context, client)
        person = await self._desk.people.find(client, asker.team.team_id, asker.user_id, fresh=True)
        if person.is_admin:
            workspace = await asker.workspace(self._desk.runs)
            stopped = await self._leaving.forget(workspace, asker.user_id)
            self._desk.tasks.hold(stopped.cancel(), what="stop the runs of a workspace that is forgotten")
            self._desk.tasks.hold(self._desk.viewers.again(asker), what="show home anew")
        await ack()
