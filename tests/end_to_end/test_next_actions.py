"""Next actions by type: sent, confirmed, asked for, handed in, or elsewhere."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.local_slack.elements import find_control
from tests.end_to_end.conftest import labels, marked_up, shown, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import Message, Person, View
    from tests.end_to_end.conftest import Stage

BRIEF = "find 20 founders in Austin [each next action]"
UPLOAD = "Upload your customer list to leave them out"
INPUT = "Tell me who your best customer is"
MORE = "Find 20 more"
PLAIN = "Only keep companies with fewer than 50 people"
CUSTOMERS = {"customers.csv": b"Name\nAcme\nGlobex\n"}


@pytest.fixture
async def quick_stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """One way in, for what does not depend on it."""
    async with staged("socket", sqlite_url) as made:
        yield made


def sent(stage: Stage) -> list[dict[str, Any]]:
    """The bodies of the runs that Origami was asked for."""
    starts = [
        one
        for one in stage.origami.requests
        if one.method == "POST" and one.path.endswith(("/agents", "/runs"))
    ]
    return [json.loads(request.body) for request in starts]


def uploads(stage: Stage) -> list[Any]:
    return [one for one in stage.origami.requests if one.path.endswith("/documents")]


async def form(stage: Stage, person: Person, message: Message, label: str) -> View:
    assert (await person.click(message, label)).ok
    await stage.slack.until(person.modal)
    view = person.modal()
    assert view is not None
    return view


async def test_a_file_that_was_asked_for_becomes_a_table_of_the_follow_up(stage: Stage) -> None:
    opening, answer = await stage.answer(BRIEF)
    rep = stage.slack.person("rep")
    view = await form(stage, rep, answer, UPLOAD)
    assert UPLOAD in json.dumps(view.blocks)
    outcome = await rep.submit({"File, up to 10 MB": CUSTOMERS, "Anything to add?": "They pay already"})
    assert outcome.ok, outcome
    await stage.shows(answer, f"<@{rep.id}> chose *{UPLOAD}*")
    progress, ended = (await stage.replies(opening, 3))[1:]
    assert "With *customers.csv*" in shown(progress)
    assert f"<@{rep.id}>" in ended.text
    [table] = [table for table in stage.origami.tables() if table.name == "customers"]
    assert [lead.values["name"] for lead in table.leads] == ["Acme", "Globex"]
    body = sent(stage)[-1]
    assert body["attachments"] == [{"kind": "table", "tableId": table.id}]
    assert body["prompt"] == f"{UPLOAD}\nUse the attached file: customers.csv\nThey pay already"
    assert stage.origami.count_admitted_runs() == 2


async def test_an_answer_that_was_asked_for_is_sent_with_what_it_answers(quick_stage: Stage) -> None:
    stage = quick_stage
    opening, answer = await stage.answer(BRIEF)
    rep = stage.slack.person("rep")
    await form(stage, rep, answer, INPUT)
    assert (await rep.submit({"Your answer": "  "})).errors
    assert (await rep.submit({"Your answer": "Acme & Sons"})).ok
    await stage.replies(opening, 3)
    assert sent(stage)[-1]["prompt"] == f"{INPUT}\nAnswer: Acme & Sons"


async def test_of_two_who_hand_something_in_the_first_wins_and_the_other_is_told(quick_stage: Stage) -> None:
    stage = quick_stage
    opening, answer = await stage.answer(BRIEF)
    old = type(answer)(**vars(answer))
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    for person in (rep, colleague):
        await form(stage, person, answer, UPLOAD)
    await asyncio.gather(*(person.submit({"File, up to 10 MB": CUSTOMERS}) for person in (rep, colleague)))
    await stage.slack.until(lambda: rep.ephemerals or colleague.ephemerals)
    winner, loser = (rep, colleague) if colleague.ephemerals else (colleague, rep)
    assert f"<@{winner.id}> was first" in loser.ephemerals[0].text
    await stage.replies(opening, 3)
    for label in (UPLOAD, INPUT, MORE):
        before = len(loser.ephemerals)
        assert (await loser.click(old, label)).ok
        await stage.slack.until(lambda seen=before: len(loser.ephemerals) > seen)
        assert f"<@{winner.id}> was first" in loser.ephemerals[-1].text
    assert loser.modal() is None
    assert stage.origami.count_admitted_runs() == 2
    assert len(uploads(stage)) == 1


async def test_each_type_has_its_own_button_and_tools_stay_when_another_was_chosen(
    quick_stage: Stage,
) -> None:
    stage = quick_stage
    _, answer = await stage.answer(BRIEF)
    [table] = stage.origami.tables()
    await stage.shows(answer, "18 leads in")
    button = {label: find_control(answer.blocks, label).element for label in labels(answer)}
    run_id = button["Export as CSV"]["value"]
    assert button["Export as CSV"]["action_id"] == "export:csv"
    assert button["Repeat this every Monday"]["action_id"] == "schedule:from_run"
    assert button["Repeat this every Monday"]["value"] == run_id
    assert button["Send the first messages"]["url"].startswith("https://")
    assert table.id in button["Send the first messages"]["url"]
    assert "never from Slack" in shown(answer)
    assert button[UPLOAD]["action_id"] == f"take_up:{button[UPLOAD]['value']}"
    assert re.search(r"spends about \d+ credits\.", button[MORE]["confirm"]["text"]["text"])
    rep = stage.slack.person("rep")
    assert "recurring" in (await form(stage, rep, answer, "Repeat this every Monday")).title.lower()
    await rep.close_modal()
    assert (await rep.click(answer, "Export as CSV")).ok
    await stage.slack.until(lambda: any(message.files for message in stage.slack.thread(answer)))
    await old_button(stage, answer, "Send the first messages")
    await rep.click(answer, PLAIN)
    await stage.shows(answer, "chose *Only keep")
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2)
    assert set(button) - set(labels(answer)) == {UPLOAD, MORE, INPUT, PLAIN}
    assert sent(stage)[-1]["focusTableIds"] == [table.id]


async def old_button(stage: Stage, answer: Message, label: str) -> None:
    """A message of an earlier version may still offer to send what only Origami may."""
    old = type(answer)(**vars(answer))
    old.blocks = copy.deepcopy(answer.blocks)
    element = find_control(old.blocks, label).element
    choice_id = element["action_id"].partition(":")[2]
    element |= {"action_id": f"choose:{choice_id}", "value": choice_id}
    colleague = stage.slack.person("colleague")
    assert (await colleague.click(old, label)).ok
    await stage.slack.until(lambda: colleague.ephemerals)
    assert "never from Slack" in colleague.ephemerals[0].text
    assert stage.origami.count_admitted_runs() == 1


async def test_a_hostile_suggestion_can_be_chosen_and_pings_nobody(quick_stage: Stage) -> None:
    stage = quick_stage
    opening, answer = await stage.answer("find founders in Austin [hostile]")
    [label] = [label for label in labels(answer) if "Ping" in label]
    await stage.slack.person("rep").click(answer, label)
    progress = (await stage.replies(opening, 2))[1]
    for message in (answer, progress):
        assert "<!channel>" not in marked_up(message)
        assert "<@U0000VICTIM>" not in marked_up(message)
