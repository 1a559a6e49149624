"""Numbers read as the person whom a message is for writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.local_origami import Fault
from tests.end_to_end.conftest import shown

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def test_a_thread_reads_as_its_requester_writes_and_a_notice_as_its_recipient(stage: Stage) -> None:
    body = {"error": "No.", "code": "INSUFFICIENT_CREDITS", "creditsRequired": 1_240.5}
    stage.origami.faults.add(Fault(kind="answer", status=402, body=body), on="POST /agents", count=2)
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    rep.user.locale = "de-DE"
    opening, answer = await stage.answer(BRIEF)
    assert "a run needs at least 1.240,5" in shown(answer)
    await stage.shows(opening, "a run needs at least 1.240,5")
    colleague.say("#leads", "@Origami " + "more " * 2_500, thread_ts=opening.ts)
    await stage.slack.until(lambda: colleague.ephemerals)
    assert "up to 10,000 characters" in colleague.ephemerals[0].text
    rep.say("#leads", "more " * 2_500, thread_ts=opening.ts)
    await stage.slack.until(lambda: rep.ephemerals)
    assert "up to 10.000 characters" in rep.ephemerals[0].text
    _, others = await stage.answer(BRIEF, who="colleague")
    assert "a run needs at least 1,240.5" in shown(others)
