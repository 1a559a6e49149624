"""Questions and next actions: buttons, own words, one winner."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.end_to_end.conftest import labels, shown

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find dentists in Leeds"


async def test_a_click_answers_the_question_and_the_follow_up_runs_in_the_same_thread(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    await stage.shows(opening, "Question for")
    rep = stage.slack.person("rep")
    outcome = await rep.click(asked, "Private only")
    assert outcome.ok
    await stage.shows(asked, f"<@{rep.id}> chose *Private only*")
    assert "Private only" not in labels(asked)
    progress, answer = (await stage.replies(opening, 3))[1:]
    assert "Private only" in shown(progress)
    assert f"<@{rep.id}>" in answer.text
    first, second = stage.origami.runs
    assert (second.agent.id, second.prompt) == (first.agent.id, "Private only")


async def test_a_plan_is_confirmed_with_one_click(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [confirm]")
    await stage.slack.person("rep").click(asked, "Confirm")
    await stage.replies(opening, 3)
    assert stage.origami.runs[-1].prompt == "Confirm"


async def test_several_answers_are_gathered_and_sent_as_one_prompt_that_restates_each_question(
    stage: Stage,
) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [three questions]")
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    questions = [
        element["text"]["text"] for element in asked.blocks if "Question" in str(element.get("text", ""))
    ]
    assert len(questions) == 3
    options = [label for label in labels(asked) if label != "Answer in my own words"]
    await rep.click(asked, options[0])
    await stage.shows(asked, "1 of 3 answered")
    await stage.stop()
    await stage.start()
    await colleague.click(asked, "Answer in my own words")
    await stage.slack.until(colleague.modal)
    form = colleague.modal()
    assert form is not None
    inputs = [block for block in form.blocks if block["type"] == "input"]
    assert len(inputs) == 2
    outcome = await colleague.submit(
        {inputs[0]["block_id"]: "Only the big ones", inputs[1]["block_id"]: "In March"}
    )
    assert outcome.ok, outcome
    await stage.replies(opening, 3)
    prompt = stage.origami.runs[-1].prompt
    assert prompt.count("Answer:") == 3
    assert options[0] in prompt
    assert "Only the big ones" in prompt
    assert "In March" in prompt
    assert stage.origami.count_admitted_runs() == 2


async def test_of_two_clicks_at_once_one_wins_and_the_other_is_told_who_chose_what(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    people = [stage.slack.person("rep"), stage.slack.person("colleague")]
    clicks = zip(people, ["Private only", "Public and private"], strict=True)
    await asyncio.gather(*(person.click(asked, label) for person, label in clicks))
    await stage.slack.until(lambda: any(person.ephemerals for person in people))
    [loser] = [person for person in people if person.ephemerals]
    [winner] = [person for person in people if not person.ephemerals]
    assert f"<@{winner.id}> was first" in loser.ephemerals[0].text
    await stage.replies(opening, 3)
    assert f"chose *{stage.origami.runs[-1].prompt}*" in loser.ephemerals[0].text
    assert stage.origami.count_admitted_runs() == 2


async def test_a_click_on_something_answered_long_ago_still_gets_an_answer(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    old = type(asked)(**vars(asked))
    old.blocks = list(asked.blocks)
    await stage.slack.person("rep").click(asked, "Private only")
    await stage.replies(opening, 3)
    await stage.stop()
    await stage.start()
    colleague = stage.slack.person("colleague")
    for label in ("Public and private", "Answer in my own words"):
        before = len(colleague.ephemerals)
        assert (await colleague.click(old, label)).ok
        await stage.slack.until(lambda seen=before: len(colleague.ephemerals) > seen)
        assert "Private only" in colleague.ephemerals[-1].text
    assert stage.origami.count_admitted_runs() == 2


async def test_a_next_action_is_a_follow_up_on_the_runs_table(stage: Stage) -> None:
    opening, answer = await stage.answer("find 50 SaaS founders in Austin who raised seed")
    await stage.slack.person("rep").click(answer, "Find 20 more founders")
    await stage.replies(opening, 3)
    [table] = stage.origami.tables()
    bodies = [json.loads(request.body) for request in stage.origami.requests if request.method == "POST"]
    assert bodies[-1]["prompt"] == "Find 20 more founders"
    assert bodies[-1]["focusTableIds"] == [str(table.id)]


async def test_a_button_of_another_installation_is_answered_neutrally(stage: Stage) -> None:
    _, asked = await stage.answer(f"{BRIEF} [one question]")
    for block in asked.blocks:
        for element in block.get("elements", []):
            if element.get("action_id", "").startswith("choose:"):
                element["action_id"], element["value"] = "choose:unknown", "unknown"
    rep = stage.slack.person("rep")
    await rep.click(asked, "Private only")
    await stage.slack.until(lambda: rep.ephemerals)
    assert "no longer there" in rep.ephemerals[0].text
