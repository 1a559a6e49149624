"""Feedback buttons under a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import feedback
from bot.runs.answer import NotFoundError
from bot.views import ids
from bot.views.feedback import feedback_thanks, read_feedback
from handlers.desk import actor_of, say
from handlers.payloads import pressed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.desk import Desk


class Feedback:
    """What people think of results."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listener."""
        app.action(ids.FEEDBACK)(self.judge)

    async def judge(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Keep a verdict, and thank for it where only its author sees that."""
        verdict, run_id = read_feedback(pressed(body))
        actor = actor_of(body, context, f"action:{body['trigger_id']}")
        try:
            await feedback.give(self._desk.runs, actor, run_id, verdict)
            words = feedback_thanks(verdict)
        except NotFoundError:
            words = views.notice({"code": "not_found"})
        thread_ts = (body.get("container") or {}).get("thread_ts")
        thanks = say(context, words, thread_ts=thread_ts)
        self._desk.tasks.hold(thanks, what="thank for feedback")
        await ack()
