"""In a channel that other companies see, nothing of an answer stands before its requester says so."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.deliveries import audience
from bot.sandbox.local_origami import DEFAULT_KEY
from bot.sandbox.local_slack import Fault
from storage.records import AuditEntry, Export
from tests.end_to_end.conftest import is_preview, labels, shown, staged
from tests.end_to_end.test_threads import channel_wants
from tests.spreadsheets import read_csv

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

SHARED = "#partners"
BRIEF = "find 50 SaaS founders in Austin who raised seed"
SHOW = "Show it here"


@pytest.fixture
async def one_stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The product on one way in and one database, for what neither makes a difference to."""
    async with staged("socket", sqlite_url) as made:
        yield made


def everything(stage: Stage, channel: str = SHARED) -> str:
    """All that people of other companies see in a channel: messages, their blocks, links and files."""
    posted = stage.slack.channel(channel).posted.values()
    return "\n".join(f"{shown(one)} {one.blocks} {[file.name for file in one.files]}" for one in posted)


def secrets(stage: Stage) -> set[str]:
    """What Origami told: names of tables and leads, addresses, and what it said."""
    tables = stage.origami.tables()
    cells = {str(value) for table in tables for lead in table.leads for value in lead.values.values()}
    said = {run.text for run in stage.origami.runs if getattr(run, "text", None)}
    return {
        word
        for word in {*cells, *(table.name for table in tables), *said, "origami.chat"}
        if len(word) > 4 and not re.search(re.escape(word), BRIEF, re.IGNORECASE)
    }


def nothing_leaks(stage: Stage, channel: str = SHARED) -> None:
    seen = everything(stage, channel)
    assert [word for word in secrets(stage) if word in seen] == []


def in_dm(stage: Stage, who: str = "rep") -> list[Message]:
    return list(stage.slack.person(who).dm.posted.values())


async def told_directly(stage: Stage, count: int = 1, who: str = "rep") -> list[Message]:
    """The messages to one person, but for previews, once there are so many."""

    def found() -> list[Message]:
        return [one for one in in_dm(stage, who) if not is_preview(one)]

    await stage.slack.until(lambda: len(found()) >= count, 15)
    return found()


async def previewed(stage: Stage) -> None:
    await stage.slack.until(lambda: any(is_preview(one) for one in in_dm(stage)), 15)


async def test_the_requester_alone_has_the_answer_until_they_show_it_and_it_is_shown_once(
    stage: Stage,
) -> None:
    opening, asked = await stage.answer(BRIEF, where=SHARED)
    rep, colleague, outsider = (stage.slack.person(who) for who in ("rep", "colleague", "outsider"))
    assert asked.text.startswith(f"<@{rep.id}> *Your answer is ready.* This channel is shared with another")
    assert labels(asked) == [SHOW]
    [private] = await told_directly(stage)
    await previewed(stage)
    assert "SaaS founders" in shown(private)
    assert {"Get CSV", "Get Excel", "Details"} < set(labels(private))
    await stage.shows(opening, "Ended.")
    nothing_leaks(stage)

    for person in (colleague, outsider):
        await person.click(asked, SHOW)
        await stage.slack.until(lambda one=person: one.ephemerals)
        told = person.ephemerals[0].text
        assert told.startswith("Only")
        assert f"<@{rep.id}>" in told
    nothing_leaks(stage)

    await stage.stop()
    await stage.start()
    await asyncio.gather(rep.click(asked, SHOW), rep.click(asked, SHOW))
    answer = (await stage.replies(opening, 2))[1]
    await stage.shows(asked, f"<@{rep.id}> showed it")
    await stage.shows(opening, "founders" if "founders" in shown(private) else "lead")
    await stage.previews(opening)
    assert not labels(asked)
    assert not answer.text.startswith("<@")
    assert len(await stage.replies(opening, 2)) == 2
    assert len(await told_directly(stage)) == 1
    assert any(word in everything(stage) for word in secrets(stage))
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        acts = (await session.execute(select(AuditEntry.actor_id).where(AuditEntry.action == "show"))).all()
    assert acts == [(rep.id,)]


async def test_an_admin_may_show_it_too(stage: Stage) -> None:
    opening, asked = await stage.answer(BRIEF, where=SHARED)
    admin = stage.slack.person("admin")
    await admin.click(asked, SHOW)
    await stage.replies(opening, 2)
    await stage.shows(asked, f"<@{admin.id}> showed it")


async def test_a_question_is_answered_from_the_direct_message_and_its_follow_up_is_private_again(
    stage: Stage,
) -> None:
    opening, asked = await stage.answer("find dentists in Leeds [one question]", where=SHARED)
    assert "question for you" in asked.text
    rep = stage.slack.person("rep")
    [question] = await told_directly(stage)
    assert "Private only" in labels(question)
    assert "Private only" not in everything(stage)
    await stage.stop()
    await stage.start()
    await rep.click(question, "Private only")
    await stage.shows(question, f"<@{rep.id}> chose *Private only*")
    progress, ready = (await stage.replies(opening, 3))[1:]
    assert f"Following up for <@{rep.id}>" in shown(progress)
    assert labels(ready) == [SHOW]
    await told_directly(stage, 2)
    await stage.shows(progress, "Ended.")
    assert "Private only" not in everything(stage)
    nothing_leaks(stage)
    first, second = stage.origami.runs
    assert (second.agent.id, second.prompt) == (first.agent.id, "Private only")


async def test_a_reply_below_the_private_answer_goes_on_with_the_same_agent(one_stage: Stage) -> None:
    stage = one_stage
    opening, _ = await stage.answer(BRIEF, where=SHARED)
    [private] = await told_directly(stage)
    rep = stage.slack.person("rep")
    rep.say(rep.dm.channel_id, "only those of Ada Lovelace", private.ts)
    await stage.replies(opening, 3)
    assert [run.prompt for run in stage.origami.runs] == [BRIEF, "only those of Ada Lovelace"]
    assert len({run.agent.id for run in stage.origami.runs}) == 1
    await told_directly(stage, 2)
    assert "Lovelace" not in everything(stage)


async def test_the_reminder_of_a_private_question_is_private(one_stage: Stage) -> None:
    stage = one_stage
    await channel_wants(stage, SHARED, remind_minutes=1)
    await stage.answer("find dentists in Leeds [one question]", where=SHARED)
    reminder = (await told_directly(stage, 2))[1]
    assert "still waits for your answer" in reminder.text
    assert "Private" not in everything(stage)


async def test_several_answers_of_which_one_comes_in_words_restate_no_question_there(
    one_stage: Stage,
) -> None:
    stage = one_stage
    opening, _ = await stage.answer("find dentists in Leeds [three questions]", where=SHARED)
    [asked] = await told_directly(stage)
    rep = stage.slack.person("rep")
    first = next(label for label in labels(asked) if label != "Answer in my own words")
    await rep.click(asked, first)
    await stage.shows(asked, "1 of 3 answered")
    rep.say(SHARED, "as you think best", opening.ts)
    await stage.replies(opening, 4)
    assert first in stage.origami.runs[-1].prompt
    assert first not in everything(stage)


async def test_files_asked_for_in_the_direct_message_stay_there(one_stage: Stage) -> None:
    stage = one_stage
    opening, asked = await stage.answer(BRIEF, where=SHARED)
    [private] = await told_directly(stage)
    rep = stage.slack.person("rep")
    lost = Fault(kind="error_after", method="files.completeUploadExternal")
    stage.slack.faults.add(lost)
    await rep.click(private, "Get CSV")
    await stage.slack.until(lambda: any(one.files for one in in_dm(stage)), 20)
    await stage.slack.until(lambda: rep.ephemerals)
    assert "It comes here" in rep.ephemerals[0].text
    assert rep.ephemerals[0].channel_id == rep.dm.channel_id
    [file] = [one for one in in_dm(stage) if one.files]
    assert len(read_csv(file.files[0].content or b"")) > 1
    nothing_leaks(stage)
    # Whoever asks for a file that is being made gets that one.
    await stage.none_left(select(Export.id).where(Export.due_at.is_not(None)))
    await rep.click(asked, SHOW)
    answer = (await stage.replies(opening, 2))[1]
    await rep.click(answer, "Get CSV")
    await stage.slack.until(lambda: any(one.files for one in stage.slack.thread(opening)), 20)
    assert len([one for one in in_dm(stage) if one.files]) == 1


async def test_a_channel_that_becomes_shared_meanwhile_is_noticed(one_stage: Stage) -> None:
    stage = one_stage
    channel = stage.slack.channel("#leads")
    opening = await stage.ask(f"{BRIEF} [slow]")
    channel.shared_with = ("T0CONTOSO01",)
    [asked] = await stage.replies(opening, within=30)
    assert labels(asked) == [SHOW]
    await told_directly(stage)
    await previewed(stage)
    nothing_leaks(stage, "#leads")


async def test_what_stood_before_the_channel_was_shared_is_told_no_more(
    one_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = one_stage
    monkeypatch.setattr(audience, "KEEP_SECONDS", 0.0)
    opening, answer = await stage.answer("find dentists in Leeds [one question]")
    stage.slack.channel("#leads").shared_with = ("T0CONTOSO01",)
    before = shown(answer)
    await stage.slack.person("rep").click(answer, "Private only")
    await stage.replies(opening, 3)
    await told_directly(stage)
    assert shown(answer) == before


async def test_a_file_for_a_thread_that_others_see_by_now_goes_to_who_asks(
    one_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = one_stage
    monkeypatch.setattr(audience, "KEEP_SECONDS", 0.0)
    opening, answer = await stage.answer(BRIEF)
    stage.slack.channel("#leads").shared_with = ("T0CONTOSO01",)
    await stage.slack.person("colleague").click(answer, "Get CSV")
    await stage.slack.until(lambda: any(one.files for one in in_dm(stage, "colleague")), 20)
    assert not any(one.files for one in stage.slack.thread(opening))


async def test_where_slack_does_not_tell_nothing_is_shown_unasked(one_stage: Stage) -> None:
    stage = one_stage
    stage.slack.faults.add(
        Fault(kind="refuse", error="missing_scope", method="conversations.info", times=None)
    )
    opening, asked = await stage.answer(BRIEF)
    assert "Slack does not tell this app" in asked.text
    await told_directly(stage)
    nothing_leaks(stage, "#leads")
    await stage.slack.person("rep").click(asked, SHOW)
    await stage.replies(opening, 2)


async def test_a_passing_failure_of_slack_puts_the_answer_off(one_stage: Stage) -> None:
    stage = one_stage
    stage.slack.faults.add(Fault(kind="error_before", status=500, method="conversations.info", times=3))
    opening, answer = await stage.answer(BRIEF)
    assert "Get CSV" in labels(answer)
    assert len(await stage.replies(opening)) == 1


async def test_whoever_takes_no_direct_messages_can_still_show_it(one_stage: Stage) -> None:
    stage = one_stage
    stage.slack.faults.add(
        Fault(kind="refuse", error="cannot_dm_bot", method="conversations.open", times=None)
    )
    opening, asked = await stage.answer(BRIEF, where=SHARED)
    rep = stage.slack.person("rep")
    await stage.slack.until(lambda: rep.ephemerals)
    assert "your answer waits" in rep.ephemerals[0].text
    await rep.click(asked, SHOW)
    await stage.replies(opening, 2)


async def test_that_origami_does_not_take_the_key_meanwhile_is_nothing_for_others(one_stage: Stage) -> None:
    stage = one_stage
    opening = await stage.ask(f"{BRIEF} [forever]", where=SHARED)
    await stage.shows(opening, "Working")
    stage.origami.revoke_key(DEFAULT_KEY)
    await stage.shows(opening, "Waiting.")
    assert "key" not in everything(stage)
    rep = stage.slack.person("rep")
    assert (await rep.command(SHARED, "/origami runs")).ok
    await stage.slack.until(lambda: any("API key" in shown(one) for one in rep.ephemerals), 15)


async def test_a_run_that_could_not_be_done_says_why_to_its_requester_alone(one_stage: Stage) -> None:
    stage = one_stage
    _, asked = await stage.answer(f"{BRIEF} [errored]", where=SHARED)
    assert asked.text.startswith("<@")
    await told_directly(stage)
    nothing_leaks(stage)
