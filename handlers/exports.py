"""Clicks on "Get CSV" and "Get Excel"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot import views
from bot.results import exports
from bot.views import ids
from handlers.desk import actor_of, say
from handlers.payloads import pressed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.desk import Desk

EXPORT = re.compile(rf"^{ids.EXPORT}:")


class Exports:
    """Tables as files."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.action(EXPORT)(self.get)

    async def get(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Have a table made into a file; whoever asks for one that is not there is told so."""
        file_format = body["actions"][0]["action_id"].partition(":")[2]
        actor = actor_of(body, context, f"action:{body['trigger_id']}")
        try:
            await exports.accept(self._desk.runs, actor, pressed(body), file_format)
        except exports.NotFoundError:
            lost = say(context, views.notice({"code": "not_found"}))
            self._desk.tasks.hold(lost, what="say that a click did nothing")
        await ack()
