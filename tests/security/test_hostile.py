"""Whatever Origami or people's names hold: the rep gets a useful message, and nobody is pinged or misled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.origami.client import ANSWER_BYTES
from bot.sandbox.local_origami import Fault
from bot.sandbox.local_slack.default_world import HOME_TEAM
from storage.records import Delivery, Run
from tests.end_to_end.conftest import is_preview, labels, shown, staged
from tests.end_to_end.test_exports import content, file_in_thread
from tests.security.live import wrong_in
from tests.security.loud import loudly
from tests.spreadsheets import read_csv, read_xlsx

if TYPE_CHECKING:
    import io
    from collections.abc import AsyncIterator, Iterator

    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

EVIL = "<!channel> <@U0000VICTIM> <https://evil.example|slack.com> *x* \u202e\u200b"
MOST_KEPT = 2_000_000
"""Characters of a run's row and its messages."""


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The product on one way in and one database: what is shown does not depend on them."""
    async with staged("http", sqlite_url) as made:
        yield made


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """Logged as to a terminal."""
    with loudly("console") as said:
        yield said


def nothing_is_live(stage: Stage) -> None:
    """In all that was sent to Slack, whether it stands there still or not."""
    people = {person.user_id for person in stage.slack.world.users.values()} | {
        stage.slack.core.installation(HOME_TEAM).bot_user_id
    }
    wrong = {
        f"{call.method}: {one}"
        for call in stage.slack.calls
        for one in wrong_in(call, people=people, hosts=(stage.origami.url,))
    }
    assert wrong == set()
    assert [call.error for call in stage.slack.calls if call.error.startswith("invalid_")] == []


def links(message: Message) -> list[str]:
    """Where the buttons of a message lead."""
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    return [one["url"] for one in elements if "url" in one]


async def test_what_an_answer_holds_pings_nobody_and_leads_nowhere_else(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    opening, answer = await stage.answer(f"find founders [hostile] {EVIL}")
    await stage.previews(opening)
    assert links(answer)
    await rep.click(answer, "Details")
    await stage.slack.until(lambda: (view := rep.modal()) and "Transcript" in str(view.blocks))
    view = rep.modal()
    assert view is not None
    await rep.click(view, "Transcript")
    await stage.slack.until(lambda: (view := rep.modal()) and "present-plan" in str(view.blocks))
    await rep.close_modal(whole_stack=True)
    rep.open_home()
    await stage.slack.until(lambda: rep.home)
    nothing_is_live(stage)


async def test_no_cell_computes_in_either_kind_of_file(stage: Stage) -> None:
    opening, answer = await stage.answer("find founders [hostile]")
    for count, (label, read) in enumerate((("Get CSV", read_csv), ("Get Excel", read_xlsx)), start=1):
        assert (await stage.slack.person("rep").click(answer, label)).ok
        posted = await file_in_thread(stage, opening, count)
        rows = read(content(posted))
        assert len(rows) > 10
        if label == "Get CSV":
            assert [cell for row in rows for cell in row if re.match(r"[=+@\t\r]|-\D", cell)] == []
    nothing_is_live(stage)


async def test_what_a_question_holds_pings_nobody_and_can_be_answered(stage: Stage) -> None:
    opening, asked = await stage.answer("find founders [hostile question]")
    [wanted] = [label for label in labels(asked) if "DROP TABLE" in label]
    assert (await stage.slack.person("rep").click(asked, wanted)).ok
    await stage.replies(opening, 3)
    assert stage.origami.count_admitted_runs() == 2
    nothing_is_live(stage)


async def test_the_names_of_people_and_channels_ping_nobody(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    for user in stage.slack.world.users.values():
        user.real_name = f"{EVIL} {user.real_name}"
    stage.slack.channel("#leads").name = EVIL
    opening, asked = await stage.answer("find founders [one question]", where="C0LEADS0001")
    await rep.click(asked, "Private only")
    await stage.replies(opening, 3)
    admin = stage.slack.person("admin")
    admin.open_home()
    await stage.slack.until(lambda: admin.home and "Who did what" in str(admin.home.blocks))
    nothing_is_live(stage)


async def test_the_names_of_files_and_of_agents_that_hold_the_slots_ping_nobody(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    stage.origami.hold_slots(3, name=EVIL)
    files = {f"{EVIL}.csv": b"Name\nAcme\n", f"{EVIL}\r\n.png": b"\x89PNG"}
    mention = rep.say("#leads", "@Origami find founders", files=files)
    await stage.slack.until(
        lambda: any("Origami is busy with" in shown(one) for one in stage.slack.thread(mention))
    )
    stage.origami.hold_slots(0)
    await stage.slack.until(lambda: any(map(links, stage.slack.thread(mention))))
    nothing_is_live(stage)


@pytest.mark.parametrize("words", [EVIL, "\r\n\x1b[31mERROR all is lost\x1b[0m\n", "x" * 100_000])
async def test_what_an_error_says_ends_no_line_and_pings_nobody(
    stage: Stage, console: io.StringIO, words: str
) -> None:
    body = {
        "error": words,
        "code": words[:3_000],
        "requestId": words[:3_000],
        "fields": {words[:500]: [words]},
    }
    stage.origami.faults.add(Fault(kind="answer", status=400, body=body), on="POST /**", count=1)
    opening = await stage.ask("find founders in Austin")
    [reply] = await stage.replies(opening)
    assert len(shown(reply)) > 40
    nothing_is_live(stage)
    logged = console.getvalue()
    assert "run.accepted" in logged
    assert "\x1b[31mERROR all" not in logged
    assert "\nERROR all" not in logged


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_an_answer_beyond_all_measure_is_no_answer_and_the_run_goes_on(
    stage: Stage, status: int
) -> None:
    """Ours: 16 MB are read of an answer, whatever its status says, and then it is let go."""
    body = {"id": "r", "status": "completed", "text": "x" * (ANSWER_BYTES + 1)}
    beyond = Fault(kind="answer", status=status, body=body)
    stage.origami.faults.add(beyond, on="POST /agents", count=1)
    stage.origami.faults.add(beyond, on="GET /**", count=4)
    opening, answer = await stage.answer("find 50 SaaS founders in Austin who raised seed")
    assert "18 leads" in shown(answer)
    await stage.previews(opening)
    assert stage.origami.count_admitted_runs() == 1
    assert stage.origami.faults.rules() == []
    stage.origami.faults.add(beyond, on="GET /**", count=3)
    rep = stage.slack.person("rep")
    assert (await rep.click(answer, "Get CSV")).ok
    assert len(read_csv(content(await file_in_thread(stage, opening)))) == 19
    assert stage.origami.faults.rules() == []
    nothing_is_live(stage)


async def test_ten_megabytes_end_in_a_few_messages_and_little_is_kept(stage: Stage) -> None:
    opening = await stage.ask("find 50 founders in Austin [enormous]")
    await stage.slack.until(lambda: any(map(links, stage.slack.thread(opening))))
    replies = [one for one in stage.slack.thread(opening) if not is_preview(one)]
    assert "leads" in "".join(map(shown, replies))
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        kept = (await session.execute(select(Run))).scalars().all()
        sent = (await session.execute(select(Delivery))).scalars().all()
        size = sum(len(str(value)) for row in (*kept, *sent) for value in vars(row).values())
    assert size < MOST_KEPT
    nothing_is_live(stage)
