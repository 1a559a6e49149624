"""What people write: mentions, replies in our threads, direct messages, and Slack's own Stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import hear, stop
from bot.runs.notify import Actor
from bot.runs.slack_text import mentions
from handlers.desk import team_of
from handlers.shared_files import shared_files

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk

OF_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that people write; edits, deletions, joins and the like have others."""


class Messages:
    """Everything that is written to us or below our messages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners; Slack tells of a mention where we are members as both kinds of event."""
        app.event("app_mention")(self.written)
        app.event("message")(self.written)
        app.event("agent_session_stopped")(self.session_stopped)

    async def written(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Take a message that may be for us."""
        said = _said(event, context)
        if said is None:
            return
        is_admin = said.word == "stop" and await self._desk.is_admin(client, said.team, said.user_id)
        reply = await hear.hear(self._desk.runs, said, is_admin=is_admin)
        if reply is not None:
            self._desk.tasks.hold(_say_back(client, said, reply), what="answer a message")

    async def session_stopped(
        self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Stop what runs in the thread whose session was stopped."""
        key = f"session_stopped:{event['channel']}:{event['thread_ts']}:{event.get('event_ts')}"
        actor = Actor(key=key, team=team_of(context), user_id=event.get("user") or "")
        is_admin = await self._desk.is_admin(client, actor.team, actor.user_id)
        where = event["channel"], event["thread_ts"]
        await stop.stop_thread(self._desk.runs, actor, *where, is_admin=is_admin)


def _said(event: dict[str, Any], context: AsyncBoltContext) -> hear.Said | None:
    """The message, or None where it cannot be for us: most messages in a channel end here."""
    if event.get("subtype") not in OF_PEOPLE or event.get("bot_id") or not event.get("user"):
        return None
    is_direct = event.get("channel_type") == "im"
    text, bot = event.get("text") or "", context.bot_user_id or ""
    if not (is_direct or event.get("thread_ts") or bot in mentions(text)):
        return None
    return hear.Said(
        team=team_of(context),
        channel_id=event["channel"],
        user_id=event["user"],
        text=text,
        ts=event["ts"],
        thread_ts=event.get("thread_ts"),
        bot_user_id=bot,
        is_direct=is_direct,
        files=shared_files(event.get("files")),
    )


async def _say_back(client: AsyncWebClient, said: hear.Said, code: str) -> None:
    refusal = {"code": "refused", "reason": {"code": code}}
    message = views.usage() if code == "usage" else views.notice(refusal)
    where: dict[str, Any] = {"channel": said.channel_id, "text": message.text, "blocks": list(message.blocks)}
    if said.is_direct:
        await client.chat_postMessage(**where, thread_ts=said.thread_ts or said.ts)
    else:
        await client.chat_postEphemeral(**where, user=said.user_id)
