"""The Details button: what a run cost and what was said in it, in a modal of the one who asks."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.results.details import Part, Told, Untold, Why
from bot.runs import reasons
from bot.views import ids
from bot.views.details import Page, loading_modal, untold_modal
from bot.views.economics import economics_modal, stages
from bot.views.transcript import transcript_modal
from handlers.desk import asker_of
from handlers.payloads import pressed, shown_view

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.views.forms import View
    from bot.views.times import Reader
    from handlers.asker import Asker
    from handlers.desk import Desk

log = structlog.get_logger(__name__)

DETAILS_PAGE = re.compile(rf"^{ids.DETAILS_PAGE}:")
CHART_TRIES = 3
"""Slack refuses a picture for a second or two after its upload."""
CLOSED = frozenset({"not_found", "hash_conflict"})
"""The modal is closed, or shows something else by now."""


class Details:
    """What stands behind a result's numbers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(ids.DETAILS)(self.open)
        app.action(DETAILS_PAGE)(self.turn)

    async def open(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the modal at once, and fill it when Origami has answered."""
        page = Page(pressed(body))
        opening = self._open(asker_of(context, client), body["trigger_id"], page)
        self._desk.tasks.hold(opening, what="open details")
        await ack()

    async def turn(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Show another page in the open modal."""
        page = Page.read(pressed(body))
        turning = self._show(asker_of(context, client), shown_view(body), page)
        self._desk.tasks.hold(turning, what="turn a page of details")
        await ack()

    async def _open(self, asker: Asker, trigger_id: str, page: Page) -> None:
        opened = await asker.client.views_open(trigger_id=trigger_id, view=loading_modal())
        await self._show(asker, opened["view"]["id"], page)

    async def _show(self, asker: Asker, view_id: str, page: Page) -> None:
        reader = await self._desk.reader(asker)
        part = Part(page.part)
        told = await self._desk.details.ask(await asker.workspace(self._desk.runs), page.run_id, part)
        if isinstance(told, Untold):
            await _update(asker.client, view_id, _untold(page, told))
        elif part is Part.TRANSCRIPT:
            view = transcript_modal(page, told.run, reader, left_out=told.left_out)
            await _update(asker.client, view_id, view)
        else:
            await self._show_numbers(asker, view_id, page, told, reader)

    async def _show_numbers(self, asker: Asker, view_id: str, page: Page, told: Told, reader: Reader) -> None:
        """Show the numbers at once, and their picture with them as soon as Slack takes it."""
        client, run_id, shown = asker.client, page.run_id, stages(told.run)
        view = economics_modal(run_id, told.run, reader, rise=told.rise)
        view_hash = await _update(client, view_id, view)
        chart = await self._desk.charts.file_id(client, run_id, shown) if view_hash and shown else None
        if chart is None:
            return
        view = economics_modal(run_id, told.run, reader, rise=told.rise, chart=chart)
        for attempt in range(CHART_TRIES):
            await asyncio.sleep(attempt * self._desk.runs.pace.backoff_base)
            try:
                await _update(client, view_id, view, view_hash)
            except SlackApiError as error:
                log.info("chart.refused", run=run_id, attempt=attempt, error=error.response.get("error"))
            else:
                return
        self._desk.charts.forget(run_id, shown)


def _untold(page: Page, told: Untold) -> View:
    if told.why is Why.NO_KEY:
        return untold_modal(page, told.why, {"code": "NO_KEY"})
    return untold_modal(page, told.why, reasons.reason_for(told.error) if told.error else None)


async def _update(
    client: AsyncWebClient, view_id: str, view: View, view_hash: str | None = None
) -> str | None:
    """Change an open modal; returns its new hash, or None when it is closed or no longer ``view_hash``.

    What people click comes without a hash: their click must not be lost to a picture that came just then.
    """
    try:
        answer = await client.views_update(view_id=view_id, view=view, hash=view_hash)
    except SlackApiError as error:
        if error.response.get("error") in CLOSED:
            return None
        raise
    return str(answer["view"]["hash"])
