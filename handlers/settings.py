"""Settings: a person's own, and for admins those of a channel and of the workspace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views import settings as forms
from bot.workspaces import preferences
from handlers.desk import asker_of
from handlers.payloads import pressed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.asker import Asker
    from handlers.desk import Desk

SHARED_SETTINGS = re.compile(rf"^{ids.SHARED_SETTINGS}:")


class Settings:
    """The forms for settings, and what becomes of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(ids.MY_SETTINGS)(self.open_mine)
        app.action(SHARED_SETTINGS)(self.open_shared)
        app.view(ids.SETTINGS_MODAL)(self.save_mine)
        app.view(ids.SHARED_SETTINGS_MODAL)(self.save_shared)

    async def open_mine(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the form for one's own settings."""
        opening = open_mine(self._desk, asker_of(context, client), body["trigger_id"], channel_id="")
        self._desk.tasks.hold(opening, what="open settings")
        await ack()

    async def open_shared(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the form for a channel or the workspace, on top of one's own where that is open."""
        on_top = (body.get("view") or {}).get("type") == "modal"
        channel_id = pressed(body).partition(":")[2]
        asker = asker_of(context, client)
        opening = _open_shared(self._desk, asker, body["trigger_id"], channel_id, on_top=on_top)
        self._desk.tasks.hold(opening, what="open shared settings")
        await ack()

    async def save_mine(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Keep one's own settings."""
        asker = asker_of(context, client)
        workspace = await asker.workspace(self._desk.runs)
        values = forms.read_my_settings(body["view"]["state"]["values"])
        await preferences.set_mine(self._desk.runs.db, workspace.id, asker.user_id, values)
        await ack()

    async def save_shared(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Keep a channel's or the workspace's settings, if an admin sends them."""
        asker, view = asker_of(context, client), body["view"]
        person = await self._desk.people.find(client, asker.team.team_id, asker.user_id, fresh=True)
        if not person.is_admin:
            await ack(response_action="update", view=forms.admins_only_modal())
            return
        workspace = await asker.workspace(self._desk.runs)
        channel_id = view.get("private_metadata") or ""
        values = forms.read_shared_settings(view["state"]["values"])
        db = self._desk.runs.db
        await preferences.set_shared(db, workspace.id, asker.user_id, channel_id, values)
        await ack()


async def open_mine(desk: Desk, asker: Asker, trigger_id: str, *, channel_id: str) -> None:
    """Show a person their settings, and admins the way to those of others."""
    workspace = await asker.workspace(desk.runs)
    db, client = desk.runs.db, asker.client
    holds = await preferences.preferences_for(db, workspace.id, asker.user_id, channel_id)
    own = await preferences.mine(db, workspace.id, asker.user_id)
    person = await desk.people.find(client, asker.team.team_id, asker.user_id)
    form = forms.my_settings_modal(holds, own, channel_id=channel_id, is_admin=person.is_admin)
    await client.views_open(trigger_id=trigger_id, view=form)


async def _open_shared(desk: Desk, asker: Asker, trigger_id: str, channel_id: str, *, on_top: bool) -> None:
    workspace = await asker.workspace(desk.runs)
    db, client = desk.runs.db, asker.client
    person = await desk.people.find(client, asker.team.team_id, asker.user_id)
    holds = await preferences.preferences_for(db, workspace.id, "", channel_id)
    own = await preferences.shared(db, workspace.id, channel_id)
    form = forms.shared_settings_modal(holds, own, channel_id=channel_id)
    form = form if person.is_admin else forms.admins_only_modal()
    if on_top:
        await client.views_push(trigger_id=trigger_id, view=form)
    else:
        await client.views_open(trigger_id=trigger_id, view=form)
