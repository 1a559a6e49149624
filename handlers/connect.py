"""Connecting Origami: the form for the key, for admins only, and what came of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.runs import reasons
from bot.views import connect as views
from bot.views import ids
from bot.views.settings import admins_only_modal
from bot.workspaces.connecting import NotAKeyError
from handlers.desk import asker_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.workspaces.connecting import Connecting
    from handlers.asker import Asker
    from handlers.desk import Desk

CONNECT = re.compile(rf"^{ids.CONNECT}(:|$)")


class Connect:
    """Where each workspace has a key of its own."""

    def __init__(self, desk: Desk, connecting: Connecting) -> None:
        self._desk, self._connecting = desk, connecting

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(CONNECT)(self.open)
        app.action(ids.DISCONNECT)(self.disconnect)
        app.view(ids.CONNECT_MODAL)(self.submit)

    async def open(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the form, in the place of one that is open."""
        open_view = body.get("view") or {}
        view_id = open_view["id"] if open_view.get("type") == "modal" else None
        opening = self._open(asker_of(context, client), body["trigger_id"], view_id)
        self._desk.tasks.hold(opening, what="open connect form")
        await ack()

    async def _open(self, asker: Asker, trigger_id: str, view_id: str | None) -> None:
        form = views.connect_modal() if await self._is_admin(asker) else admins_only_modal()
        if view_id:
            await asker.client.views_update(view_id=view_id, view=form)
        else:
            await asker.client.views_open(trigger_id=trigger_id, view=form)

    async def submit(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Check the key with Origami once the form says so, and keep it if it is good."""
        try:
            key = self._connecting.checked(views.typed_key(body["view"]["state"]["values"]))
        except NotAKeyError as error:
            await ack(response_action="errors", errors={views.KEY_BLOCK: str(error)})
            return
        checking = self._check(asker_of(context, client), body["view"]["id"], key)
        await ack(response_action="update", view=views.checking_modal())
        self._desk.tasks.hold(checking, what="check an Origami key")

    async def _check(self, asker: Asker, view_id: str, key: str) -> None:
        reader = await self._desk.reader(asker)
        if not await self._is_admin(asker):
            view = admins_only_modal()
        else:
            workspace = await asker.workspace(self._desk.runs)
            standing = await self._connecting.connect(workspace, asker.user_id, key)
            if standing.account and standing.credits:
                view = views.connected_modal(standing.account, standing.credits, reader)
                await self._desk.viewers.again(asker)
            else:
                reason = reasons.reason_for(standing.error) if standing.error else {}
                view = views.not_connected_modal(reason, reader)
        await asker.client.views_update(view_id=view_id, view=view)

    async def disconnect(self, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Take the key away, if an admin asks for it."""
        asker = asker_of(context, client)
        if await self._is_admin(asker):
            await self._connecting.disconnect(await asker.workspace(self._desk.runs), asker.user_id)
            self._desk.tasks.hold(self._desk.viewers.again(asker), what="show home without a key")
        await ack()

    async def _is_admin(self, asker: Asker) -> bool:
        person = await self._desk.people.find(asker.client, asker.team.team_id, asker.user_id, fresh=True)
        return person.is_admin
