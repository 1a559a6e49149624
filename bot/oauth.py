"""Installing the app in many workspaces: Slack's OAuth flow, and the token of each."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from bot.deliveries.errors import TokenDeadError
from bot.manifest import manifest
from bot.slack_app import web_client
from storage.installations import Installations, OAuthStates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings import Settings
    from storage.database import Database
    from storage.records import Workspace
    from storage.sealing import Seal

log = structlog.get_logger(__name__)

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"


class InstalledClients:
    """A posting client for each workspace, with its own token, read anew each time."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession, store: Installations) -> None:
        self._settings, self._session, self._store = settings, session, store

    async def __call__(self, workspace: Workspace) -> AsyncWebClient:
        """The client. Raises TokenDeadError where the app is not installed (any more)."""
        bot = await self._store.bot_in(enterprise_id=workspace.enterprise_id, team_id=workspace.team_id)
        if bot is None:
            raise TokenDeadError("not_installed")
        client = web_client(self._settings, self._session, repeats=False)
        client.token = bot.bot_token
        if bot.is_enterprise_install:
            # An organisation's token serves many workspaces: each call must say which one it means.
            client.default_params["team_id"] = workspace.team_id
        return client


def installations(settings: Settings, db: Database, seal: Seal) -> Installations:
    """The store of who has installed the app."""
    assert settings.slack_client_id is not None
    return Installations(db, settings.slack_client_id, seal)


def bolt_app_for_many(
    settings: Settings,
    client: AsyncWebClient,
    store: Installations,
    db: Database,
    installed: Callable[[Installation], Awaitable[None]],
) -> AsyncApp:
    """Bolt with the install pages; ``installed`` is told of each installation once it is kept.

    A token is asked about (auth.test) once in a process, not at each request.
    """
    assert settings.slack_client_id is not None
    assert settings.slack_client_secret is not None
    secret, quiet = settings.slack_signing_secret, logging.getLogger("slack_bolt")
    client_secret = settings.slack_client_secret.get_secret_value()
    authorize = AsyncInstallationStoreAuthorize(
        logger=quiet,
        installation_store=store,
        client_id=settings.slack_client_id,
        client_secret=client_secret,
        client=client,
        cache_enabled=True,
    )
    oauth = AsyncOAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=client_secret,
        scopes=manifest()["oauth_config"]["scopes"]["bot"],
        redirect_uri=f"{settings.public_url}{REDIRECT_PATH}",
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=_authorization_url(settings.slack_api_url),
        installation_store=store,
        state_store=OAuthStates(db),
        install_page_rendering_enabled=False,
        callback_options=AsyncCallbackOptions(success=_success(installed), failure=_failure),
    )
    return AsyncApp(
        client=client,
        signing_secret=secret.get_secret_value() if secret else None,
        authorize=authorize,  # type: ignore[arg-type]  # a callable, as Bolt's own documentation passes it
        installation_store=store,
        oauth_settings=oauth,
        process_before_response=True,
        request_verification_enabled=secret is not None,
        logger=quiet,
    )


def _authorization_url(slack_api_url: str) -> str:
    parts = urlsplit(slack_api_url)
    return f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize"


def _success(
    installed: Callable[[Installation], Awaitable[None]],
) -> Callable[[AsyncSuccessArgs], Awaitable[BoltResponse]]:
    async def success(args: AsyncSuccessArgs) -> BoltResponse:
        await installed(args.installation)
        team = args.installation.team_name or args.installation.enterprise_name or "your workspace"
        return _page(
            200,
            "Origami is installed",
            f"Origami is in {team}. A direct message from it says what comes next; you can close this page.",
        )

    return success


async def _failure(args: AsyncFailureArgs) -> BoltResponse:
    log.warning("install.failed", reason=args.reason[:100])
    return _page(
        args.suggested_status_code,
        "Origami was not installed",
        _FAILURES.get(args.reason, "Slack did not finish the installation."),
        again=True,
    )


_FAILURES = {
    "access_denied": "The installation was cancelled in Slack, and nothing was changed.",
    "invalid_browser": "This page must be opened in the browser in which the installation began, "
    "within ten minutes.",
    "invalid_state": "This installation took longer than ten minutes, or was finished already.",
    "invalid_code": "Slack did not accept the installation's code: it may have been used already.",
    "missing_code": "Slack sent no code for the installation.",
    "storage_error": "The installation could not be kept just now.",
}


def _page(status: int, title: str, told: str, *, again: bool = False) -> BoltResponse:
    link = f'<p><a href="{INSTALL_PATH}">Start the installation again</a></p>' if again else ""
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"></head><body><main><h1>{html.escape(title)}</h1>'
        f"<p>{html.escape(told)}</p>{link}</main></body></html>"
    )
    return BoltResponse(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
