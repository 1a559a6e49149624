"""Clicks: choices, own words, stop, and links that only want an ack."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import answer, stop
from bot.runs.guard import Refused
from bot.runs.start import UnusableBriefError
from bot.views import ids
from handlers.desk import say
from handlers.payloads import chosen, pressed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk

CHOOSE = re.compile(rf"^{ids.CHOOSE}:")
CHOOSE_SELECT = re.compile(rf"^{ids.CHOOSE_SELECT}")
LINK = re.compile(rf"^({ids.OPEN_TABLE}|{ids.OPEN_LINK})")


class Buttons:
    """Every button and menu that our messages carry."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(CHOOSE)(self.choose)
        app.action(CHOOSE_SELECT)(self.choose_from_menu)
        app.action(ids.OWN_WORDS)(self.own_words)
        app.action(ids.STOP)(self.stop)
        app.action(LINK)(self.follow_link)

    async def choose(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Take a click on a choice."""
        with self._answering_the_lost(context):
            await answer.choose(self._desk.runs, self._actor(body, context), pressed(body))
        await ack()

    async def choose_from_menu(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Take a choice from a menu."""
        choice_id = chosen(body)
        with self._answering_the_lost(context):
            await answer.choose(self._desk.runs, self._actor(body, context), choice_id)
        await ack()

    async def own_words(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
    ) -> None:
        """Open the form for answers in one's own words."""
        with self._answering_the_lost(context):
            asked = await answer.open_questions(self._desk.runs, self._actor(body, context), pressed(body))
            if asked is not None:
                form = views.answer_modal(asked.run, asked.result, asked.choices)
                opening = client.views_open(trigger_id=body["trigger_id"], view=form)
                self._desk.tasks.hold(opening, what="open answer form")
        await ack()

    async def stop(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Stop a run."""
        with self._answering_the_lost(context):
            await stop.request_stop(self._desk.runs, self._actor(body, context), pressed(body))
        await ack()

    async def follow_link(self, ack: AsyncAck) -> None:
        """Slack opens the link by itself, and reports the click all the same."""
        await ack()

    def _actor(self, body: dict[str, Any], context: AsyncBoltContext) -> answer.Actor:
        return self._desk.actor(body, context, f"action:{body['trigger_id']}")

    @contextlib.contextmanager
    def _answering_the_lost(self, context: AsyncBoltContext) -> Iterator[None]:
        """Whoever clicks on what is gone, cannot be sent, or is not theirs to click is told so."""
        try:
            yield
        except answer.NotFoundError:
            payload: dict[str, Any] = {"code": "not_found"}
        except UnusableBriefError as error:
            payload = {"code": "refused", "reason": {"code": error.code}}
        except Refused as refused:
            payload = {"code": "refused", "reason": refused.reason}
        else:
            return
        self._desk.tasks.hold(say(context, views.notice(payload)), what="say that a click did nothing")
