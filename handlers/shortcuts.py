"""Shortcuts: a new search from anywhere, and one that begins with somebody's message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs.slack_text import plain_words
from bot.views import ids
from bot.workspaces import tables
from handlers.brief_form import open_brief_form
from handlers.desk import asker_of, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk

NEW_BRIEF = "new_brief"
BRIEF_FROM_MESSAGE = "brief_from_message"


class Shortcuts:
    """Both shortcuts, and the tables to choose from in the form that they open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.shortcut(NEW_BRIEF)(self.new_brief)
        app.shortcut(BRIEF_FROM_MESSAGE)(self.from_message)
        app.options(ids.TABLES)(self.tables)

    async def new_brief(
        self, ack: AsyncAck, shortcut: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the brief form."""
        open_brief_form(self._desk, asker_of(context, client), shortcut["trigger_id"])
        await ack()

    async def from_message(
        self, ack: AsyncAck, shortcut: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the brief form with the message in it; the search goes on in that message's thread."""
        message, channel = shortcut["message"], shortcut["channel"]["id"]
        open_brief_form(
            self._desk,
            asker_of(context, client),
            shortcut["trigger_id"],
            channel_id=channel,
            prompt=views.brief_from(plain_words(message.get("text") or "")),
            thread=f"{channel}:{message.get('thread_ts') or message['ts']}",
        )
        await ack()

    async def tables(
        self, ack: AsyncAck, payload: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Offer the workspace's tables in whose names stands what was typed."""
        known, reader = await asyncio.gather(
            tables.known(self._desk.runs, team_of(context)), self._desk.reader(asker_of(context, client))
        )
        await ack(options=views.table_options(known, payload.get("value") or "", reader))
