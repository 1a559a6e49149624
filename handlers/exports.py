"""Clicks on "Get CSV" and "Get Excel"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot import views
from bot.features import FILES
from bot.grants import may
from bot.results import exports
from bot.views import ids
from handlers.desk import actor_of, say
from handlers.payloads import pressed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk

EXPORT = re.compile(rf"^{ids.EXPORT}:")


class Exports:
    """Tables as files."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.action(EXPORT)(self.get)

    async def get(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Have a table made into a file; whoever asks for one that cannot be is told so."""
        file_format = body["actions"][0]["action_id"].partition(":")[2]
        if not may(client, FILES):
            self._say(context, "no_files")
            await ack()
            return
        actor = actor_of(body, context, f"action:{body['trigger_id']}")
        try:
            await exports.accept(self._desk.runs, actor, pressed(body), file_format)
        except exports.NotFoundError:
            self._say(context, "not_found")
        await ack()

    def _say(self, context: AsyncBoltContext, code: str) -> None:
        told = say(context, views.notice({"code": code}))
        self._desk.tasks.hold(told, what="say that a click did nothing")
