"""What every handler works with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.runs.guard import Who
from bot.runs.notify import Actor
from bot.runs.permission import Facts
from bot.runs.start import Team
from bot.views.times import Reader
from handlers.asker import Asker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.results.chart import Charts
    from bot.results.details import Details
    from bot.runs.context import Context
    from bot.tasks import Tasks
    from bot.views import Message
    from bot.workspaces.groups import Groups
    from bot.workspaces.people import People
    from handlers.viewers import Viewers


@dataclass(frozen=True, slots=True)
class Desk:
    """The life of a run, a place for work that an ack must not wait for, and what is known of people."""

    runs: Context
    tasks: Tasks
    people: People
    viewers: Viewers
    details: Details
    charts: Charts
    groups: Groups
    support_url: str | None = None
    """Where people find help."""

    def actor(self, body: dict[str, Any], context: AsyncBoltContext, key: str) -> Actor:
        """Who acts, and a way to learn more of them."""
        return replace(actor_of(body, context, key), who=self.who(context))

    def who(self, context: AsyncBoltContext) -> Who:
        """Somebody of whom nothing is known yet; Slack is asked where it matters."""
        client, team, user_id = context.client, team_of(context), context.user_id or ""

        async def ask(groups: tuple[str, ...]) -> Facts:
            assert client is not None
            person, inside = await asyncio.gather(
                self.people.find(client, team.team_id, user_id),
                self.groups.of_person(client, team.team_id, user_id, groups),
            )
            return Facts(person.is_admin, person.guest, inside)

        return Who(ask=ask)

    async def is_admin(self, client: AsyncWebClient, team: Team, user_id: str) -> bool:
        """Whether somebody is an admin of the workspace; where Slack does not tell, they are not."""
        return (await self.people.find(client, team.team_id, user_id)).is_admin

    async def reader(self, asker: Asker) -> Reader:
        """How somebody reads."""
        person = await self.people.find(asker.client, asker.team.team_id, asker.user_id)
        return Reader(person.locale, person.time_zone)


def team_of(context: AsyncBoltContext) -> Team:
    """Whose installation a request is for."""
    return Team(team_id=context.team_id or "", enterprise_id=context.enterprise_id or "")


def asker_of(context: AsyncBoltContext, client: AsyncWebClient) -> Asker:
    """Who asks to see something."""
    known = context.authorize_result
    return Asker(
        team=team_of(context),
        user_id=context.user_id or "",
        team_url=lambda: (known.url if known else None) or "",
        client=client,
    )


def actor_of(body: dict[str, Any], context: AsyncBoltContext, key: str) -> Actor:
    """Who acts; ``key`` is the same when Slack delivers the same act again."""
    urls = body.get("response_urls") or [{}]
    return Actor(
        key=key,
        team=team_of(context),
        user_id=context.user_id or "",
        response_url=body.get("response_url") or urls[0].get("response_url"),
        channel_id=(body.get("channel") or {}).get("id") or "",
    )


def ephemeral(message: Message) -> dict[str, Any]:
    """An answer that only the person who acted sees."""
    return {"response_type": "ephemeral", "text": message.text, "blocks": list(message.blocks)}


async def say(context: AsyncBoltContext, message: Message, *, thread_ts: str | None = None) -> None:
    """Tell whoever clicked where only they see it: Slack offers a way back from messages, not from Home."""
    respond = context.respond
    if context.response_url and respond is not None:
        await respond(**ephemeral(message), replace_original=False, thread_ts=thread_ts)
    else:
        blocks = list(message.blocks)
        await context.client.chat_postMessage(channel=context.user_id or "", text=message.text, blocks=blocks)
