"""The Home tab, published when it is opened, with pages to turn and a way to start a search; and its
neighbour, the conversation with the app.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError

from bot import views
from bot.features import SESSIONS
from bot.grants import may
from bot.views import ids
from bot.views.lists import Page
from handlers.brief_form import open_brief_form
from handlers.desk import asker_of
from handlers.payloads import pressed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.asker import Asker
    from handlers.desk import Desk

log = structlog.get_logger(__name__)

SHOW_HOME = re.compile(rf"^{ids.SHOW_HOME}:")


class Home:
    """The app's Home tab."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.event("app_home_opened")(self.opened)
        app.action(SHOW_HOME)(self.turn)
        app.action(ids.START_BRIEF)(self.start)

    async def opened(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Publish Home for whoever opened it, or suggest on the Messages tab what to begin with."""
        asker = asker_of(context, client)
        if event.get("tab") == "home":
            view_hash = (event.get("view") or {}).get("hash")
            publish = partial(self._desk.viewers.open, asker, view_hash=view_hash)
            self._desk.tasks.hold(self._for_ours(asker, publish), what="publish home")
        elif event.get("tab") == "messages":
            suggest = partial(_suggest, client, event["channel"])
            self._desk.tasks.hold(self._for_ours(asker, suggest), what="suggest prompts")

    async def _for_ours(self, asker: Asker, show: Callable[[], Awaitable[None]]) -> None:
        """Show something, unless Slack says that it is for somebody of another company."""
        person = await self._desk.people.find(asker.client, asker.team.team_id, asker.user_id)
        if not (person.is_outsider and person.is_outside(asker.team.enterprise_id)):
            await show()

    async def turn(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Show another page of what is done."""
        offset = Page.read(pressed(body)).offset
        view_hash = (body.get("view") or {}).get("hash")
        publishing = self._desk.viewers.again(asker_of(context, client), offset=offset, view_hash=view_hash)
        self._desk.tasks.hold(publishing, what="turn a page of home")
        await ack()

    async def start(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the brief form."""
        open_brief_form(self._desk, asker_of(context, client), body["trigger_id"])
        await ack()


async def _suggest(client: AsyncWebClient, channel_id: str) -> None:
    """A courtesy, which a workspace's plan may not know."""
    if not may(client, SESSIONS):
        return
    try:
        await client.assistant_threads_setSuggestedPrompts(
            channel_id=channel_id, prompts=list(views.SUGGESTIONS)
        )
    except SlackApiError as error:
        log.info("prompts.not_suggested", error=repr(error)[:300])
