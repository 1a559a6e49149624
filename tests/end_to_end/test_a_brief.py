"""A brief in Slack, a run at Origami, the answer in the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.sandbox.local_origami import Fault
from storage import deliveries
from storage.records import Delivery, DeliveryKind, DeliveryState
from tests.end_to_end.conftest import labels, marked_up, shown
from tests.end_to_end.wishes import person_wants

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def test_a_brief_comes_back_as_leads_in_its_thread(every_stage: Stage) -> None:
    stage = every_stage
    rep = stage.slack.person("rep").id
    opening = await stage.ask(BRIEF)
    assert f"<@{rep}>" in shown(opening)
    assert BRIEF in shown(opening)
    assert "Stop" in labels(opening)
    [answer] = await stage.replies(opening)
    assert f"<@{rep}>" in answer.text
    assert "Created table *Austin Seed Founders* · added 18 leads" in shown(answer)
    assert "18 leads in Austin Seed Founders" in await stage.shows(opening, "18 leads in")
    assert "Stop" not in labels(opening)
    assert stage.origami.count_admitted_runs() == 1
    [table] = stage.origami.tables()
    assert f"table={table.id}" in str(answer.blocks)


async def test_the_ack_comes_when_the_row_is_committed_and_well_within_3_seconds(stage: Stage) -> None:
    outcome = await stage.slack.person("rep").command("#leads", f"/origami {BRIEF}")
    assert outcome.ok
    assert outcome.latency is not None
    assert outcome.latency < 3
    assert outcome.ephemeral is None


async def test_progress_is_shown_while_origami_works(stage: Stage) -> None:
    stage.origami.clock.set_speed(0.05)
    opening = await stage.ask(f"{BRIEF} [slow]")
    await stage.shows(opening, "Working")
    await stage.shows(opening, "of 50")
    seen = shown(opening)
    await stage.slack.until(lambda: "of 50" in shown(opening) and shown(opening) != seen)
    stage.origami.clock.set_speed(50)
    await stage.replies(opening)


async def test_what_slack_shows_already_is_not_sent_again(stage: Stage) -> None:
    opening, _ = await stage.answer(BRIEF)
    await stage.previews(opening)
    owed = select(Delivery.id).where(Delivery.state != DeliveryState.SENT)
    await stage.none_left(owed)
    before = len(stage.slack.called("chat.update"))
    assert stage.app is not None
    async with stage.app.context.db.write() as session:
        run = (await session.execute(select(Delivery.run_id).where(Delivery.ts == opening.ts))).scalar_one()
        await deliveries.revise(session, [run], DeliveryKind.OPENING)
        await deliveries.revise(session, [run], DeliveryKind.ANSWER)
    await stage.none_left(owed)
    assert len(stage.slack.called("chat.update")) == before


@pytest.mark.parametrize(
    ("tag", "headline", "next_step", "buttons"),
    [
        ("incomplete", "Stopped early", "lost its way", ["Continue"]),
        ("step cap", "Stopped early", "steps that your plan allows", ["Continue"]),
        ("timed out", "Stopped early", "time limit", ["Continue"]),
        ("errored", "Origami could not finish this", "gave no reason", ["Try again"]),
        ("cancelled", "Stopped in Origami", "kept", []),
        ("nothing", "Nothing changed", "No table was made", []),
        ("unknown status", "Ended with the status", "new to the app", []),
    ],
)
async def test_each_ending_has_its_own_words_and_next_step(
    stage: Stage, tag: str, headline: str, next_step: str, buttons: list[str]
) -> None:
    opening, answer = await stage.answer(f"{BRIEF} [{tag}]")
    await stage.shows(opening, headline)
    assert headline in shown(answer)
    assert next_step in shown(answer)
    for button in buttons:
        assert button in labels(answer)


@pytest.mark.parametrize("tag", ["incomplete", "errored"])
async def test_a_stopped_run_goes_on_at_a_click(stage: Stage, tag: str) -> None:
    opening, answer = await stage.answer(f"{BRIEF} [{tag}]")
    button = "Try again" if tag == "errored" else "Continue"
    outcome = await stage.slack.person("rep").click(answer, button)
    assert outcome.ok
    await stage.replies(opening, 3)
    assert button not in labels(answer)
    assert "chose" in shown(answer)
    first, second = stage.origami.runs
    assert first.agent.id == second.agent.id


@pytest.mark.parametrize(
    "tag",
    ["odd", "early response", "big", "huge", "hostile", "filling", "two tables", "each action", "no leads"],
)
async def test_odd_answers_are_shown_and_break_nothing(stage: Stage, tag: str) -> None:
    opening, answer = await stage.answer(f"{BRIEF} [{tag}]")
    await stage.slack.until(lambda: "Stop" not in labels(opening))
    rep = stage.slack.person("rep").id
    live = "\n".join(marked_up(message) for message in stage.slack.thread(opening))
    assert "<!" not in live
    assert set(_mentions(live)) <= {rep}
    assert f"<@{rep}>" in answer.text
    assert all("error" not in call.response or call.response.get("ok") for call in stage.slack.calls)


def _mentions(text: str) -> list[str]:
    return [part.split(">")[0].split("|")[0] for part in text.split("<@")[1:]]


async def test_the_table_that_gained_leads_makes_the_headline_not_the_scratch_table(stage: Stage) -> None:
    opening, _ = await stage.answer(f"{BRIEF} [two tables]")
    assert "Austin Seed Founders" in (await stage.shows(opening, "leads in")).splitlines()[0]


async def test_the_end_is_told_as_the_rep_has_set(stage: Stage) -> None:
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    await person_wants(stage, "rep", notify="both", broadcast=True)
    await person_wants(stage, "colleague", notify="dm")
    opening, loud = await stage.answer(BRIEF)
    assert (f"<@{rep.id}>" in loud.text, loud.subtype) == (True, "thread_broadcast")
    await stage.slack.until(lambda: rep.dm.messages)
    assert "Your answer is there" in shown(rep.dm.messages[0])
    assert opening.ts in shown(rep.dm.messages[0])
    _, quiet = await stage.answer(BRIEF, who="colleague")
    assert (f"<@{colleague.id}>" in quiet.text, quiet.subtype) == (False, None)
    await stage.slack.until(lambda: colleague.dm.messages)
    assert len(rep.dm.messages) == len(colleague.dm.messages) == 1


async def test_slow_and_failing_answers_do_not_end_a_run(stage: Stage) -> None:
    for fault in (
        Fault(kind="error", status=503),
        Fault(kind="html"),
        Fault(kind="reset"),
        Fault(kind="truncated"),
    ):
        stage.origami.faults.add(fault, on="GET /agents/*/runs/*", count=2)
    opening, answer = await stage.answer(BRIEF)
    assert "18 leads" in shown(answer)
    assert len(await stage.replies(opening)) == 1
    assert stage.origami.count_admitted_runs() == 1
