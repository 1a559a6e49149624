"""Recurring briefs: made in a form, run when they are due, and paused where they cannot go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update

from storage.records import Run, Schedule
from tests.end_to_end.conftest import shown
from tests.end_to_end.test_home import reads, seen, texts

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message, Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 20 new SaaS founders in Austin"
LEADS = "C0LEADS0001"
FORM = {
    "prompt": BRIEF,
    "weekdays": ["Monday", "Wednesday"],
    "time_of_day": "09:00",
    "time_zone": "Europe/Berlin",
    "channel_id": "#leads",
}


async def records(stage: Stage) -> list[Schedule]:
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        return list((await session.execute(select(Schedule))).scalars())


async def opened(stage: Stage, person: Person) -> None:
    assert (await person.command("#leads", "/origami schedule")).ok
    await stage.slack.until(person.modal)


async def kept(stage: Stage, *, who: str = "rep", **changes: Any) -> Schedule:
    """A recurring brief that somebody has made in the form."""
    person = stage.slack.person(who)
    await opened(stage, person)
    outcome = await person.submit(FORM | changes)
    assert outcome.ok, outcome
    form = person.modal()
    assert form is not None
    assert "Saved." in texts(form.blocks)
    return next(one for one in await records(stage) if one.owner_id == person.id)


async def comes_due(stage: Stage, at: datetime | None = None) -> None:
    """Time passes until everything that is active is due, or was at ``at``."""
    assert stage.app is not None
    due = at or datetime.now(UTC) - timedelta(seconds=1)
    async with stage.app.context.db.write() as session:
        await session.execute(update(Schedule).where(Schedule.next_at.is_not(None)).values(next_at=due))
    stage.app.context.wake("schedule")


async def first_message(stage: Stage, where: str = "#leads") -> Message:
    channel = stage.slack.channel(where)
    await stage.slack.until(lambda: channel.messages)
    return channel.messages[0]


async def direct_message(stage: Stage, who: str) -> str:
    person = stage.slack.person(who)
    await stage.slack.until(lambda: person.dm.messages)
    return shown(person.dm.messages[0])


async def at_home(stage: Stage, who: str, words: str) -> Person:
    person = stage.slack.person(who)
    person.open_home()
    await reads(stage, person, words)
    return person


async def press(person: Person, label: str) -> None:
    assert person.home is not None
    assert (await person.click(person.home, label)).ok


async def test_a_recurring_brief_runs_when_it_is_due_and_mentions_its_owner(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    schedule = await kept(stage, model="origami-lite")
    assert schedule.next_at is not None
    assert schedule.next_at > datetime.now(UTC)
    await comes_due(stage)
    opening = await first_message(stage)
    assert f"Every Mon and Wed at 9:00 AM (Europe/Berlin) · for <@{rep.id}>" in opening.text
    assert "was due" not in opening.text
    [answer] = await stage.replies(opening)
    assert f"<@{rep.id}>" in answer.text
    assert "leads" in shown(answer)
    assert [(run.prompt, run.model) for run in stage.origami.runs] == [(BRIEF, "origami-lite")]
    [after] = await records(stage)
    assert after.next_at is not None
    assert after.next_at > datetime.now(UTC)


async def test_what_was_missed_while_the_bot_was_down_runs_once_and_says_when_it_was_due(
    stage: Stage,
) -> None:
    await kept(stage)
    await comes_due(stage, datetime(2026, 3, 30, 7, 0, tzinfo=UTC))
    opening = await first_message(stage)
    assert "was due on Mar 30, 9:00 AM" in opening.text
    await stage.replies(opening)
    assert stage.app is not None
    stage.app.context.wake("schedule")
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle)
    assert stage.origami.count_admitted_runs() == 1
    assert len(stage.slack.channel("#leads").messages) == 1


async def test_the_words_of_a_brief_may_begin_with_schedule(stage: Stage) -> None:
    opening = await stage.ask("schedule a demo with 20 CTOs in Leeds")
    assert "schedule a demo" in shown(opening)
    assert await records(stage) == []


async def test_home_pauses_resumes_changes_and_deletes(stage: Stage) -> None:
    await kept(stage)
    rep = await at_home(stage, "rep", "Every Mon and Wed at 9:00 AM (Europe/Berlin)")
    await press(rep, "Pause")
    await reads(stage, rep, "*Paused*")
    [paused] = await records(stage)
    assert (paused.state, paused.next_at) == ("paused", None)
    await press(rep, "Resume")
    await reads(stage, rep, "Next:")
    await rep.close_modal(whole_stack=True)
    await press(rep, "Change")
    await stage.slack.until(rep.modal)
    assert (await rep.submit({"time_of_day": "17:30", "weekdays": ["Friday"]})).ok
    await reads(stage, rep, "Every Fri at 5:30 PM (Europe/Berlin)")
    await press(rep, "Delete")
    await stage.slack.until(lambda: "Recurring briefs" not in seen(rep))
    assert await records(stage) == []


async def test_an_archived_channel_pauses_it_and_its_owner_and_an_admin_are_told(stage: Stage) -> None:
    await kept(stage)
    stage.slack.channel("#leads").archived = True
    await comes_due(stage)
    told = await direct_message(stage, "rep")
    assert "is archived" in told
    assert "Your recurring brief is paused." in told
    told = await direct_message(stage, "admin")
    assert f"<@{stage.slack.person('rep').id}>'s recurring brief in <#{LEADS}> is paused." in told
    admin = await at_home(stage, "admin", "1 recurring brief in this workspace cannot go on")
    await press(admin, "Show everyone's")
    assert "*Paused:*" in await reads(stage, admin, BRIEF)
    stage.slack.channel("#leads").archived = False
    await press(admin, "Resume")
    await reads(stage, admin, "Next:")
    assert stage.origami.count_admitted_runs() == 0


async def test_an_owner_who_has_left_starts_nothing_and_an_admin_can_take_over(stage: Stage) -> None:
    await kept(stage, who="colleague")
    stage.slack.person("colleague").user.deleted = True
    assert stage.app is not None
    await stage.stop()
    await stage.start()
    await comes_due(stage)
    assert "has left the workspace" in shown(await first_message(stage))
    assert "has left the workspace" in await direct_message(stage, "admin")
    assert stage.origami.count_admitted_runs() == 0
    admin = await at_home(stage, "admin", "1 recurring brief in this workspace cannot go on")
    await press(admin, "Show everyone's")
    await reads(stage, admin, BRIEF)
    await press(admin, "Resume")
    await reads(stage, admin, "Next:")
    [taken] = await records(stage)
    assert taken.owner_id == admin.id


async def test_a_form_says_what_is_wrong_with_it_and_that_it_comes_too_late(stage: Stage) -> None:
    await kept(stage)
    rep = await at_home(stage, "rep", BRIEF)
    await press(rep, "Change")
    await stage.slack.until(lambda: (form := rep.modal()) and form.content.get("submit"))
    outcome = await rep.submit({"prompt": " "})
    assert outcome.errors == {"prompt": "The prompt is empty."}
    await press(rep, "Delete")
    await stage.slack.until(lambda: "Recurring briefs" not in seen(rep))
    assert (await rep.submit({"prompt": BRIEF})).ok
    form = rep.modal()
    assert form is not None
    assert "somebody has deleted it" in texts(form.blocks)
    assert await records(stage) == []


async def test_a_threads_first_brief_becomes_a_recurring_one_by_a_button(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    assert stage.app is not None
    [run_id] = {run.id for run in await runs_of(stage)}
    button = {
        "type": "button",
        "action_id": "schedule:from_run",
        "text": words("Every week"),
        "value": run_id,
    }
    client = AsyncWebClient(stage.slack.token(), base_url=stage.slack.url)
    await client.chat_postMessage(
        channel=LEADS,
        text="Next",
        thread_ts=opening.ts,
        blocks=[{"type": "actions", "elements": [button, button | {"action_id": "x", "value": "x"}]}],
    )
    colleague = stage.slack.person("colleague")
    [message] = [one for one in await stage.replies(opening, 2) if one.text == "Next"]
    assert (await colleague.click(message, "schedule:from_run")).ok
    await stage.slack.until(colleague.modal)
    assert (await colleague.submit({})).ok
    [made] = await records(stage)
    assert (made.owner_id, made.prompt, made.channel_id) == (colleague.id, BRIEF, LEADS)
    assert made.time_zone == "Europe/London"


def words(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


async def runs_of(stage: Stage) -> list[Any]:
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        return list((await session.execute(select(Run))).scalars())
