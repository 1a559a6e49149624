"""``/origami runs``: what waits, runs and is done, for the one who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_slack import Fault as SlackFault
from tests.end_to_end.conftest import labels, shown

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message, Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def listed(stage: Stage, person: Person, words: str = "runs") -> Message:
    """Type the command; returns the list that only this person sees."""
    before = len(person.ephemerals)
    assert (await person.command("#leads", f"/origami {words}")).ok
    await stage.slack.until(lambda: len(person.ephemerals) > before)
    return person.ephemerals[-1]


async def test_the_word_alone_lists_runs_in_any_case_and_starts_none(stage: Stage) -> None:
    found = await listed(stage, stage.slack.person("rep"), " RUNS ")
    assert "Nothing yet" in shown(found)
    assert stage.origami.requests == []
    assert stage.slack.channel("#leads").messages == []


@pytest.mark.parametrize("brief", ["runs in Leeds", "list dentists in Leeds", "settings of clinics in Leeds"])
async def test_the_word_among_others_is_a_brief(stage: Stage, brief: str) -> None:
    opening = await stage.ask(f"{brief} [clean]")
    assert brief in shown(opening)


async def test_a_list_has_what_waits_what_runs_and_what_is_done_with_links(stage: Stage) -> None:
    done, _ = await stage.answer(BRIEF)
    asked, _ = await stage.answer("find dentists in Leeds [one question]")
    going = await stage.ask("find roofers in Hull [forever]")
    await stage.shows(going, "Working")
    told = shown(await listed(stage, stage.slack.person("rep")))
    parts = ["Waiting for your answer", "dentists in Leeds", "Running", "roofers in Hull", "Done", BRIEF]
    assert [told.index(part) for part in parts] == sorted(told.index(part) for part in parts)
    for opening in (done, asked, going):
        assert f"https://northwind.slack.com/archives/{opening.channel_id}/p" in told
        assert f"{opening.ts.replace('.', '')}|" in told or f"thread_ts={opening.ts}" in told
    assert "Answer in the thread" in told
    assert "18 leads added to Austin Seed Founders" in told


async def test_a_run_is_stopped_from_the_list(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    assert (await rep.click(await listed(stage, rep), "Stop")).ok
    await stage.shows(opening, "Stopped by")


async def test_whoever_waits_in_line_sees_their_place(stage: Stage) -> None:
    stage.origami.hold_slots(3)
    first = await stage.ask(BRIEF)
    await stage.shows(first, "next in line")
    second = await stage.ask("find dentists in Leeds", who="colleague")
    await stage.shows(second, "number 2 of 2")
    told = shown(await listed(stage, stage.slack.person("colleague")))
    assert "Number 2 of 2 in line" in told
    assert BRIEF not in told


async def test_only_admins_turn_to_everyones_runs(stage: Stage) -> None:
    rep, admin = stage.slack.person("rep"), stage.slack.person("admin")
    await stage.answer(BRIEF)
    assert "Show everyone's" not in labels(await listed(stage, rep))
    mine = await listed(stage, admin)
    assert BRIEF not in shown(mine)
    await admin.click(mine, "Show everyone's")
    await stage.slack.until(lambda: BRIEF in shown(admin.ephemerals[-1]))
    told = shown(admin.ephemerals[-1])
    assert f"<@{rep.id}>" in told
    await admin.click(admin.ephemerals[-1], "Show mine only")
    await stage.slack.until(lambda: "Nothing yet" in shown(admin.ephemerals[-1]))


async def test_somebody_who_is_no_admin_any_more_gets_their_own_runs(stage: Stage) -> None:
    admin = stage.slack.person("admin")
    await stage.answer(BRIEF)
    found = await listed(stage, admin)
    assert stage.app is not None
    admin.user.is_admin = admin.user.is_owner = False
    await stage.stop()
    await stage.start()
    await admin.click(found, "Show everyone's")
    await stage.slack.until(lambda: "Show everyone's" not in labels(admin.ephemerals[-1]))
    assert BRIEF not in shown(admin.ephemerals[-1])


async def test_when_slack_does_not_say_who_asks_the_list_still_comes(stage: Stage) -> None:
    stage.slack.faults.add(SlackFault(kind="refuse", method="users.info", error="missing_scope", times=9))
    await stage.answer(BRIEF)
    assert BRIEF in shown(await listed(stage, stage.slack.person("rep")))
