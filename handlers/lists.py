"""``/origami runs``, and the buttons that turn its pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.runs import lists
from bot.views import ids
from bot.views.lists import Page, runs_list
from handlers.desk import asker_of, ephemeral
from handlers.payloads import pressed, way_back

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.asker import Asker
    from handlers.desk import Desk

SHOW_RUNS = re.compile(rf"^{ids.SHOW_RUNS}:")


class Lists:
    """Lists of runs that only the person who asked sees."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.action(SHOW_RUNS)(self.turn)

    async def turn(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """Show another page, or another person's runs, in place of the one that is shown."""
        page, _ = Page.read(pressed(body)), way_back(body)
        showing = show(self._desk, asker_of(context, client), respond, page, replace=True)
        self._desk.tasks.hold(showing, what="turn a page of runs")
        await ack()


async def show(desk: Desk, asker: Asker, respond: AsyncRespond, page: Page, *, replace: bool) -> None:
    """Send a list of runs; everyone's only to admins, and to others their own."""
    person = await desk.people.find(asker.client, asker.team.team_id, asker.user_id)
    workspace = await asker.workspace(desk.runs)
    shown = page if person.is_admin else Page(offset=page.offset)
    requester = None if shown.everyone else asker.user_id
    overview = await lists.overview(desk.runs.db, workspace.id, requester, shown.offset)
    look = asker.look(person, desk.runs.clock())
    message = runs_list(overview, shown, look, may_switch=person.is_admin)
    await respond(**ephemeral(message), replace_original=replace)
