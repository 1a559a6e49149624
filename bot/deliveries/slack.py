"""Slack's Web API as the sender needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bot.deliveries.errors import BlocksRefusedError, UncertainError, decide
from bot.deliveries.lookup import metadata
from bot.features import JOINING
from bot.grants import may

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.views import Message
    from storage.records import Workspace


class Clients(Protocol):
    """A Web API client in a workspace's name, without retries of its own: posting is not idempotent."""

    async def __call__(self, workspace: Workspace) -> AsyncWebClient:
        """The client, with the workspace's token."""

    async def ready(self, session: AsyncSession, workspaces: Collection[Workspace]) -> None:
        """Clients are about to be asked for in the names of these workspaces."""


@dataclass(frozen=True, slots=True)
class Post:
    """Where a message goes."""

    channel: str
    thread_ts: str | None
    token: str
    broadcast: bool = False
    """Show a thread's message in the channel too; Slack takes it only when a message is first posted."""


async def post(client: AsyncWebClient, where: Post, message: Message) -> str:
    """Post a message; returns its ``ts``. Raises a DeliveryError."""
    arguments: dict[str, Any] = {
        "channel": where.channel,
        "metadata": metadata(where.token),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if where.thread_ts:
        arguments["thread_ts"] = where.thread_ts
        arguments["reply_broadcast"] = where.broadcast
    answer = await _or_plain(lambda content: client.chat_postMessage(**arguments, **content), message)
    return str(answer["ts"])


async def update(client: AsyncWebClient, channel: str, ts: str, message: Message) -> None:
    """Show a message's new version. Raises a DeliveryError."""
    await _or_plain(lambda content: client.chat_update(channel=channel, ts=ts, **content), message)


async def whisper(
    client: AsyncWebClient, channel: str, thread_ts: str | None, user: str, message: Message
) -> None:
    """Words that only one person in the channel, or its thread, sees. Raises a DeliveryError."""
    where: dict[str, Any] = {"channel": channel, "user": user} | (
        {"thread_ts": thread_ts} if thread_ts else {}
    )
    await _or_plain(lambda content: client.chat_postEphemeral(**where, **content), message)


async def direct_message(client: AsyncWebClient, user: str, token: str, message: Message) -> None:
    """Words to one person in their conversation with the app. Raises a DeliveryError."""
    try:
        opened = await client.conversations_open(users=user)
    except Exception as error:
        raise decide(error) from error
    await post(client, Post(opened["channel"]["id"], None, token), message)


async def join(client: AsyncWebClient, channel: str) -> bool:
    """Enter a public channel; False where the app may not, and somebody has to invite it."""
    if not may(client, JOINING):
        return False
    try:
        await client.conversations_join(channel=channel)
    except Exception as raised:  # noqa: BLE001  (decide() raises what is not Slack's)
        decide(raised)
        return False
    return True


async def respond(http: aiohttp.ClientSession, url: str, thread_ts: str | None, message: Message) -> None:
    """Answer one person through an interaction's response_url: works even where the app is not a member.

    Raises a DeliveryError; Slack takes five answers in 30 minutes.
    """
    body: dict[str, Any] = {
        "text": message.text,
        "blocks": list(message.blocks),
        "replace_original": False,
        "response_type": "ephemeral",
    }
    if thread_ts:
        body["thread_ts"] = thread_ts
    try:
        async with http.post(url, json=body) as answer:
            status = answer.status
    except Exception as error:
        raise decide(error) from error
    if status >= 500:
        raise UncertainError(f"http_{status}")
    if status >= 400:
        raise BlocksRefusedError(f"http_{status}")


async def _or_plain(call: Callable[[dict[str, Any]], Awaitable[Any]], message: Message) -> Any:  # noqa: ANN401
    """Rather the plain version than nothing, when Slack will not draw the blocks."""
    try:
        try:
            return await call({"text": message.text, "blocks": list(message.blocks)})
        except Exception as error:
            if not isinstance(decide(error), BlocksRefusedError):
                raise
            plain = message.plain()
            return await call({"text": plain.text, "blocks": list(plain.blocks)})
    except Exception as error:
        raise decide(error) from error
