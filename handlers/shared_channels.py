"""The click that lets people of other companies see an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import answer, show
from bot.views import ids
from handlers.desk import actor_of, asker_of, say
from handlers.payloads import pressed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk


class SharedChannels:
    """Channels that other companies see."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.action(ids.SHOW_HERE)(self.show)

    async def show(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
    ) -> None:
        """Show an answer to everybody in its channel, if its requester or an admin says so."""
        asker, actor = asker_of(context, client), actor_of(body, context, f"action:{body['trigger_id']}")

        async def is_admin() -> bool:
            people = self._desk.people
            return (await people.find(client, asker.team.team_id, asker.user_id, fresh=True)).is_admin

        try:
            await show.show(self._desk.runs, actor, pressed(body), is_admin=is_admin)
        except answer.NotFoundError:
            lost = say(context, views.notice({"code": "not_found"}))
            self._desk.tasks.hold(lost, what="say that a click did nothing")
        await ack()
