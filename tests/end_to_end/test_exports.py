"""A table as a file: in the thread, once, with every row of the saved view."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.sandbox.local_origami import DEFAULT_KEY, Fault
from bot.sandbox.local_slack import Fault as SlackFault
from bot.views.exports import export_buttons
from storage.records import Export, ExportState
from tests.end_to_end.conftest import labels, shown, staged
from tests.spreadsheets import read_csv, read_xlsx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"
HEADER = ["Name", "Title", "Company", "Website", "City", "Work email", "LinkedIn", "Funding", "Fit"]


def files(stage: Stage, opening: Message) -> list[Message]:
    return [message for message in stage.slack.thread(opening) if message.files]


async def file_in_thread(stage: Stage, opening: Message, count: int = 1) -> Message:
    await stage.slack.until(lambda: len(files(stage, opening)) >= count)
    return files(stage, opening)[count - 1]


def content(message: Message) -> bytes:
    [file] = message.files
    assert file.content is not None
    return file.content


async def until_ended(stage: Stage, count: int) -> None:
    """So many exports were wanted, and every one has come to its end."""
    assert stage.app is not None
    async with asyncio.timeout(20):
        while True:
            async with stage.app.context.db.read() as session:
                states = list((await session.execute(select(Export.state))).scalars())
            if len(states) == count and ExportState.PENDING not in states:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def one_stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The product on one way in and one database, for what neither makes a difference to."""
    async with staged("socket", sqlite_url) as made:
        yield made


async def test_every_row_of_the_saved_view_comes_into_the_thread_once_and_others_may_ask_too(
    stage: Stage,
) -> None:
    opening, answer = await stage.answer(BRIEF)
    [table] = stage.origami.tables()
    first = table.leads[0]
    table.leads += [
        replace(first, id=f"lead-{number}", values={**first.values, "name": f"Person {number}"})
        for number in range(420)
    ]
    table.leads += [replace(first, id="rejected", fits=False)]
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    stage.origami.faults.add(Fault(kind="delay", seconds=0.5), on="GET /tables/*/rows", count=1)
    assert (await rep.click(answer, "Get CSV")).ok
    assert (await rep.click(answer, "Get CSV")).ok
    await stage.slack.until(lambda: len(rep.ephemerals) == 2)
    assert "Making the CSV of" in rep.ephemerals[0].text
    assert "already being made" in rep.ephemerals[1].text
    posted = await file_in_thread(stage, opening)
    assert posted.text.startswith(f"<@{rep.id}> 438 rows of *Austin Seed Founders* as CSV")
    assert posted.files[0].name == "Austin Seed Founders.csv"
    header, *rows = read_csv(content(posted))
    assert header == HEADER
    assert sorted(row[0] for row in rows) == sorted(str(lead.values["name"]) for lead in table.leads[:-1])

    assert (await colleague.click(answer, "Get Excel")).ok
    posted = await file_in_thread(stage, opening, 2)
    assert posted.text.startswith(f"<@{colleague.id}> 438 rows")
    assert [row[0] for row in read_xlsx(content(posted))] == ["Name", *(row[0] for row in rows)]
    assert len(files(stage, opening)) == 2


async def test_nothing_in_a_hostile_table_computes(one_stage: Stage) -> None:
    opening, answer = await one_stage.answer("find founders [hostile]")
    assert (await one_stage.slack.person("rep").click(answer, "Get CSV")).ok
    posted = await file_in_thread(one_stage, opening)
    assert not re.search(r"<!|<@U0000", posted.text)
    assert re.fullmatch(r"[\w ]+\.csv", posted.files[0].name)
    for row in read_csv(content(posted)):
        assert not [cell for cell in row if re.match(r"[=+@\t\r]|-\D", cell)]


async def test_a_channel_that_the_app_has_left_gets_its_file_by_direct_message_with_the_reason(
    stage: Stage,
) -> None:
    rep = stage.slack.person("rep")
    rep.invite_app("#sales")
    opening, answer = await stage.answer(BRIEF, where="#sales")
    stage.slack.channel("#sales").members.discard(stage.slack.core.installation(rep.user.team_id).bot_user_id)
    # Where it went is looked up in the direct message, too.
    lost = SlackFault(kind="error_after", method="files.completeUploadExternal", skip=1)
    stage.slack.faults.add(lost)
    assert (await rep.click(answer, "Get CSV")).ok
    await until_ended(stage, 1)
    [posted] = [message for message in rep.dm.messages if message.files]
    assert "could not go into the thread" in posted.text
    assert "not a member" in posted.text
    assert len(read_csv(content(posted))) == 19
    assert (files(stage, opening), lost.struck) == ([], 1)


async def test_a_public_channel_is_joined_for_the_file(one_stage: Stage) -> None:
    opening, answer = await one_stage.answer(BRIEF, where="#general")
    assert (await one_stage.slack.person("rep").click(answer, "Get Excel")).ok
    assert len(read_xlsx(content(await file_in_thread(one_stage, opening)))) == 19


async def test_where_slack_takes_no_file_at_all_the_rep_is_told(one_stage: Stage) -> None:
    _, answer = await one_stage.answer(BRIEF)
    refused = SlackFault(
        kind="refuse", method="files.getUploadURLExternal", error="missing_scope", times=None
    )
    one_stage.slack.faults.add(refused)
    rep = one_stage.slack.person("rep")
    assert (await rep.click(answer, "Get CSV")).ok
    await one_stage.slack.until(lambda: rep.dm.messages)
    assert "lacks a permission" in shown(rep.dm.messages[0])


async def test_a_share_of_unknown_outcome_is_looked_up_and_never_doubled(one_stage: Stage) -> None:
    opening, answer = await one_stage.answer(BRIEF)
    rep = one_stage.slack.person("rep")
    for count, kind in enumerate(("error_after", "reset_after", "error_before"), 1):
        for method in ("files.completeUploadExternal", "files.getUploadURLExternal", "upload"):
            one_stage.slack.faults.add(SlackFault(kind=kind, method=method))  # type: ignore[arg-type]
        one_stage.slack.faults.add(SlackFault(kind="error_before", method="conversations.replies"))
        assert (await rep.click(answer, "Get CSV")).ok
        await until_ended(one_stage, count)
        assert len(files(one_stage, opening)) == count
        assert len(read_csv(content(files(one_stage, opening)[-1]))) == 19


async def test_whoever_asked_hears_why_there_is_no_file(one_stage: Stage) -> None:
    opening, answer = await one_stage.answer(BRIEF)
    rep = one_stage.slack.person("rep")

    async def told(words: str) -> None:
        before = len(rep.dm.messages)
        assert (await rep.click(answer, "Get CSV")).ok
        await one_stage.slack.until(lambda: len(rep.dm.messages) > before)
        assert words in shown(rep.dm.messages[-1])
        assert "Austin Seed Founders" in shown(rep.dm.messages[-1])
        one_stage.origami.faults.clear()

    for fault, words in (
        (Fault(kind="vanished"), "no longer has this table"),
        (Fault(kind="answer", status=402, body={"error": "No.", "code": "ACCOUNT_BLOCKED"}), "blocked"),
        (Fault(kind="error", status=503), "did not answer for some minutes"),
    ):
        one_stage.origami.faults.add(fault, on="GET /tables/*/rows", count=None)
        await told(words)
    for lead in one_stage.origami.tables()[0].leads:
        lead.fits = False
    await told("shows none of its 18 rows")
    one_stage.origami.revoke_key(DEFAULT_KEY)
    await told("did not accept this workspace's API key")
    assert files(one_stage, opening) == []


async def test_without_a_table_there_is_nothing_to_get_and_a_strange_button_says_so(
    one_stage: Stage,
) -> None:
    _, answer = await one_stage.answer("find founders [nothing]")
    assert not {"Get CSV", "Get Excel"} & set(labels(answer))
    answer.blocks[:] = [{"type": "actions", "block_id": "b", "elements": export_buttons("somebody-elses")}]
    rep = one_stage.slack.person("rep")
    assert (await rep.click(answer, "Get CSV")).ok
    await one_stage.slack.until(lambda: rep.ephemerals)
    assert "no longer there" in shown(rep.ephemerals[-1])
