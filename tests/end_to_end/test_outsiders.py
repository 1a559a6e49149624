"""People of other companies in a shared channel: they see everything, and can do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.end_to_end.conftest import labels, shown
from tests.end_to_end.wishes import audited, channel_wants

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message, Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"
WHY = "Only people of the company that has brought Origami into this channel can use it here"


async def until_quiet(stage: Stage) -> None:
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle, 15)


async def told(person: Person, stage: Stage, count: int = 1) -> Message:
    """The last of so many messages that only this person sees."""
    await stage.slack.until(lambda: len(person.ephemerals) >= count, 15)
    return person.ephemerals[-1]


async def answered_there(stage: Stage, brief: str) -> tuple[Message, Message]:
    """The opening, and the answer that its requester has shown to everybody in the shared channel."""
    opening, consent = await stage.answer(brief, where="#partners")
    assert (await stage.slack.person("rep").click(consent, "Show it here")).ok
    return opening, (await stage.replies(opening, 2))[1]


def pressed_labels(message: Message) -> list[str]:
    """What the buttons say that do something here, rather than open a page."""
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    return [one["text"]["text"] for one in elements if one["type"] == "button" and "url" not in one]


async def refusals(stage: Stage) -> list[tuple[str, str]]:
    return [(entry.actor_id, entry.details["code"]) for entry in await audited(stage, "refused")]


async def test_every_button_of_an_answer_tells_them_why_and_who_can_help(stage: Stage) -> None:
    _, asked = await answered_there(stage, f"{BRIEF} [one question]")
    outsider, rep = stage.slack.person("outsider"), stage.slack.person("rep")
    wanted = pressed_labels(asked)
    assert {"Private only", "Answer in my own words"} <= set(wanted)
    for count, label in enumerate(wanted, start=1):
        assert (await outsider.click(asked, label)).ok
        refusal = await told(outsider, stage, count)
        assert WHY in shown(refusal)
        assert f"ask <@{rep.id}>, who began this search" in shown(refusal)
    assert outsider.modal() is None
    assert stage.origami.count_admitted_runs() == 1
    assert await refusals(stage) == [(outsider.id, "OUTSIDER")] * len(wanted)
    await rep.click(asked, "Private only")
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2)


async def test_they_get_no_file_no_details_no_feedback_and_no_recurring_brief(stage: Stage) -> None:
    _, answer = await answered_there(stage, BRIEF)
    outsider = stage.slack.person("outsider")
    wanted = pressed_labels(answer)
    assert {"Get CSV", "Get Excel", "Details"} <= set(wanted)
    for count, label in enumerate([*wanted, "feedback"], start=1):
        assert (await outsider.click(answer, label)).ok
        assert WHY in shown(await told(outsider, stage, count))
    assert outsider.modal() is None
    assert stage.slack.called("files.completeUploadExternal") == []
    assert await audited(stage, "export") == []


async def test_they_stop_nothing_by_button_word_or_slacks_own_stop(stage: Stage) -> None:
    await channel_wants(stage, "#partners", who_may_stop="anyone", replies="anyone")
    opening = await stage.ask(f"{BRIEF} [forever]", where="#partners")
    await stage.shows(opening, "Working")
    outsider, rep = stage.slack.person("outsider"), stage.slack.person("rep")
    await outsider.click(opening, "Stop")
    assert WHY in shown(await told(outsider, stage))
    outsider.say("#partners", "stop", thread_ts=opening.ts)
    outsider.say("#partners", "@Origami stop", thread_ts=opening.ts)
    assert WHY in shown(await told(outsider, stage, 2))
    await stage.slack.until(lambda: (opening.channel_id, opening.ts) in stage.slack.world.sessions)
    outsider.stop_session(opening)
    assert WHY in shown(await told(outsider, stage, 3))
    await until_quiet(stage)
    assert len(outsider.ephemerals) == 3
    assert stage.origami.runs[0].status == "running"
    await rep.click(opening, "Stop")
    await stage.shows(opening, f"<@{rep.id}> asked to stop")


async def test_what_they_write_is_no_request_no_answer_and_no_word_and_a_mention_is_refused_once(
    stage: Stage,
) -> None:
    await channel_wants(stage, "#partners", replies="anyone")
    opening, asked = await answered_there(stage, f"{BRIEF} [one question]")
    outsider = stage.slack.person("outsider")
    for words in ("Private only", "mute", "only those in Texas"):
        outsider.say("#partners", words, thread_ts=opening.ts)
    outsider.say("#partners", "@Origami only those in Texas", thread_ts=opening.ts)
    refusal = await told(outsider, stage)
    assert WHY in shown(refusal)
    assert refusal.thread_ts == opening.ts
    outsider.say("#partners", "@Origami find dentists")
    assert WHY in shown(await told(outsider, stage, 2))
    await until_quiet(stage)
    assert len(outsider.ephemerals) == 2
    assert "Private only" in labels(asked)
    assert stage.origami.count_admitted_runs() == 1
    stage.slack.person("colleague").say("#partners", "Private only", thread_ts=opening.ts)
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2)


async def test_links_open_for_everybody(stage: Stage) -> None:
    _, answer = await answered_there(stage, BRIEF)
    outsider = stage.slack.person("outsider")
    link = next(label for label in labels(answer) if label not in pressed_labels(answer))
    assert (await outsider.click(answer, link)).ok
    await until_quiet(stage)
    assert outsider.ephemerals == []
