"""``/origami``: a brief, nothing for the form, or a word: ``runs``, ``schedule``, ``settings``, ``help``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import start
from bot.runs.accept import accept
from bot.runs.guard import Refused
from bot.runs.slack_text import plain_words
from bot.views.lists import Page
from handlers import lists, schedules, settings
from handlers.brief_form import open_brief_form
from handlers.desk import asker_of, ephemeral, team_of
from handlers.payloads import way_back

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.runs.guard import Who
    from handlers.asker import Asker
    from handlers.desk import Desk

COMMAND = "/origami"


class Commands:
    """The slash command."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.command(COMMAND)(self.origami)

    async def origami(
        self,
        ack: AsyncAck,
        command: dict[str, Any],
        client: AsyncWebClient,
        context: AsyncBoltContext,
        respond: AsyncRespond,
    ) -> None:
        """Start a run, open a form, list runs, or say how to ask: a word counts only when it stands alone."""
        text = (command.get("text") or "").strip()
        if not text:
            asker, trigger = asker_of(context, client), command["trigger_id"]
            open_brief_form(self._desk, asker, trigger, channel_id=command["channel_id"])
            await ack()
        elif text.lower() == "help":
            await ack(**ephemeral(views.usage(self._desk.support_url)))
        elif text.lower() in {"runs", "schedule", "settings"}:
            self._look(text.lower(), asker_of(context, client), command, respond)
            await ack()
        else:
            await _start(ack, self._desk, _brief(command, context, self._desk.who(context)))

    def _look(self, word: str, asker: Asker, command: dict[str, Any], respond: AsyncRespond) -> None:
        """Show something once Slack has its ack: it may take another call to Slack to know what."""
        if word == "runs":
            way_back(command)
            showing = lists.show(self._desk, asker, respond, Page(), replace=False)
        else:
            form = schedules.open_new if word == "schedule" else settings.open_mine
            showing = form(self._desk, asker, command["trigger_id"], channel_id=command["channel_id"])
        self._desk.tasks.hold(showing, what=f"show {word}")


def _brief(command: dict[str, Any], context: AsyncBoltContext, who: Who) -> start.Brief:
    return start.Brief(
        key=f"command:{command['trigger_id']}",
        team=team_of(context),
        channel_id=command["channel_id"],
        requester_id=command["user_id"],
        prompt=plain_words(command["text"]),
        source="command",
        response_url=command.get("response_url"),
        who=who,
    )


async def _start(ack: AsyncAck, desk: Desk, brief: start.Brief) -> None:
    try:
        await accept(desk.runs, brief)
    except start.UnusableBriefError as error:
        refusal = {"code": "refused", "reason": {"code": error.code, "message": str(error)}}
        await ack(**ephemeral(views.notice(refusal)))
    except Refused as refused:
        await ack(**ephemeral(views.notice({"code": "refused", "reason": refused.reason})))
    else:
        await ack()
