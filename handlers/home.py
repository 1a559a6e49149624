"""The Home tab: published when it is opened, with pages to turn and a way to start a search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot import views
from bot.views import ids
from bot.views.lists import Page
from bot.workspaces.preferences import preferences_for
from handlers.desk import asker_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk

SHOW_HOME = re.compile(rf"^{ids.SHOW_HOME}:")


class Home:
    """The app's Home tab."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.event("app_home_opened")(self.opened)
        app.action(SHOW_HOME)(self.turn)
        app.action(ids.START_BRIEF)(self.start)

    async def opened(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Publish Home for whoever opened it; Slack tells of the Messages tab by the same event."""
        if event.get("tab") == "home":
            view_hash = (event.get("view") or {}).get("hash")
            publishing = self._desk.viewers.open(asker_of(context, client), view_hash=view_hash)
            self._desk.tasks.hold(publishing, what="publish home")

    async def turn(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Show another page of what is done."""
        offset = Page.read(body["actions"][0]["value"]).offset
        view_hash = (body.get("view") or {}).get("hash")
        publishing = self._desk.viewers.open(asker_of(context, client), offset=offset, view_hash=view_hash)
        self._desk.tasks.hold(publishing, what="turn a page of home")
        await ack()

    async def start(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the brief form with the person's own model."""
        asker = asker_of(context, client)
        workspace = await asker.workspace(self._desk.runs)
        holds = await preferences_for(self._desk.runs.db, workspace.id, asker.user_id, "")
        form = views.brief_modal(channel_id=None, model=holds.model)
        opening = client.views_open(trigger_id=body["trigger_id"], view=form)
        self._desk.tasks.hold(opening, what="open brief form")
        await ack()
