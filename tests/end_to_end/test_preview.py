"""The first rows of the table that matters, in the thread, until its cells are done."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.sandbox.local_origami import Fault
from bot.sandbox.local_slack import Fault as SlackFault
from storage.records import Watch
from tests.end_to_end.conftest import PACE, is_preview, marked_up, shown, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


@pytest.fixture
async def one_stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """One way in and one database, where the other would tell nothing new."""
    async with staged("socket", sqlite_url) as made:
        yield made


async def while_filling(stage: Stage) -> tuple[Message, Message, Message]:
    """The opening, answer and preview of a table whose cells fill until ``fill`` is called."""
    stage.origami.clock.set_speed(0.2)
    opening = await stage.ask(f"{BRIEF} [filling]")
    await stage.slack.until(lambda: sum(len(table.leads) for table in stage.origami.tables()) == 18)
    for lead in stage.origami.tables()[0].leads:
        lead.settles = math.inf
    stage.origami.clock.set_speed(1)
    [answer] = await stage.replies(opening)
    [preview] = await stage.previews(opening)
    return opening, answer, preview


def fill(stage: Stage) -> None:
    for lead in stage.origami.tables()[0].leads:
        lead.settles = 0.0


def grid(message: Message) -> list[list[str]]:
    """The words of a message's table, the columns' names first."""
    [table] = [block for block in message.blocks if block["type"] == "table"]
    return [[words(cell) for cell in row] for row in table["rows"]]


def words(cell: dict[str, Any]) -> str:
    if cell["type"] == "raw_text":
        return str(cell["text"])
    return str(cell["elements"][0]["elements"][0]["text"])


async def test_the_first_rows_come_after_the_answer_with_the_columns_that_matter(stage: Stage) -> None:
    opening, answer = await stage.answer(BRIEF)
    [preview] = await stage.previews(opening)
    assert float(preview.ts) > float(answer.ts)
    names, *rows = grid(preview)
    assert names == ["Name", "Title", "Company", "Fit", "Work email", "LinkedIn", "Website", "City"]
    best = sorted(stage.origami.tables()[0].leads, key=lambda lead: -int(str(lead.values["fit"])))
    assert [row[0] for row in rows] == [lead.values["name"] for lead in best]
    assert "*Preview* of" in preview.text
    assert "18 leads" in preview.text
    assert "<@" not in preview.text
    assert str(best[-1].values["name"]) in preview.text
    await stage.shows(opening, "*18 leads in Austin Seed Founders*")
    await stage.shows(answer, "*18 leads in Austin Seed Founders*")


async def test_the_saved_view_is_the_result_and_not_every_candidate(stage: Stage) -> None:
    opening, answer = await stage.answer(f"{BRIEF} [big]")
    parts = await stage.replies(opening, 3)
    [preview] = await stage.previews(opening)
    assert float(preview.ts) > max(float(part.ts) for part in parts)
    assert len(grid(preview)) == 1 + 10
    for message in (opening, answer):
        assert "10 match of 150 candidates" in await stage.shows(message, "10 match of 150")
        assert "150 leads" not in shown(message).replace("added 150 leads", "")
    await stage.shows(parts[-1], "Austin Seed Founders (10 of 150 match)")


async def test_cells_that_still_fill_are_followed_to_their_end_and_failures_are_named(stage: Stage) -> None:
    opening, answer, preview = await while_filling(stage)
    await stage.shows(answer, "Cells are still being filled in; this is kept up to date")
    assert "Still filling in" in shown(preview)
    assert any("…" in row for row in grid(preview))
    fill(stage)
    await stage.shows(preview, "5 cells could not be filled: credits or a budget may have run out")
    await stage.shows(answer, "5 cells could not be filled")
    assert "Still filling" not in shown(preview) + shown(answer)
    assert not any("…" in row for row in grid(preview))
    reads = len(stage.origami.requests)
    stage.slack.person("rep").say("#leads", "find 20 more", thread_ts=opening.ts)
    await stage.previews(opening, 2)
    assert len([one for one in stage.origami.requests[reads:] if "/rows" in one.path]) == 1


async def test_a_table_that_fills_for_too_long_is_left_alone_and_says_so(sqlite_url: str) -> None:
    async with staged("socket", sqlite_url, pace=replace(PACE, watch_limit=0.5)) as stage:
        _, answer, preview = await while_filling(stage)
        await stage.shows(preview, "open the table for the latest")
        await stage.shows(answer, "open the table for the latest")


async def test_the_scratch_table_is_not_previewed(one_stage: Stage) -> None:
    stage = one_stage
    opening, _ = await stage.answer(f"{BRIEF} [two tables]")
    [preview] = await stage.previews(opening)
    assert "Austin Seed Founders" in preview.text
    assert "Scratch" not in preview.text


@pytest.mark.parametrize("tag", ["odd", "hostile"])
async def test_odd_and_hostile_cells_are_shown_in_words_and_do_nothing(one_stage: Stage, tag: str) -> None:
    stage = one_stage
    opening, _ = await stage.answer(f"{BRIEF} [{tag}]")
    [preview] = await stage.previews(opening)
    assert "<!" not in marked_up(preview)
    assert "<@" not in marked_up(preview)
    assert "javascript:alert(1)>" not in str(preview.blocks)
    told = {"odd": "street: 1 Mill Lane; state: TX; geo: lat: 30.2; lng: -97.7", "hostile": "!channel>"}
    assert told[tag] in "\n".join(cell for row in grid(preview) for cell in row)


async def test_a_run_that_leaves_no_rows_has_no_preview(one_stage: Stage) -> None:
    stage = one_stage
    openings = [
        (await stage.answer(f"{BRIEF} [{tag}]"))[0] for tag in ("nothing", "no leads", "one question")
    ]
    await stage.previews((await stage.answer(BRIEF))[0])
    assert not [one for opening in openings for one in stage.slack.thread(opening) if is_preview(one)]


async def test_a_table_that_cannot_be_read_leaves_the_answer_as_it_is(sqlite_url: str) -> None:
    async with staged("socket", sqlite_url, pace=replace(PACE, watch_limit=0.3)) as stage:
        stage.origami.faults.add(Fault(kind="error", status=500), on="GET /tables/*", count=1_000)
        opening, answer = await stage.answer(BRIEF)
        assert "18 leads added to Austin Seed Founders" in shown(answer)
        await stage.none_left(select(Watch.run_id).where(Watch.ended.is_(None)))
        await stage.answer(f"{BRIEF} [one question]", where="#sales")
        assert not [one for one in stage.slack.thread(opening) if is_preview(one)]


async def test_a_failing_read_is_tried_again(one_stage: Stage) -> None:
    stage = one_stage
    for on in ("GET /tables/*", "GET /tables/*/rows"):
        for fault in (Fault(kind="error", status=503), Fault(kind="html"), Fault(kind="reset")):
            stage.origami.faults.add(fault, on=on, count=1)
    opening, _ = await stage.answer(BRIEF)
    [preview] = await stage.previews(opening)
    assert len(grid(preview)) == 1 + 18


async def test_a_table_that_slack_refuses_is_said_in_plain_text(one_stage: Stage) -> None:
    stage = one_stage
    stage.slack.faults.add(
        SlackFault(kind="refuse", method="chat.postMessage", error="invalid_blocks", times=1, skip=2)
    )
    opening, _ = await stage.answer(BRIEF)
    [preview] = await stage.previews(opening)
    assert {block["type"] for block in preview.blocks} == {"section"}
    assert "Name | Title | Company | Fit | Work email" in shown(preview)
    assert str(stage.origami.tables()[0].leads[0].values["name"]) in shown(preview)


async def test_a_restart_goes_on_with_what_fills_and_posts_nothing_twice(stage: Stage) -> None:
    opening, _, preview = await while_filling(stage)
    await stage.stop()
    fill(stage)
    await stage.start()
    await stage.shows(preview, "5 cells could not be filled")
    assert len(await stage.previews(opening)) == 1


async def test_a_column_that_a_follow_up_adds_is_shown_and_the_older_preview_points_to_the_newer(
    stage: Stage,
) -> None:
    opening, _, first = await while_filling(stage)
    stage.slack.person("rep").say("#leads", "Add what software each company uses", thread_ts=opening.ts)
    [_, second] = await stage.previews(opening, 2)
    assert "Software" in grid(second)[0]
    assert "Software" not in grid(first)[0]
    await stage.shows(first, "A later run works on this table")
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        before = select(Watch.credits_before).order_by(Watch.created_at)
        new, known = (await session.execute(before)).scalars()
    assert (new, known) == (0, sum(round(column.credits) for column in stage.origami.tables()[0].columns))
