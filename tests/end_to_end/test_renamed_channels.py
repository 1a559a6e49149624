"""A channel gets another id when it is shared with another company: its threads and briefs go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.sandbox.local_slack import PARTNER_TEAM
from storage.records import Thread
from tests.end_to_end.conftest import shown

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def until_told(stage: Stage) -> None:
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle, 15)


async def test_a_thread_is_heard_and_answered_under_the_new_id(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    old = opening.channel_id
    channel = stage.slack.share("#leads", PARTNER_TEAM)
    await until_told(stage)
    assert channel.channel_id != old
    stage.slack.person("rep").say("#leads", "only those with fewer than 50 people", thread_ts=opening.ts)
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2)
    [first, second] = stage.origami.runs
    assert first.agent.id == second.agent.id
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        [channel_id] = (await session.execute(select(Thread.channel_id))).scalars()
    assert channel_id == channel.channel_id


async def test_a_run_that_goes_on_ends_where_the_channel_is_now(stage: Stage) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    stage.slack.share("#leads", PARTNER_TEAM)
    await until_told(stage)
    rep = stage.slack.person("rep")
    assert (await rep.click(opening, "Stop")).ok
    await stage.shows(opening, "asked to stop")
    # Other companies see it now: the answer waits for its requester to show it.
    [consent] = await stage.replies(opening)
    assert "Show it here" in shown(consent)
