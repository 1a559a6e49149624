"""The token of each workspace that has installed the app: for its requests, and for what we send it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.http_retry.async_handler import AsyncRetryHandler

from bot.deliveries.errors import TokenDeadError, decide
from bot.grants import Grants, note
from bot.slack_app import web_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    import aiohttp
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.oauth.installation_store.models.bot import Bot
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.settings import Settings
    from bot.tasks import Tasks
    from storage.installations import Installations
    from storage.records import Workspace

log = structlog.get_logger(__name__)

MOST_TOKENS = 10_000
KEEP_SECONDS = 1.0
"""A message takes several calls to Slack: for so long its token is not read again."""
ASK_AGAIN_SECONDS = 60.0
"""When Slack did not tell."""


class Found(Protocol):
    """What is told of a workspace in whose name nothing can be sent any more."""

    def __call__(self, workspace: Workspace, token: str | None) -> None:
        """The token was refused; None where there is none to try."""


class InstalledClients:
    """A posting client for each workspace, with its own token, which another process may have replaced."""

    def __init__(
        self, settings: Settings, session: aiohttp.ClientSession, store: Installations, found_dead: Found
    ) -> None:
        self._settings, self._session, self._store = settings, session, store
        self._found_dead, self._grants = found_dead, Grants()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def __call__(self, workspace: Workspace) -> AsyncWebClient:
        """The client. Raises TokenDeadError where the app is not installed (any more)."""
        version, now = self._store.version, time.monotonic()
        if (client := self._known(workspace)) is not None:
            return client
        bot = await self._store.bot_in(enterprise_id=workspace.enterprise_id, team_id=workspace.team_id)
        if bot is None:
            self._found_dead(workspace, None)
            raise TokenDeadError("not_installed")
        return self._keep(workspace, bot, now, version)

    async def ready(self, session: AsyncSession, workspaces: Collection[Workspace]) -> None:
        """Read the tokens of many workspaces at once, in whose names something is about to be sent."""
        version, now = self._store.version, time.monotonic()
        unknown = {(one.enterprise_id, one.team_id): one for one in workspaces if self._known(one) is None}
        found = await self._store.bots_in(session, unknown.keys()) if unknown else {}
        for place, bot in found.items():
            self._keep(unknown[place], bot, now, version)

    def _known(self, workspace: Workspace) -> AsyncWebClient | None:
        kept, now = self._kept.get(workspace.id), time.monotonic()
        if kept is None or kept.version != self._store.version or now - kept.at >= KEEP_SECONDS:
            return None
        return kept.client

    def _keep(self, workspace: Workspace, bot: Bot, at: float, version: int) -> AsyncWebClient:
        client = self._made(workspace, bot)
        self._kept[workspace.id] = _Kept(client, at, version)
        self._kept.move_to_end(workspace.id)
        while len(self._kept) > MOST_TOKENS:
            self._kept.popitem(last=False)
        return client

    def _refused(self, workspace: Workspace, token: str | None) -> None:
        kept = self._kept.get(workspace.id)
        if kept is not None and kept.client.token == token:
            # Whoever installs the app again may have brought a new one: the next message is not to miss it.
            del self._kept[workspace.id]
        self._found_dead(workspace, token)

    def _made(self, workspace: Workspace, bot: Bot) -> AsyncWebClient:
        self._grants.note(bot.bot_token, bot.bot_scopes or ())
        client = web_client(self._settings, self._session, repeats=False, grants=self._grants)
        client.token = bot.bot_token
        client.retry_handlers.append(_Listener(self._refused, workspace, bot.bot_token))
        if bot.is_enterprise_install:
            # An organisation's token serves many workspaces: each call must say which one it means.
            client.default_params["team_id"] = workspace.team_id
        return client


@dataclass(frozen=True, slots=True)
class _Kept:
    client: AsyncWebClient
    at: float
    version: int
    """The store's, when its token was read."""


class _Listener(AsyncRetryHandler):
    """Repeats nothing: hears from every answer whether the token is dead."""

    def __init__(self, found_dead: Found, workspace: Workspace, token: str) -> None:
        super().__init__()
        self._found_dead, self._workspace, self._token = found_dead, workspace, token

    async def _can_retry_async(self, *, response: Any = None, **_: Any) -> bool:  # noqa: ANN401  (the SDK's)
        body = getattr(response, "body", None)
        if isinstance(body, dict) and body.get("error") in TokenDeadError.codes:
            self._found_dead(self._workspace, self._token)
        return False


@dataclass(slots=True)
class DeadTokens:
    """Makes sure that a token which was refused is dead, once at a time, and then tells of it."""

    settings: Settings
    session: aiohttp.ClientSession
    tasks: Tasks
    gone: Callable[[Workspace, str | None], Awaitable[None]]
    grace: float
    """Seconds between a dead token and what follows: who installs the app again may bring a new one."""
    _asking: set[str] = field(default_factory=set)

    def __call__(self, workspace: Workspace, token: str | None) -> None:
        """A call in the workspace's name was refused for its token; None where it has none."""
        if workspace.id not in self._asking and workspace.left_at is None:
            self._asking.add(workspace.id)
            self.tasks.hold(self._make_sure(workspace, token), what="see whether a token is dead")

    async def _make_sure(self, workspace: Workspace, token: str | None) -> None:
        try:
            if token is None or await self._is_dead(token):
                await asyncio.sleep(self.grace)
                await self.gone(workspace, token)
        finally:
            self._asking.discard(workspace.id)

    async def _is_dead(self, token: str) -> bool:
        client = web_client(self.settings, self.session, repeats=True)
        try:
            await client.auth_test(token=token)
        except Exception as error:  # noqa: BLE001  (decide() raises what is not Slack's)
            return isinstance(decide(error), TokenDeadError)
        return False


class Authorize(AsyncAuthorize):
    """Whose request it is, from what was kept when the app was installed: no request waits for Slack.

    Only where links into the workspace begin has to be asked for (auth.test): once for each token, in a task
    of its own. The store is read each time, so a token that was deleted by another process is used no more.
    """

    def __init__(self, store: Installations, client: AsyncWebClient, tasks: Tasks) -> None:
        self._store, self._client, self._tasks = store, client, tasks
        self._urls: OrderedDict[str, tuple[str, float]] = OrderedDict()
        """By token: where links begin, and from when on it may be asked for (again)."""

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: object
    ) -> AuthorizeResult | None:
        """The bot of the workspace or organisation in the request; None where it is not installed."""
        bot = await self._store.async_find_bot(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=context.is_enterprise_install
        )
        if bot is None:
            return None
        note(self._client, bot.bot_token, bot.bot_scopes or ())
        url, ask_at = self._urls.get(bot.bot_token, ("", 0.0))
        result = AuthorizeResult(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            team=bot.team_name,
            url=url,
            bot_user_id=bot.bot_user_id,
            bot_id=bot.bot_id,
            bot_token=bot.bot_token,
            bot_scopes=bot.bot_scopes,
        )
        if time.monotonic() >= ask_at:
            self._keep(bot.bot_token, "", time.monotonic() + ASK_AGAIN_SECONDS)
            self._tasks.hold(self._ask(bot.bot_token, result), what="ask where a workspace's links begin")
        return result

    async def _ask(self, token: str, result: AuthorizeResult) -> None:
        try:
            answer = await self._client.auth_test(token=token)
        except Exception as error:  # noqa: BLE001  (lists then have no links until it is asked again)
            log.warning("authorize.no_url", team=result.team_id, error=repr(error)[:300])
        else:
            result.url = str(answer.get("url") or "")
            self._keep(token, result.url, math.inf)

    def _keep(self, token: str, url: str, ask_at: float) -> None:
        self._urls[token] = url, ask_at
        while len(self._urls) > MOST_TOKENS:
            self._urls.popitem(last=False)
