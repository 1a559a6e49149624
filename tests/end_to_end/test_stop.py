"""Stop, and the race with a run's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.local_origami import Fault
from tests.end_to_end.conftest import labels, shown
from tests.end_to_end.wishes import channel_wants

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def test_stop_cancels_at_origami_and_says_what_was_kept(stage: Stage) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    colleague, admin = stage.slack.person("colleague"), stage.slack.person("admin")
    assert (await colleague.click(opening, "Stop")).ok
    await stage.slack.until(lambda: colleague.ephemerals)
    assert "Only the person who asked, or an admin, can stop this run" in colleague.ephemerals[0].text
    assert (await admin.click(opening, "Stop")).ok
    [answer] = await stage.replies(opening)
    assert f"Stopped by <@{admin.id}>" in shown(answer)
    await stage.shows(opening, f"Stopped by <@{admin.id}>")
    assert "Stop" not in labels(opening)
    assert stage.origami.runs[0].status == "cancelled"


async def test_who_may_stop_is_the_channels_setting(stage: Stage) -> None:
    rep, colleague, admin = (stage.slack.person(who) for who in ("rep", "colleague", "admin"))
    await channel_wants(stage, "#leads", who_may_stop="admins")
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    await rep.click(opening, "Stop")
    await stage.slack.until(lambda: rep.ephemerals)
    rep.say("#leads", "stop", thread_ts=opening.ts)
    await stage.slack.until(lambda: len(rep.ephemerals) == 2)
    assert all("Only an admin can stop a run here" in told.text for told in rep.ephemerals)
    admin.say("#leads", "@Origami stop", thread_ts=opening.ts)
    await stage.shows(opening, f"Stopped by <@{admin.id}>")
    await channel_wants(stage, "#leads", who_may_stop="anyone")
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    await colleague.click(opening, "Stop")
    await stage.shows(opening, f"Stopped by <@{colleague.id}>")


async def test_a_stop_that_comes_after_the_end_says_so(stage: Stage) -> None:
    opening = await stage.ask(BRIEF)
    old = type(opening)(**vars(opening))
    old.blocks = list(opening.blocks)
    await stage.replies(opening)
    rep = stage.slack.person("rep")
    assert (await rep.click(old, "Stop")).ok
    await stage.slack.until(lambda: rep.ephemerals)
    assert "Too late to stop" in rep.ephemerals[0].text


async def test_a_run_that_ends_while_it_is_being_stopped_is_told_as_it_was(stage: Stage) -> None:
    stage.origami.faults.add(Fault(kind="error", status=503), on="POST /agents/*/cancel", count=100)
    stage.origami.clock.set_speed(1e-6)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working")
    await stage.slack.person("rep").click(opening, "Stop")
    await stage.shows(opening, "Stopping…")
    stage.origami.clock.set_speed(10)
    [answer] = await stage.replies(opening)
    assert "18 leads" in shown(answer)
    assert "before the stop could take effect" in shown(answer)


async def test_a_run_in_line_is_stopped_before_anything_is_spent(stage: Stage) -> None:
    stage.origami.hold_slots(3)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "in line")
    await stage.slack.person("rep").click(opening, "Stop")
    await stage.shows(opening, "before it started")
    stage.origami.hold_slots(0)
    assert stage.origami.count_admitted_runs() == 0
