"""Forms that come back filled in: a brief, and answers in one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import answer, start
from bot.runs.accept import accept
from bot.runs.guard import Refused
from bot.views import ids
from handlers.desk import team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.runs.guard import Who
    from handlers.desk import Desk


class Modals:
    """Every form that is submitted."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.view(ids.BRIEF_MODAL)(self.brief)
        app.view(ids.ANSWER_MODAL)(self.answers)

    async def brief(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Start a run from the brief form."""
        try:
            await accept(self._desk.runs, _brief(body, context, self._desk.who(context)))
        except Refused as refused:
            await ack(response_action="push", view=views.refused_modal(refused.reason))
        except start.UnusableBriefError as error:
            await ack(response_action="errors", errors={views.BRIEF_BLOCK: str(error)})
        else:
            await ack()

    async def answers(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Take answers in one's own words."""
        view = body["view"]
        values = view["state"]["values"]
        given = views.read_answers(values)
        actor = self._desk.actor(body, context, _key(body))
        try:
            await answer.in_own_words(self._desk.runs, actor, view["private_metadata"], given)
        except Refused as refused:
            await ack(response_action="push", view=views.refused_modal(refused.reason))
        except start.UnusableBriefError as error:
            await ack(response_action="errors", errors={next(iter(values)): str(error)})
        except answer.NotFoundError:
            await ack(response_action="update", view=views.gone_modal())
        else:
            await ack()


def _brief(body: dict[str, Any], context: AsyncBoltContext, who: Who) -> start.Brief:
    form = views.read_brief(body["view"]["state"]["values"], body["view"].get("private_metadata") or "")
    return start.Brief(
        key=_key(body),
        team=team_of(context),
        channel_id=form.channel_id or "",
        requester_id=context.user_id or "",
        prompt=form.prompt,
        source="modal",
        model=start.AS_SET if form.model == views.AS_SET else form.model,
        focus_table_ids=form.table_ids,
        thread_ts=form.thread_ts,
        who=who,
    )


def _key(body: dict[str, Any]) -> str:
    return f"view:{body['view']['id']}:{body['view'].get('hash', '')}"
