"""Next actions that ask for something first: the click opens a form, the form starts the follow-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot import views
from bot.features import ATTACHMENTS
from bot.grants import may
from bot.runs import take_up
from bot.runs.answer import NotFoundError
from bot.runs.guard import Refused
from bot.runs.start import UnusableBriefError
from bot.views import ids
from handlers.desk import say
from handlers.payloads import pressed
from handlers.shared_files import shared_files

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.desk import Desk

TAKE_UP = re.compile(rf"^{ids.TAKE_UP}:")


class NextActions:
    """Files and words that the agent suggested to give."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(TAKE_UP)(self.ask)
        app.view(ids.TAKE_UP_MODAL)(self.hand_in)

    async def ask(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
    ) -> None:
        """Open the form of a next action that nobody has taken up yet."""
        actor = self._desk.actor(body, context, f"action:{body['trigger_id']}")
        try:
            choice = await take_up.open_choice(self._desk.runs, actor, pressed(body))
        except NotFoundError:
            self._say(context, {"code": "not_found"})
        except Refused as refused:
            self._say(context, {"code": "refused", "reason": refused.reason})
        else:
            if choice is not None:
                form = views.take_up_modal(choice, may_read_files=may(client, ATTACHMENTS))
                opening = client.views_open(trigger_id=body["trigger_id"], view=form)
                self._desk.tasks.hold(opening, what="open the form of a next action")
        await ack()

    def _say(self, context: AsyncBoltContext, payload: dict[str, Any]) -> None:
        answer = say(context, views.notice(payload))
        self._desk.tasks.hold(answer, what="say that a click did nothing")

    async def hand_in(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Take what was handed in."""
        view = body["view"]
        words, files = views.read_take_up(view["state"]["values"])
        given = take_up.HandedIn(words, next(iter(shared_files(files)), None))
        actor = self._desk.actor(body, context, f"view:{view['id']}:{view.get('hash', '')}")
        try:
            await take_up.take_up(self._desk.runs, actor, view["private_metadata"], given)
        except Refused as refused:
            await ack(response_action="push", view=views.refused_modal(refused.reason))
        except take_up.UnusableFileError as error:
            await ack(response_action="errors", errors={views.FILE_BLOCK: views.file_error(error.why)})
        except UnusableBriefError as error:
            await ack(response_action="errors", errors={views.WORDS_BLOCK: str(error)})
        except NotFoundError:
            await ack(response_action="update", view=views.gone_modal())
        else:
            await ack()
