"""What people write: mentions, replies in our threads, direct messages, and Slack's own Stop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import hear, stop
from bot.runs.guard import Refused, refuse_outsider
from bot.runs.notify import Actor
from bot.runs.slack_text import mentions
from handlers.desk import team_of
from handlers.outsiders import is_outsider
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

    async def written(
        self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Take a message that may be for us."""
        said = _said(event, context)
        if said is None:
            return
        outside = await is_outsider(self._desk, body, context)
        said = replace(said, who=self._desk.who(context), is_outsider=outside)
        try:
            reply = await hear.hear(self._desk.runs, said)
        except Refused as refused:
            message = None if refused.is_repeat else _refusal(refused.reason)
        else:
            message = None if reply is None else self._reply(reply)
        if message is not None:
            self._desk.tasks.hold(_say_back(client, said, message), what="answer a message")

    def _reply(self, code: str) -> views.Message:
        return views.usage(self._desk.support_url) if code == "usage" else _refusal({"code": code})

    async def session_stopped(
        self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Stop what runs in the thread whose session was stopped."""
        key = f"session_stopped:{event['channel']}:{event['thread_ts']}:{event.get('event_ts')}"
        user_id = event.get("user") or ""
        actor = Actor(key=key, team=team_of(context), user_id=user_id, who=self._desk.who(context))
        where = event["channel"], event["thread_ts"]
        try:
            if await is_outsider(self._desk, body, context):
                await refuse_outsider(self._desk.runs, actor, *where)
            await stop.stop_thread(self._desk.runs, actor, *where)
        except Refused as refused:
            if not refused.is_repeat:
                telling = _whisper(client, *where, user_id, _refusal(refused.reason))
                self._desk.tasks.hold(telling, what="say why a run is not stopped")


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


def _refusal(reason: dict[str, Any]) -> views.Message:
    return views.notice({"code": "refused", "reason": reason})


async def _say_back(client: AsyncWebClient, said: hear.Said, message: views.Message) -> None:
    if said.is_direct:
        await client.chat_postMessage(
            channel=said.channel_id,
            thread_ts=said.thread_ts or said.ts,
            text=message.text,
            blocks=message.blocks,
        )
    else:
        await _whisper(client, said.channel_id, said.thread_ts, said.user_id, message)


async def _whisper(
    client: AsyncWebClient, channel_id: str, thread_ts: str | None, user_id: str, message: views.Message
) -> None:
    await client.chat_postEphemeral(
        channel=channel_id, user=user_id, thread_ts=thread_ts, text=message.text, blocks=message.blocks
    )
