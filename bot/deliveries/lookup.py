"""After a post of unknown outcome: does it stand in Slack? Asked before anything is posted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot.deliveries.errors import CannotPostError, RefusedError, decide

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from storage.records import Delivery

log = structlog.get_logger(__name__)

EVENT_TYPE = "origami_delivery"
PAGE = 100
MOST_PAGES = 5
MARGIN_SECONDS = 120.0
"""How far Slack's clock and the database's may differ."""


def metadata(token: str) -> dict[str, Any]:
    """What every post carries. Anybody in the workspace may read it, so it is a bare token."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": token}}


async def look_for(client: AsyncWebClient, delivery: Delivery, thread_ts: str | None) -> str | None:
    """The ``ts`` at which a delivery stands in its thread; None where it does not, or where nobody may look.

    Raises a DeliveryError: while the look-up fails, nothing may be posted again.
    """
    try:
        return await find_posted(
            client,
            channel=delivery.channel_id,
            thread_ts=thread_ts,
            token=delivery.token,
            since=delivery.created_at,
        )
    except Exception as raised:
        error = decide(raised)
        if isinstance(error, CannotPostError | RefusedError):
            # Looking is not allowed here: a message that may stand twice beats one that is missing.
            log.warning("delivery.cannot_look", delivery=delivery.id, error=error.code)
            return None
        raise error from raised


async def find_posted(
    client: AsyncWebClient, *, channel: str, thread_ts: str | None, token: str, since: datetime
) -> str | None:
    """The ``ts`` of the message that carries the token, or None when it is not there.

    Raises what the SDK raises: while the look-up fails, nothing may be posted again.
    """
    async for message in _messages(client, channel, thread_ts, since):
        if _token_of(message) == token:
            return str(message["ts"])
    return None


async def is_shared(
    client: AsyncWebClient, *, channel: str, thread_ts: str | None, file_id: str, since: datetime
) -> bool:
    """Whether a message there carries the file. Raises what the SDK raises."""
    async for message in _messages(client, channel, thread_ts, since):
        if any(file.get("id") == file_id for file in message.get("files") or []):
            return True
    return False


async def _messages(
    client: AsyncWebClient, channel: str, thread_ts: str | None, since: datetime
) -> AsyncIterator[dict[str, Any]]:
    arguments: dict[str, Any] = {
        "channel": channel,
        "include_all_metadata": True,
        "limit": PAGE,
        "oldest": f"{since.timestamp() - MARGIN_SECONDS:.6f}",
    }
    for _ in range(MOST_PAGES):
        if thread_ts is None:
            answer = await client.conversations_history(**arguments)
        else:
            answer = await client.conversations_replies(ts=thread_ts, **arguments)
        for message in answer.get("messages") or []:
            yield message
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
        arguments["cursor"] = cursor


def _token_of(message: dict[str, Any]) -> str | None:
    found = message.get("metadata") or {}
    if found.get("event_type") != EVENT_TYPE:
        return None
    return (found.get("event_payload") or {}).get("id")
