"""Origami's and Slack's bad days end in the right words, and a service that recovers is picked up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox.local_origami import DEFAULT_KEY, Fault, rate_limited
from bot.sandbox.local_slack import Fault as SlackFault
from bot.socket_mode import SilentError
from tests.end_to_end.conftest import IMPATIENT, PACE, labels, shown, staged

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def test_a_key_that_is_revoked_in_the_middle_is_told_once_and_picked_up_when_it_works_again(
    stage: Stage,
) -> None:
    stage.origami.clock.set_speed(0.01)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working")
    stage.origami.revoke_key(DEFAULT_KEY)
    await stage.shows(opening, "did not accept this workspace's API key")
    stage.origami.add_key(DEFAULT_KEY)
    stage.origami.clock.set_speed(50)
    [answer] = await stage.replies(opening)
    assert "18 leads" in shown(answer)


async def test_a_run_that_vanishes_is_called_lost_and_can_be_tried_again(stage: Stage) -> None:
    stage.origami.faults.add(Fault(kind="vanished"), on="GET /agents/*/runs/*", count=1)
    opening, answer = await stage.answer(BRIEF)
    await stage.shows(opening, "Lost sight of this run")
    assert "no longer knows this run" in shown(answer)
    assert "Try again" in labels(answer)


@pytest.mark.parametrize(
    ("brief", "fault", "words"),
    [
        (f"{BRIEF} [forever]", None, "far longer than a run may take"),
        (BRIEF, Fault(kind="error", status=500), "has not answered about this run for an hour"),
    ],
)
async def test_a_run_without_an_end_or_an_answer_for_an_hour_is_lost(
    each_way: tuple[str, str], brief: str, fault: Fault | None, words: str
) -> None:
    async with staged(*each_way, pace=replace(PACE, silence_limit=1.0)) as stage:
        if fault:
            stage.origami.faults.add(fault, on="GET /agents/*/runs/*", count=10_000)
        opening, answer = await stage.answer(brief)
        await stage.shows(opening, "Lost sight of this run")
        assert words in shown(answer)


@pytest.mark.parametrize("after_work", [False, True])
@pytest.mark.parametrize("kind", ["error", "html", "reset", "truncated", "cut_short"])
async def test_an_uncertain_start_is_never_doubled(stage: Stage, kind: str, *, after_work: bool) -> None:
    for where in ("POST /agents", "POST /agents/*/runs"):
        stage.origami.faults.add(Fault(kind=kind, after_work=after_work), on=where, count=2)
    opening, answer = await stage.answer(BRIEF)
    assert "18 leads" in shown(answer)
    assert stage.origami.count_admitted_runs() == 1
    await stage.slack.person("rep").click(answer, "Find 20 more founders")
    await stage.replies(opening, 3)
    assert stage.origami.count_admitted_runs() == 2


@pytest.mark.parametrize("retry_after", [None, "0.1"])
async def test_too_many_requests_are_waited_out(stage: Stage, retry_after: str | None) -> None:
    stage.origami.faults.add(rate_limited(retry_after), on="GET /agents/*/runs/*", count=2)
    _, answer = await stage.answer(BRIEF)
    assert "18 leads" in shown(answer)


@pytest.mark.parametrize(
    "kind", ["error_after", "lost", "reset_after", "error_before", "reset_before", "html"]
)
async def test_a_post_of_unknown_outcome_is_looked_up_and_never_doubled(stage: Stage, kind: str) -> None:
    stage.slack.faults.add(SlackFault(kind=kind, method="chat.postMessage", times=1))
    stage.slack.faults.add(SlackFault(kind=kind, method="chat.postMessage", times=1, skip=1))
    outcome = await stage.slack.person("rep").command("#leads", f"/origami {BRIEF}")
    assert outcome.ok
    channel = stage.slack.channel("#leads")
    answered = lambda: any("18 leads" in shown(message) for message in channel.posted.values())  # noqa: E731
    await stage.slack.until(answered)
    opening = channel.messages[0]
    await stage.shows(opening, "18 leads in")
    [answer] = await stage.replies(opening)
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle)
    assert len(channel.messages) == 1
    assert len(await stage.replies(opening)) == 1
    assert "18 leads" in shown(answer)


async def test_a_rate_limit_holds_back_its_channel_only(stage: Stage) -> None:
    stage.slack.faults.add(SlackFault(kind="ratelimited", method="chat.postMessage", times=1, seconds=2))
    await stage.slack.person("rep").command("#leads", f"/origami {BRIEF}")
    _, answer = await stage.answer(BRIEF, where="#sales")
    assert "18 leads" in shown(answer)
    leads = stage.slack.channel("#leads")
    await stage.slack.until(lambda: leads.messages)
    await stage.replies(leads.messages[0])


async def test_blocks_that_slack_refuses_are_sent_plain(stage: Stage) -> None:
    stage.slack.faults.add(
        SlackFault(kind="refuse", method="chat.postMessage", error="invalid_blocks", times=1, skip=1)
    )
    _, answer = await stage.answer(BRIEF)
    assert "18 leads" in shown(answer)
    assert {block["type"] for block in answer.blocks} == {"section"}


async def test_an_answer_that_cannot_be_posted_reaches_the_rep_another_way_once(stage: Stage) -> None:
    stage.origami.clock.set_speed(0.05)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working")
    stage.slack.channel("#leads").archived = True
    stage.origami.clock.set_speed(50)
    rep = stage.slack.person("rep")
    await stage.slack.until(lambda: rep.dm.messages)
    assert "archived" in rep.dm.messages[0].text
    assert len(rep.dm.messages) == 1


async def test_a_socket_that_falls_silent_is_built_anew(sqlite_url: str) -> None:
    async with staged("socket", sqlite_url, rhythm=IMPATIENT) as stage:
        assert stage.app is not None
        old = list(stage.slack.socket.connections)
        stage.slack.socket.silence()
        await stage.slack.until(lambda: any(one not in old for one in stage.slack.socket.connections))
        _, answer = await stage.answer(BRIEF)
        assert "18 leads" in shown(answer)


async def test_a_bot_at_work_is_alive_and_ready(stage: Stage) -> None:
    assert stage.app is not None
    async with aiohttp.ClientSession() as http:
        for page in ("healthz", "readyz"):
            async with http.get(f"{stage.app.url}/{page}") as answer:
                assert (answer.status, await answer.json()) == (200, {"ok": True})


async def test_a_bot_that_cannot_hear_slack_any_more_is_not_ready_and_gives_up(sqlite_url: str) -> None:
    async with staged("socket", sqlite_url, rhythm=IMPATIENT) as stage:
        assert stage.app is not None
        await stage.slack.stop()

        with pytest.raises(SilentError):
            await asyncio.wait_for(stage.app.failure, 30)
        assert "not heard" in (await stage.app.health.obstacles())["slack"]
        assert stage.app.health.ailments() == {}
