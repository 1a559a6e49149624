"""What Origami or Slack refuses comes back in words, with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_origami import DEFAULT_KEY, Fault
from tests.end_to_end.conftest import labels, shown

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


@pytest.mark.parametrize(
    ("code", "status", "extra", "words"),
    [
        ("UNAUTHORIZED", 401, {}, "did not accept this workspace's API key"),
        (
            "SUBSCRIPTION_REQUIRED",
            402,
            {"handoff": {"kind": "x", "url": "https://o.example/p", "label": "Plans"}},
            "API access",
        ),
        (
            "INSUFFICIENT_CREDITS",
            402,
            {"creditsRequired": 5, "creditsAvailable": 1.5, "topUpUrl": "https://o.example/t"},
            "a run needs at least 5.",
        ),
        ("BUDGET_EXCEEDED", 402, {"blockedByBudgets": ["Outbound"]}, "Outbound"),
        ("ACCOUNT_BLOCKED", 402, {"reason": "payment_failed"}, "a payment failed"),
        ("MODEL_NOT_AVAILABLE", 400, {}, "does not include the model"),
        (
            "VALIDATION_ERROR",
            400,
            {"details": {"issues": [{"path": "prompt", "message": "Too odd"}]}},
            "Too odd",
        ),
        ("SOMETHING_NEW", 418, {}, "Its words: “No.”"),
    ],
)
async def test_each_refusal_has_its_words_and_can_be_tried_again_where_that_helps(
    stage: Stage, code: str, status: int, extra: dict[str, object], words: str
) -> None:
    body = {"error": "No.", "code": code, **extra}
    stage.origami.faults.add(Fault(kind="answer", status=status, body=body), on="POST /agents", count=1)
    opening, answer = await stage.answer(BRIEF)
    assert words in shown(answer)
    await stage.shows(opening, words)
    if "topUpUrl" in extra or "handoff" in extra:
        assert "https://o.example/" in str(answer.blocks)
    if code != "VALIDATION_ERROR":
        await stage.slack.person("rep").click(answer, "Try again")
        replies = await stage.replies(opening, 3)
        assert "18 leads" in shown(replies[2])
        assert stage.origami.count_admitted_runs() == 1


async def test_how_many_credits_are_left_is_said_in_private_only(stage: Stage) -> None:
    body = {"error": "No.", "code": "INSUFFICIENT_CREDITS", "creditsRequired": 5, "creditsAvailable": 1.5}
    stage.origami.faults.add(Fault(kind="answer", status=402, body=body), on="POST /agents", count=2)
    opening, answer = await stage.answer(BRIEF)
    await stage.shows(opening, "a run needs at least 5.")
    assert "1.5" not in shown(opening) + shown(answer)
    rep = stage.slack.person("rep")
    await rep.command("#leads", "/origami runs")
    await stage.slack.until(lambda: rep.ephemerals)
    assert "the balance is 1.5" in shown(rep.ephemerals[0])
    said = rep.say("dm", BRIEF)
    await stage.slack.until(
        lambda: any("the balance is 1.5" in shown(one) for one in stage.slack.thread(said))
    )


async def test_without_a_free_slot_a_run_waits_in_line_and_starts_by_itself(stage: Stage) -> None:
    stage.origami.hold_slots(3, name="Roofers in Austin")
    first = await stage.ask(BRIEF)
    await stage.shows(first, "next in line")
    assert "Roofers in Austin" in shown(first)
    second = await stage.ask("find dentists in Leeds [clean]", who="colleague")
    await stage.shows(second, "number 2 of 2 in line")
    stage.origami.hold_slots(0)
    for opening in (first, second):
        assert "leads" in shown((await stage.replies(opening))[0])
    assert stage.origami.count_admitted_runs() == 2


async def test_a_busy_agent_is_waited_for(stage: Stage) -> None:
    opening, answer = await stage.answer(BRIEF)
    busy = {
        "error": "busy",
        "code": "AGENT_BUSY",
        "currentRun": {"id": "v2_run-x", "startedAt": "2026-01-01T00:00:00Z"},
    }
    stage.origami.faults.add(Fault(kind="answer", status=409, body=busy), on="POST /agents/*/runs", count=2)
    await stage.slack.person("rep").click(answer, "Find 20 more founders")
    replies = await stage.replies(opening, 3)
    assert "leads" in shown(replies[2])
    assert stage.origami.count_admitted_runs() == 2


@pytest.mark.parametrize(
    ("channel", "words"), [("#finance", "/invite @Origami"), ("#announcements", "do not let Origami post")]
)
async def test_where_the_bot_cannot_post_the_rep_learns_what_to_do_and_nothing_is_spent(
    stage: Stage, channel: str, words: str
) -> None:
    rep = stage.slack.person("rep")
    await rep.command(channel, f"/origami {BRIEF}")
    await stage.slack.until(lambda: rep.ephemerals)
    assert words in rep.ephemerals[0].text
    assert stage.origami.requests == []


async def test_a_public_channel_without_the_bot_gets_its_answer(stage: Stage) -> None:
    _, answer = await stage.answer(BRIEF, where="#general")
    assert "18 leads" in shown(answer)


async def test_help_says_how_to_ask(stage: Stage) -> None:
    outcome = await stage.slack.person("rep").command("#leads", "/origami help")
    assert outcome.ephemeral is not None
    assert "/origami find" in outcome.ephemeral.text
    assert stage.slack.channel("#leads").messages == []


async def test_a_brief_that_is_too_long_is_refused_before_anything_is_kept(stage: Stage) -> None:
    outcome = await stage.slack.person("rep").command("#leads", "/origami " + "long " * 3_000)
    assert outcome.ephemeral is not None
    assert "too long" in outcome.ephemeral.text
    assert stage.slack.channel("#leads").messages == []


async def test_the_bare_command_opens_a_form_that_starts_a_run(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    await rep.command("#leads", "/origami")
    await stage.slack.until(rep.modal)
    outcome = await rep.submit({"brief": BRIEF})
    assert outcome.ok, outcome
    channel = stage.slack.channel("#leads")
    await stage.slack.until(lambda: channel.messages)
    [answer] = await stage.replies(channel.messages[0])
    assert "18 leads" in shown(answer)


async def test_a_revoked_key_in_the_middle_of_a_run_is_waited_out(stage: Stage) -> None:
    stage.origami.clock.set_speed(0.3)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working")
    stage.origami.revoke_key(DEFAULT_KEY)
    seen = len(stage.origami.requests)
    assert seen
    stage.origami.add_key(DEFAULT_KEY)
    [answer] = await stage.replies(opening)
    assert "18 leads" in shown(answer)
    assert labels(answer)
