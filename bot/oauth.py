"""Installing the app in many workspaces: Slack's OAuth flow, and what people see of it."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from bot.slack_app import USER_AGENT
from storage.installations import Installations, OAuthStates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.authorization.async_authorize import AsyncAuthorize
    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings import Settings
    from storage.database import Database
    from storage.sealing import Seal

log = structlog.get_logger(__name__)

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
ORGANISATIONS = "https://app.slack.com/manage"
"""Slack: where an organisation's admins give an installed app to its workspaces."""


def installations(settings: Settings, db: Database, seal: Seal) -> Installations:
    """The store of who has installed the app."""
    assert settings.slack_client_id is not None
    return Installations(db, settings.slack_client_id, seal)


def bolt_app_for_many(
    settings: Settings,
    client: AsyncWebClient,
    store: Installations,
    *,
    db: Database,
    authorize: AsyncAuthorize,
    installed: Callable[[Installation], Awaitable[None]],
) -> AsyncApp:
    """Bolt with the install pages; ``installed`` is told of each installation once it is kept."""
    assert settings.slack_client_id is not None
    assert settings.slack_client_secret is not None
    secret, quiet = settings.slack_signing_secret, logging.getLogger("slack_bolt")
    oauth = AsyncOAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        scopes=_scopes(),
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
        name=USER_AGENT,
        client=client,
        signing_secret=secret.get_secret_value() if secret else None,
        authorize=authorize,  # type: ignore[arg-type]  # Bolt takes its own class as well as a function
        oauth_flow=Flow(client=client, settings=oauth, logger=quiet),
        process_before_response=True,
        request_verification_enabled=secret is not None,
        user_facing_authorize_error_message="Origami is not installed here, or not any more. "
        f"Ask a Slack admin to install it: {settings.public_url}{INSTALL_PATH}",
        logger=quiet,
    )


def _scopes() -> list[str]:
    """What is asked for, and what whoever installs the app may leave out."""
    from bot.manifest import manifest  # noqa: PLC0415 - one workspace does without it, and without YAML

    asked = manifest()["oauth_config"]["scopes"]
    return [*asked["bot"], *asked["bot_optional"]]


class Flow(AsyncOAuthFlow):
    """Bolt's flow; whatever else goes wrong is a page too, and nothing is kept of a half installation."""

    async def handle_installation(self, request: AsyncBoltRequest) -> BoltResponse:
        """Send the browser to Slack's page of consent, with a state that is good once."""
        try:
            return await super().handle_installation(request)
        except Exception:
            log.exception("install.cannot_begin")
            return _not_now()

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        """Take the browser back from there."""
        try:
            return await super().handle_callback(request)
        except Exception:
            log.exception("install.cannot_end")
            return _not_now()


def _authorization_url(slack_api_url: str) -> str:
    parts = urlsplit(slack_api_url)
    return f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize"


def _success(
    installed: Callable[[Installation], Awaitable[None]],
) -> Callable[[AsyncSuccessArgs], Awaitable[BoltResponse]]:
    async def success(args: AsyncSuccessArgs) -> BoltResponse:
        installation = args.installation
        await installed(installation)
        if installation.is_enterprise_install:
            return _in_organisation(installation)
        return _page(
            200,
            "Origami is installed",
            f"Origami is in {installation.team_name or 'your workspace'}. A direct message from it says what "
            "comes next; you can close this page.",
        )

    return success


def _in_organisation(installation: Installation) -> BoltResponse:
    organisation = quote(installation.enterprise_id or "", safe="")
    app = quote(installation.app_id or "", safe="")
    return _page(
        200,
        "Origami is installed",
        f"{installation.enterprise_name or 'Your organisation'} has Origami now, and none of its "
        "workspaces yet: add those that should have it. An admin of each then connects it on Origami's Home "
        "tab in Slack.",
        link=(f"{ORGANISATIONS}/{organisation}/integrations/profile/{app}/workspaces/add", "Add workspaces"),
    )


async def _failure(args: AsyncFailureArgs) -> BoltResponse:
    log.warning("install.failed", reason=args.reason[:100])
    told = _FAILURES.get(args.reason, "Slack did not finish the installation.")
    return _page(args.suggested_status_code, "Origami was not installed", told, link=_AGAIN)


def _not_now() -> BoltResponse:
    told = "Something that it needs does not answer just now, and nothing was changed. Try again in a minute."
    return _page(503, "Origami was not installed", told, link=_AGAIN)


_AGAIN = (INSTALL_PATH, "Start the installation again")
_FAILURES = {
    "access_denied": "The installation was cancelled in Slack, and nothing was changed.",
    "invalid_browser": "This page must be opened in the browser in which the installation began, "
    "within ten minutes.",
    "invalid_state": "This installation took longer than ten minutes, or was finished already.",
    "invalid_code": "Slack did not accept the installation's code: it may have been used already.",
    "missing_code": "Slack sent no code for the installation.",
    "storage_error": "The installation could not be kept just now.",
}


def _page(status: int, title: str, told: str, *, link: tuple[str, str] | None = None) -> BoltResponse:
    to = f'<p><a href="{html.escape(link[0])}">{html.escape(link[1])}</a></p>' if link else ""
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"></head><body><main><h1>{html.escape(title)}</h1>'
        f"<p>{html.escape(told)}</p>{to}</main></body></html>"
    )
    return BoltResponse(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
