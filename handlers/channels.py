"""What happens to channels themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.workspaces import channels
from handlers.desk import asker_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk


class Channels:
    """Channels that get another id."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.event("channel_id_changed")(self.renamed)

    async def renamed(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Let what is kept name the new id; told again, it changes nothing."""
        workspace = await asker_of(context, client).workspace(self._desk.runs)
        old, new = event["old_channel_id"], event["new_channel_id"]
        await channels.renamed(self._desk.runs.db, workspace, old, new)
        self._desk.runs.wake("deliver")
