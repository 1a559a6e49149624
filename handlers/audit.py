"""The audit trail, for admins: its pages in a modal, and all of it as a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.results import trail
from bot.views import audit as views
from bot.views import ids
from bot.views.settings import admins_only_modal
from bot.views.times import Reader
from handlers.desk import asker_of
from handlers.payloads import pressed, shown_view

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.views.forms import View
    from bot.workspaces.people import Person
    from handlers.asker import Asker
    from handlers.desk import Desk

log = structlog.get_logger(__name__)

AUDIT = re.compile(rf"^{ids.AUDIT}:")


class Audit:
    """Who did what in the workspace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(AUDIT)(self.open)
        app.action(ids.AUDIT_EXPORT)(self.export)

    async def open(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open a page, or show it in place of another."""
        open_view = body.get("view") or {}
        view_id = open_view["id"] if open_view.get("type") == "modal" else None
        before = views.read_page(pressed(body))
        showing = self._open(asker_of(context, client), body["trigger_id"], view_id, before)
        self._desk.tasks.hold(showing, what="show the audit trail")
        await ack()

    async def _open(self, asker: Asker, trigger_id: str, view_id: str | None, before: int | None) -> None:
        """Open the modal at once, where there is none yet, and fill it: a trigger id lives for 3 seconds."""
        if view_id is None:
            opened = await asker.client.views_open(trigger_id=trigger_id, view=views.loading_modal())
            view_id = str(opened["view"]["id"])
        runs, person = self._desk.runs, await self._person(asker)
        view = admins_only_modal()
        if person.is_admin:
            shown = await trail.page(runs.db, (await asker.workspace(runs)).id, before)
            look, is_newest = asker.look(person, runs.clock()), before is None
            view = views.audit_modal(shown.acts, look, is_newest=is_newest, has_older=shown.has_older)
        await _update(asker.client, view_id, view)

    async def export(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Make all of it a file, for the conversation with the app of the one who asks."""
        exporting = self._export(asker_of(context, client), shown_view(body))
        self._desk.tasks.hold(exporting, what="export the audit trail")
        await ack()

    async def _export(self, asker: Asker, view_id: str) -> None:
        runs, person = self._desk.runs, await self._person(asker)
        if not person.is_admin:
            await _update(asker.client, view_id, admins_only_modal())
            return
        await _update(asker.client, view_id, views.exporting_modal())
        sent = await trail.send(
            runs.db,
            asker.client,
            await asker.workspace(runs),
            asker.user_id,
            file_name=views.export_name(runs.clock()),
            comment=views.export_comment(asker.user_id),
            names=lambda user_id: self._name(asker, user_id),
        )
        done = views.exported_modal(sent.acts, Reader(person.locale, person.time_zone))
        await _update(asker.client, view_id, views.not_exported_modal(sent.error) if sent.error else done)

    async def _person(self, asker: Asker) -> Person:
        return await self._desk.people.find(asker.client, asker.team.team_id, asker.user_id, fresh=True)

    async def _name(self, asker: Asker, user_id: str) -> str:
        return (await self._desk.people.find(asker.client, asker.team.team_id, user_id)).name


async def _update(client: AsyncWebClient, view_id: str, view: View) -> None:
    """Change the modal, if it is still open: the file comes all the same, and can be asked for again."""
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError as error:
        log.info("audit.not_shown", error=error.response.get("error"))
