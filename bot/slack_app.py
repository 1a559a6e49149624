"""Slack's side of the application: Bolt, its token, and the two ways in."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.grants import Grants

if TYPE_CHECKING:
    from collections.abc import Collection

    import aiohttp
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.settings import Settings
    from storage.records import Workspace

USER_AGENT = "origami-slack"


def web_client(
    settings: Settings, session: aiohttp.ClientSession, *, repeats: bool, grants: Grants | None = None
) -> AsyncWebClient:
    """A Web API client with the settings' token, on the shared session.

    ``repeats`` adds the SDK's retries after resets and 429s (off by default in the SDK). Posting
    does without: it is not idempotent, and a repeated post is a doubled one. ``grants`` hears from
    each answer what the token may, and is shared where a client is made anew for each use.
    """
    handlers: list[Any] = [grants or Grants()]
    if repeats:
        handlers += [
            AsyncConnectionErrorRetryHandler(max_retry_count=1),
            AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        ]
    token = settings.slack_bot_token
    return AsyncWebClient(
        token=token.get_secret_value() if token else None,
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=handlers,
        user_agent_prefix=USER_AGENT,
        logger=_quiet("slack_sdk.web"),
    )


class OneWorkspace:
    """Posting clients for the one workspace whose token stands in the settings."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def __call__(self, workspace: Workspace) -> AsyncWebClient:
        """The same client for whatever that token may reach."""
        del workspace
        return self._client

    async def ready(self, session: AsyncSession, workspaces: Collection[Workspace]) -> None:
        """There is nothing to be read."""


async def bolt_app(settings: Settings, client: AsyncWebClient) -> AsyncApp:
    """Bolt for one workspace; asks Slack once who the token is. Raises SlackApiError when it is refused.

    ``process_before_response``: a listener commits what it was told before Slack hears the ack, its
    errors are seen, and the ack is not looked for every 10 ms.
    """
    identity = await client.auth_test()
    known = AuthorizeResult(
        enterprise_id=identity.get("enterprise_id"),
        team_id=identity.get("team_id"),
        team=identity.get("team"),
        url=identity.get("url"),
        bot_user_id=identity.get("user_id"),
        bot_id=identity.get("bot_id"),
        bot_token=client.token,
    )

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # The app may be installed elsewhere too, and that is not whom this token and its key are for.
        organisation = known.enterprise_id if identity.get("is_enterprise_install") else None
        ours = team_id in {known.team_id, None} or (organisation and enterprise_id == organisation)
        return known if ours else None

    secret = settings.slack_signing_secret
    return AsyncApp(
        name=USER_AGENT,  # else Bolt looks for the file that makes it, which reads the source of every module
        client=client,
        signing_secret=secret.get_secret_value() if secret else None,
        authorize=authorize,  # type: ignore[arg-type]  # None is how Bolt is told that it is not installed
        process_before_response=True,
        request_verification_enabled=secret is not None,
        user_facing_authorize_error_message="This Origami serves another workspace.",
        logger=_quiet("slack_bolt"),
    )


def _quiet(name: str) -> logging.Logger:
    """The SDK logs each failed call and unmatched request itself; ours are logged once, with ids."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL)
    return logger
