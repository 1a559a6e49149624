"""Slack's refusals as decisions.

DeliveryError
├── UncertainError      a time-out, reset or 5xx: the message may stand in Slack
├── NotSentError        the request never left: nothing happened
├── RateLimitedError    wait as long as Slack says; only this channel
├── BlocksRefusedError  the content is at fault: send the plain version
├── CannotPostError     this place is closed to us: the rep hears of it another way
├── TokenDeadError      the app is gone from the workspace, or its token revoked
├── MessageGoneError    what should be updated was deleted, or cannot be
└── RefusedError        anything else, by Slack's own code
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError


class DeliveryError(Exception):
    """A message did not get to Slack as it was."""

    codes: ClassVar[frozenset[str]] = frozenset()

    request_id: str | None = None
    """Slack's own id of the call, where it answered."""

    def __init__(self, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class UncertainError(DeliveryError):
    """Whether the message stands in Slack is not known; look before posting again."""

    codes = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


class NotSentError(DeliveryError):
    """No connection was made; posting again cannot double anything."""


class RateLimitedError(DeliveryError):
    """Slack wants fewer messages here; ``retry_after`` is in seconds."""

    codes = frozenset({"ratelimited", "rate_limited"})


class BlocksRefusedError(DeliveryError):
    """Slack will not draw these blocks, or the text is too long."""

    codes = frozenset(
        {
            "invalid_blocks",
            "invalid_blocks_format",
            "block_mismatch",
            "msg_blocks_too_long",
            "msg_too_long",
            "invalid_attachments",
            "only_one_table_allowed",
            "markdown_text_conflict",
        }
    )


class CannotPostError(DeliveryError):
    """Nothing can be posted in this place, now or later."""

    codes = frozenset(
        {
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "restricted_action_non_threadable_channel",
            "restricted_action_thread_locked",
            "ekm_access_denied",
            "team_access_not_granted",
            "messages_tab_disabled",
            "user_not_in_channel",
            "user_not_found",
            "cannot_dm_bot",
            "message_limit_exceeded",
        }
    )


class TokenDeadError(DeliveryError):
    """The workspace has taken the app's access away."""

    codes = frozenset(
        {
            "invalid_auth",
            "token_revoked",
            "token_expired",
            "account_inactive",
            "not_authed",
            "org_login_required",
        }
    )


class MessageGoneError(DeliveryError):
    """There is no message left to update."""

    codes = frozenset(
        {
            "message_not_found",
            "cant_update_message",
            "edit_window_closed",
            "thread_not_found",
            "update_failed",
        }
    )


class RefusedError(DeliveryError):
    """A refusal that has no decision of its own."""


_BY_CODE: dict[str, type[DeliveryError]] = {
    code: kind for kind in DeliveryError.__subclasses__() for code in kind.codes
}


def decide(error: Exception) -> DeliveryError:
    """The decision in what the SDK raised. Raises ``error`` itself when it is not about a call to Slack."""
    if isinstance(error, SlackApiError):
        decision = _from_answer(error)
        decision.request_id = _request_id(error)
        return decision
    if isinstance(error, aiohttp.ClientConnectorError):
        return NotSentError(type(error).__name__)
    if isinstance(
        error, aiohttp.ClientError | asyncio.TimeoutError | OSError | SlackClientError | ValueError
    ):
        return UncertainError(type(error).__name__)
    raise error


def _from_answer(error: SlackApiError) -> DeliveryError:
    response = error.response
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    if status == 429 or code in RateLimitedError.codes:
        return RateLimitedError("ratelimited", retry_after=_seconds(getattr(response, "headers", {})))
    if status >= 500 or not code:
        return UncertainError(code or f"http_{status}")
    return _BY_CODE.get(code, RefusedError)(code)


def _seconds(headers: object) -> float:
    value = getattr(headers, "get", lambda _name: None)("Retry-After")
    try:
        return min(max(float(value or 1), 0.0), 3600.0)
    except ValueError:
        return 1.0


def _request_id(error: SlackApiError) -> str | None:
    headers = getattr(error.response, "headers", None)
    found = getattr(headers, "get", lambda _name: None)("x-slack-req-id")
    return str(found)[:100] if found else None
