"""People of other companies, met in channels that they share: they read, and press nothing.

A middleware in front of every listener, so that no button or form can forget them. What they write is told
apart where messages are heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs.guard import Refused, refuse_outsider
from bot.views import ids
from handlers.desk import actor_of, say, team_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt import BoltResponse
    from slack_bolt.async_app import AsyncAck, AsyncBoltContext

    from bot.runs.guard import Act
    from handlers.desk import Desk

LINKS = (ids.OPEN_TABLE, ids.OPEN_LINK)
"""Slack opens a link by itself: its click only wants an ack."""


class Outsiders:
    """Stands in front of clicks, forms, menus and shortcuts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def turn_away(
        self,
        body: dict[str, Any],
        context: AsyncBoltContext,
        ack: AsyncAck,
        next_: Callable[[], Awaitable[None]],
    ) -> BoltResponse | None:
        """Let a request through, or refuse it with words that only its sender sees."""
        if "event" in body or _only_follows_a_link(body) or not await is_outsider(self._desk, body, context):
            await next_()
            return None
        act = actor_of(body, context, f"outsider:{body.get('trigger_id')}")
        if body.get("type") == "view_submission":
            refusal = await refusal_of(self._desk, act, body)
            return await ack(response_action="update", view=views.refused_modal(refusal.reason))
        if body.get("type") in {"block_actions", "message_action"}:
            self._desk.tasks.hold(self._say(act, body, context), what="refuse somebody of another company")
        return await ack()

    async def _say(self, act: Act, body: dict[str, Any], context: AsyncBoltContext) -> None:
        refusal = await refusal_of(self._desk, act, body)
        message = views.notice({"code": "refused", "reason": refusal.reason})
        await say(context, message, thread_ts=(body.get("container") or {}).get("thread_ts"))


async def is_outsider(desk: Desk, body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Whether a request comes from another company; Slack is asked only where the payload leaves it open."""
    team, user_id = team_of(context), context.user_id
    home = _home(body)
    if not user_id or (home is None and not body.get("is_ext_shared_channel")):
        return False
    is_ours = home in {team.team_id, team.enterprise_id}
    if home is not None and (is_ours or not team.enterprise_id):
        return not is_ours
    client = context.client
    assert client is not None
    person = await desk.people.find(client, team.team_id, user_id)
    return person.is_outside(team.enterprise_id)


async def refusal_of(desk: Desk, act: Act, body: dict[str, Any]) -> Refused:
    """The refusal, noted, that names whoever began the thread that it is about."""
    container = body.get("container") or {}
    thread_ts = container.get("thread_ts") or container.get("message_ts")
    try:
        await refuse_outsider(desk.runs, act, str(container.get("channel_id") or ""), thread_ts)
    except Refused as refused:
        return refused
    raise AssertionError("an outsider is always refused")


def _home(body: dict[str, Any]) -> str | None:
    """The team, or organisation, of who sends a request, as far as it says so itself."""
    event = body.get("event")
    if isinstance(event, dict):
        shared = body.get("is_ext_shared_channel") is True
        return event.get("user_team") or event.get("source_team") or (event.get("team") if shared else None)
    user = body.get("user")
    return user.get("team_id") if isinstance(user, dict) else None


def _only_follows_a_link(body: dict[str, Any]) -> bool:
    pressed = body.get("actions") or [{}]
    return str(pressed[0].get("action_id") or "").startswith(LINKS)
