"""Feedback on a result: kept once for each person, and counted on the admin's Home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.views.feedback import feedback_block
from storage.records import Feedback, Run
from tests.end_to_end.conftest import shown
from tests.end_to_end.test_home import reads

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def rows(stage: Stage, record: Any) -> list[Any]:
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        return list((await session.execute(select(record))).scalars())


async def with_buttons(stage: Stage) -> Message:
    """A result that carries feedback buttons."""
    _, answer = await stage.answer(BRIEF)
    [run] = await rows(stage, Run)
    if not any(block["type"] == "context_actions" for block in answer.blocks):
        answer.blocks.append({"block_id": "opinion", **feedback_block(run.id)})
    return answer


async def test_a_second_verdict_replaces_the_first_and_each_is_thanked_for(stage: Stage) -> None:
    answer, rep = await with_buttons(stage), stage.slack.person("rep")
    for label, verdict, thanks in (
        ("Not helpful", "bad", "Reply in the thread"),
        ("Helpful", "good", "noted as helpful"),
    ):
        assert (await rep.click(answer, label)).ok
        await stage.slack.until(
            lambda words=thanks: words in shown(rep.ephemerals[-1]) if rep.ephemerals else 0
        )
        assert [row.verdict for row in await rows(stage, Feedback)] == [verdict]
    assert rep.ephemerals[-1].thread_ts == answer.thread_ts


async def test_each_person_has_a_verdict_and_admins_see_the_count(stage: Stage) -> None:
    answer = await with_buttons(stage)
    for who, label in (("rep", "Helpful"), ("colleague", "Not helpful"), ("admin", "Helpful")):
        assert (await stage.slack.person(who).click(answer, label)).ok
    admin = stage.slack.person("admin")
    admin.open_home()
    await reads(stage, admin, "2 helpful, 1 not helpful")


async def test_a_verdict_on_nothing_of_ours_is_told_so(stage: Stage) -> None:
    _, answer = await stage.answer(BRIEF)
    answer.blocks[:] = [{"block_id": "opinion", **feedback_block("somebody-elses")}]
    rep = stage.slack.person("rep")
    assert (await rep.click(answer, "Helpful")).ok
    await stage.slack.until(lambda: rep.ephemerals)
    assert "no longer there" in shown(rep.ephemerals[-1])
    assert await rows(stage, Feedback) == []
