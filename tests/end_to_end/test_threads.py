"""A thread is a conversation with one agent: mentions, direct messages, replies, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_slack import Fault as SlackFault
from tests.end_to_end.conftest import is_preview, labels, shown
from tests.end_to_end.wishes import channel_wants

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


def below(stage: Stage, message: Message) -> list[Message]:
    return [one for one in stage.slack.thread(message) if one.ts != message.ts]


def from_the_app(stage: Stage, message: Message) -> list[Message]:
    return [one for one in below(stage, message) if one.bot_id and not is_preview(one)]


async def app_says(stage: Stage, message: Message, count: int) -> list[Message]:
    await stage.slack.until(lambda: len(from_the_app(stage, message)) >= count)
    return from_the_app(stage, message)


async def until_quiet(stage: Stage) -> None:
    """Slack has delivered everything, and nothing of ours goes on."""
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle)


async def test_a_mention_starts_a_run_that_answers_in_its_thread_once(every_stage: Stage) -> None:
    stage = every_stage
    rep = stage.slack.person("rep")
    mention = rep.say("#leads", f"@Origami {BRIEF}")
    progress, answer = await app_says(stage, mention, 2)
    assert BRIEF in shown(progress)
    assert f"<@{rep.id}>" in answer.text
    assert "18 leads" in shown(answer)
    await until_quiet(stage)
    assert stage.origami.count_admitted_runs() == 1
    assert stage.origami.runs[0].prompt == BRIEF


async def test_a_direct_message_is_a_brief_and_its_reply_a_follow_up_also_after_a_restart(
    stage: Stage,
) -> None:
    rep = stage.slack.person("rep")
    asked = rep.say("dm", BRIEF)
    await app_says(stage, asked, 2)
    await stage.stop()
    await stage.start()
    rep.say("dm", "Find 20 more founders", thread_ts=asked.ts)
    await app_says(stage, asked, 4)
    first, second = stage.origami.runs
    assert (second.agent.id, second.prompt) == (first.agent.id, "Find 20 more founders")


async def test_help_said_to_the_app_is_answered(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    asked = rep.say("dm", "help")
    [words] = await app_says(stage, asked, 1)
    assert "/origami find" in shown(words)
    rep.say("#leads", "@Origami")
    await stage.slack.until(lambda: rep.ephemerals)
    assert "/origami find" in rep.ephemerals[0].text
    assert stage.origami.count_admitted_runs() == 0


async def test_the_requesters_plain_reply_is_a_follow_up_and_others_need_a_mention(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    colleague.say("#leads", "Nice list", thread_ts=opening.ts)
    rep.say("#leads", f"@{colleague.user.name} have a look", thread_ts=opening.ts)
    rep.say("#leads", "Add what software each company uses", thread_ts=opening.ts)
    await app_says(stage, opening, 3)
    colleague.say("#leads", "@Origami only those in Texas", thread_ts=opening.ts)
    replies = await app_says(stage, opening, 5)
    assert f"<@{colleague.id}>" in replies[-1].text
    await until_quiet(stage)
    assert [run.prompt for run in stage.origami.runs] == [
        BRIEF,
        "Add what software each company uses",
        "only those in Texas",
    ]


async def test_whose_replies_are_heard_is_the_channels_setting(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    await channel_wants(stage, "#leads", replies="anyone")
    colleague.say("#leads", "only those in Texas", thread_ts=opening.ts)
    await app_says(stage, opening, 3)
    await channel_wants(stage, "#leads", replies="mentions")
    rep.say("#leads", "thanks, I will call them", thread_ts=opening.ts)
    rep.say("#leads", "@Origami and those in Ohio", thread_ts=opening.ts)
    await app_says(stage, opening, 5)
    await until_quiet(stage)
    assert [run.prompt for run in stage.origami.runs] == [BRIEF, "only those in Texas", "and those in Ohio"]


async def test_edits_deletions_and_other_bots_are_not_answered(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    rep = stage.slack.person("rep")
    said = rep.say("#leads", "@Ben thanks", thread_ts=opening.ts)
    rep.edit(said, "find more")
    rep.delete(said)
    stage.slack.other_bot_says(stage.slack.channel("#leads"), "find more", thread_ts=opening.ts)
    await until_quiet(stage)
    assert stage.origami.count_admitted_runs() == 1


async def test_a_reply_during_a_run_waits_and_says_so_and_can_be_taken_back(stage: Stage) -> None:
    stage.origami.clock.set_speed(0.01)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working")
    rep = stage.slack.person("rep")
    rep.say("#leads", "then find their software", thread_ts=opening.ts)
    [first] = await app_says(stage, opening, 1)
    rep.say("#leads", "and their phone numbers", thread_ts=opening.ts)
    [_, second] = await app_says(stage, opening, 2)
    for waiting in (first, second):
        await stage.shows(waiting, "Waiting for the run before it in this thread")
    await rep.click(second, "Stop")
    await stage.shows(second, "before it started")
    stage.origami.clock.set_speed(50)
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2)
    await stage.shows(first, "leads")
    assert [run.prompt for run in stage.origami.runs] == [BRIEF, "then find their software"]


async def test_at_most_five_replies_wait(stage: Stage) -> None:
    stage.origami.clock.set_speed(0.01)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working")
    rep = stage.slack.person("rep")
    for number in range(6):
        rep.say("#leads", f"more of them, part {number}", thread_ts=opening.ts)
    await stage.slack.until(lambda: rep.ephemerals)
    assert "5 requests already wait" in rep.ephemerals[0].text
    assert len(await app_says(stage, opening, 5)) == 5


@pytest.mark.parametrize("tag", ["one question", "three questions"])
async def test_a_plain_reply_answers_all_that_is_open_in_words(stage: Stage, tag: str) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [{tag}]")
    rep = stage.slack.person("rep")
    rep.say("#leads", "Only private ones, in March", thread_ts=opening.ts)
    await stage.shows(asked, "answered *Only private ones, in March*")
    assert "Answer in my own words" not in labels(asked)
    replies = await app_says(stage, opening, 3)
    assert f"<@{rep.id}>" in replies[-1].text
    assert stage.origami.runs[-1].prompt == "Only private ones, in March"


async def test_a_reply_beside_half_given_answers_restates_them(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [three questions]")
    rep = stage.slack.person("rep")
    option = labels(asked)[0]
    await rep.click(asked, option)
    await stage.shows(asked, "1 of 3 answered")
    rep.say("#leads", "the rest is up to you", thread_ts=opening.ts)
    await app_says(stage, opening, 3)
    prompt = stage.origami.runs[-1].prompt
    assert f"Answer: {option}" in prompt
    assert prompt.endswith("the rest is up to you")


async def test_the_bare_word_stop_ends_what_runs(stage: Stage) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    rep = stage.slack.person("rep")
    rep.say("#leads", "Stop.", thread_ts=opening.ts)
    await stage.shows(opening, f"Stopped by <@{rep.id}>")
    assert stage.origami.runs[0].status == "cancelled"
    rep.say("#leads", "stop", thread_ts=opening.ts)
    await stage.slack.until(lambda: rep.ephemerals)
    assert "Too late to stop" in rep.ephemerals[0].text


async def test_a_muted_thread_is_quiet_until_it_is_unmuted(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    rep = stage.slack.person("rep")
    rep.say("#leads", "mute", thread_ts=opening.ts)
    await stage.slack.until(lambda: len(rep.ephemerals) == 1)
    rep.say("#leads", "find more of them", thread_ts=opening.ts)
    await until_quiet(stage)  # Slack delivers what is said at once in any order
    rep.say("#leads", "unmute", thread_ts=opening.ts)
    await stage.slack.until(lambda: len(rep.ephemerals) == 2)
    rep.say("#leads", "find more of them now", thread_ts=opening.ts)
    await app_says(stage, opening, 3)
    await until_quiet(stage)
    assert [run.prompt for run in stage.origami.runs] == [BRIEF, "find more of them now"]


async def test_a_message_becomes_a_brief_in_its_own_thread(stage: Stage) -> None:
    colleague, rep = stage.slack.person("colleague"), stage.slack.person("rep")
    message = colleague.say("#leads", "Acme just opened an office in Leeds & hires")
    await rep.message_shortcut(message, "Find leads from this")
    await stage.slack.until(rep.modal)
    form = rep.modal()
    assert form is not None
    assert "Acme just opened an office in Leeds & hires" in str(form.blocks)
    assert (await rep.submit()).ok
    _, answer = await app_says(stage, message, 2)
    assert f"<@{rep.id}>" in answer.text


async def test_the_global_shortcut_opens_the_form_with_tables_to_work_on(stage: Stage) -> None:
    await stage.answer(BRIEF)
    [table] = stage.origami.tables()
    rep = stage.slack.person("rep")
    await rep.shortcut("New lead search")
    await stage.slack.until(rep.modal)
    await rep.fill({"tables": ["Austin Seed Founders (18 rows)"]})
    outcome = await rep.submit({"brief": "find 20 more", "channel": "C0LEADS0001"})
    assert outcome.ok, outcome
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2)
    bodies = [str(request.body) for request in stage.origami.requests if request.method == "POST"]
    assert str(table.id) in bodies[-1]


async def test_a_question_that_waits_is_remembered_once_and_never_where_that_is_set(stage: Stage) -> None:
    await channel_wants(stage, "#sales", remind_minutes=0)
    await channel_wants(stage, "#leads", remind_minutes=1)
    left_alone, _ = await stage.answer(f"{BRIEF} [one question]", where="#sales")
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    rep = stage.slack.person("rep")
    [_, reminder] = await app_says(stage, opening, 2)
    assert f"<@{rep.id}> Origami still waits for your answer" in reminder.text
    await rep.click(asked, "Private only")
    replies = await app_says(stage, opening, 4)
    assert sum("still waits" in reply.text for reply in replies) == 1
    assert len(below(stage, left_alone)) == 1


async def test_the_threads_session_shows_that_work_goes_on_waits_or_is_done(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    sessions = stage.slack.world.sessions
    key = (opening.channel_id, opening.ts)
    await stage.slack.until(lambda: key in sessions and sessions[key].status == "suspended")
    await stage.slack.person("rep").click(asked, "Private only")
    await stage.replies(opening, 3)
    await stage.slack.until(lambda: sessions[key].status == "active")
    statuses = [call.args["status"] for call in stage.slack.called("agents.sessions.setStatus")]
    assert statuses[:2] == ["processing", "suspended"]


async def test_slacks_own_stop_ends_the_run(stage: Stage) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    rep = stage.slack.person("rep")
    key = (opening.channel_id, opening.ts)
    await stage.slack.until(lambda: key in stage.slack.world.sessions)
    rep.stop_session(opening)
    await stage.shows(opening, f"Stopped by <@{rep.id}>")


async def test_a_workspace_without_agent_sessions_gets_the_older_status_and_no_harm_is_done(
    stage: Stage,
) -> None:
    refusal = SlackFault(kind="refuse", method="agents.sessions.setStatus", error="not_allowed", times=None)
    stage.slack.faults.add(refusal)
    await stage.answer(BRIEF)
    await stage.slack.until(lambda: stage.slack.called("assistant.threads.setStatus"))
    assert len(stage.slack.called("agents.sessions.setStatus")) <= 2
