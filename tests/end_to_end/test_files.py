"""Files that people attach: fetched from Slack, handed to Origami, before the run is sent, and once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.runs import submit
from bot.sandbox.local_origami import Fault as OrigamiFault
from bot.sandbox.local_origami import rate_limited
from bot.sandbox.local_slack import Fault as SlackFault
from tests.end_to_end.conftest import PACE, is_preview, labels, shown, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

BRIEF = "find 20 founders in Austin"
CUSTOMERS = b"Name\nAcme\nGlobex\n"
UPLOADING = "POST /workspaces/*/documents"


@pytest.fixture
async def quick_stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """One way in, for what does not depend on it; impatient, because much is tried again here."""
    async with staged("socket", sqlite_url, pace=replace(PACE, backoff_cap=0.1)) as made:
        yield made


async def app_says(stage: Stage, message: Message, count: int) -> list[Message]:
    def said() -> list[Message]:
        thread = stage.slack.thread(message)
        return [one for one in thread if one.bot_id and one.ts != message.ts and not is_preview(one)]

    await stage.slack.until(lambda: len(said()) >= count)
    return said()


def last_body(stage: Stage) -> dict[str, Any]:
    starts = [
        one
        for one in stage.origami.requests
        if one.method == "POST" and one.path.endswith(("/agents", "/runs"))
    ]
    return dict(json.loads(starts[-1].body))


def tables_called(stage: Stage, name: str) -> int:
    return sum(table.name == name for table in stage.origami.tables())


async def test_a_mention_with_files_starts_an_agent_that_has_them(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    files = {"customers.csv": CUSTOMERS, "notes.md": b"# Notes", "photo.png": b"\x89PNG"}
    mention = rep.say("#leads", f"@Origami {BRIEF}", files=files)
    progress, answer = await app_says(stage, mention, 2)
    assert "With *customers.csv* and *notes.md*" in shown(progress)
    assert "Left out: *photo.png* (Origami takes CSV" in shown(progress)
    assert f"<@{rep.id}>" in answer.text
    [run] = stage.origami.runs
    body = last_body(stage)
    assert [one["kind"] for one in body["attachments"]] == ["table", "document"]
    assert run.agent.container.id == body["workspaceId"]
    assert [one.filename for one in run.agent.container.documents.values()] == ["notes.md"]


async def test_a_file_dropped_into_the_thread_without_a_word_is_a_follow_up(quick_stage: Stage) -> None:
    stage = quick_stage
    opening, _ = await stage.answer(BRIEF)
    stage.slack.person("rep").say("#leads", "", thread_ts=opening.ts, files={"customers.csv": CUSTOMERS})
    await app_says(stage, opening, 3)
    body = last_body(stage)
    assert body["prompt"] == "Use the attached file: customers.csv"
    assert [one["kind"] for one in body["attachments"]] == ["table"]
    assert stage.origami.count_admitted_runs() == 2


async def test_a_picture_alone_says_nothing_and_costs_nothing(quick_stage: Stage) -> None:
    stage = quick_stage
    rep = stage.slack.person("rep")
    rep.say("#leads", "@Origami", files={"photo.png": b"\x89PNG"})
    await stage.slack.until(lambda: rep.ephemerals)
    assert "/origami find" in rep.ephemerals[0].text
    assert stage.origami.count_admitted_runs() == 0


async def test_a_restart_before_the_upload_loses_nothing_and_doubles_nothing(quick_stage: Stage) -> None:
    stage = quick_stage
    stage.slack.faults.add(SlackFault(kind="error_before", method="download", times=None))
    mention = stage.slack.person("rep").say("#leads", f"@Origami {BRIEF}", files={"customers.csv": CUSTOMERS})
    await app_says(stage, mention, 1)
    await stage.slack.until(lambda: len(stage.slack.called("files.info")) > 1)
    await stage.stop()
    assert not stage.origami.tables()
    stage.slack.faults.clear()
    await stage.start()
    await app_says(stage, mention, 2)
    assert stage.origami.count_admitted_runs() == 1
    assert tables_called(stage, "customers") == 1


async def test_bad_days_on_the_way_only_delay_a_file(quick_stage: Stage) -> None:
    stage = quick_stage
    stage.slack.faults.add(SlackFault(kind="error_before", method="files.info"))
    stage.slack.faults.add(SlackFault(kind="reset_before", method="download"))
    stage.origami.faults.add(OrigamiFault(kind="reset", after_work=True), on="POST /workspaces")
    stage.origami.faults.add(OrigamiFault(kind="error"), on=UPLOADING)
    stage.origami.faults.add(rate_limited("0"), on=UPLOADING)
    stage.origami.faults.add(OrigamiFault(kind="reset", after_work=True), on=UPLOADING)
    mention = stage.slack.person("rep").say("#leads", f"@Origami {BRIEF}", files={"customers.csv": CUSTOMERS})
    await app_says(stage, mention, 2)
    assert not stage.origami.faults.rules()
    assert stage.origami.count_admitted_runs() == 1
    assert tables_called(stage, "customers") == 1


async def test_a_file_that_origami_cannot_read_ends_the_run_in_words_before_anything_is_spent(
    quick_stage: Stage,
) -> None:
    stage = quick_stage
    files = {"broken.csv": b"Name\n\xff\xfe"}
    mention = stage.slack.person("rep").say("#leads", f"@Origami {BRIEF}", files=files)
    _, ended = await app_says(stage, mention, 2)
    assert "Origami could not read *broken.csv*" in shown(ended)
    assert "Nothing was spent" in shown(ended)
    assert labels(ended) == []
    assert stage.origami.count_admitted_runs() == 0


async def test_a_file_that_slack_never_hands_over_ends_the_run_in_words(
    quick_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = quick_stage
    monkeypatch.setattr(submit, "MOST_FETCHES", 3)
    stage.slack.faults.add(SlackFault(kind="error_before", method="download", times=None))
    mention = stage.slack.person("rep").say("#leads", f"@Origami {BRIEF}", files={"customers.csv": CUSTOMERS})
    _, ended = await app_says(stage, mention, 2)
    assert "Slack did not hand over" in shown(ended)
    assert labels(ended) == ["Try again"]
    assert stage.origami.count_admitted_runs() == 0


async def test_a_missing_permission_is_named_and_the_same_file_goes_along_once_it_is_there(
    quick_stage: Stage,
) -> None:
    stage = quick_stage
    installation = stage.slack.core.installation(stage.slack.person("rep").user.team_id)
    allowed = installation.scopes
    installation.scopes = tuple(scope for scope in allowed if scope != "files:read")
    rep = stage.slack.person("rep")
    mention = rep.say("#leads", f"@Origami {BRIEF}", files={"customers.csv": CUSTOMERS, "a.gif": b"GIF"})
    _, ended = await app_says(stage, mention, 2)
    assert "does not let Origami read" in shown(ended)
    installation.scopes = allowed
    await rep.click(ended, "Try again")
    await app_says(stage, mention, 4)
    assert tables_called(stage, "customers") == 1
    assert len(last_body(stage)["attachments"]) == 1


async def test_a_new_agent_gets_the_files_again_when_the_old_one_is_gone(quick_stage: Stage) -> None:
    stage = quick_stage
    opening, _ = await stage.answer(BRIEF)
    stage.origami.faults.add(OrigamiFault(kind="vanished"), on="POST /agents/*/runs")
    stage.slack.person("rep").say(
        "#leads", "Leave these out", thread_ts=opening.ts, files={"customers.csv": CUSTOMERS}
    )
    await app_says(stage, opening, 3)
    old, new = stage.origami.runs
    assert old.agent is not new.agent
    assert last_body(stage)["workspaceId"] == new.agent.container.id
    assert [one["kind"] for one in last_body(stage)["attachments"]] == ["table"]
