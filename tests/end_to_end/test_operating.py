"""The operator's commands, each a process of its own beside the running bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.records import AuditEntry, Delivery, Run
from tests.command_line import call
from tests.crash.books import Books
from tests.end_to_end.conftest import shown

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message
    from tests.command_line import Said
    from tests.end_to_end.conftest import Stage

PATIENCE = 60
BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def runs(stage: Stage, *arguments: str) -> Said:
    return await call(stage.database_url, "runs", *arguments)


async def run_id_of(stage: Stage) -> str:
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        return (await session.execute(select(Run.id))).scalar_one()


async def test_a_run_is_listed_and_shown_with_all_that_happened_to_it(stage: Stage) -> None:
    opening = await stage.ask(BRIEF)
    await stage.replies(opening, within=PATIENCE)
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle, PATIENCE)
    rep = stage.slack.person("rep")
    [run] = (await runs(stage, "list", "--json")).json["runs"]
    assert (run["state"], run["status"], run["requester_id"]) == ("finished", "completed", rep.id)
    assert run["thread_ts"] == opening.ts
    assert run["dropped_messages"] == 0
    told = (await runs(stage, "show", str(run["id"])[:8], "--json")).json
    happened = [moment["what"] for moment in told["timeline"]]
    in_order = ["accepted", "message_posted", "sent_to_origami", "taken_by_origami", "finished"]
    assert [what for what in happened if what in in_order][:5] == in_order
    assert {message["kind"] for message in told["messages"]} >= {"opening", "answer"}
    assert {choice["state"] for choice in told["choices"]} == {"open"}
    assert told["run"]["slack_url"].endswith(f"message_ts={opening.ts}")
    assert "Austin" not in str(told)
    assert "Austin" in (await runs(stage, "show", str(run["id"]), "--prompt")).out


async def test_a_list_in_a_pipe_is_plain(stage: Stage) -> None:
    await stage.shows(await stage.ask(f"{BRIEF} [forever]"), "Working", within=PATIENCE)
    said = await runs(stage, "list", "--state", "open", "--since", "1h")
    head, line = said.out.splitlines()
    assert head.startswith("RUN")
    assert "running" in line
    assert "Austin" not in line
    assert "\x1b" not in said.out


async def test_a_stop_at_the_command_line_ends_the_run_at_origami_and_the_thread_says_so(
    stage: Stage,
) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working", within=PATIENCE)
    run_id = await run_id_of(stage)
    said = await runs(stage, "stop", run_id)
    assert (said.code, "Asked to stop" in said.out) == (0, True), said
    [answer] = await stage.replies(opening, within=PATIENCE)
    assert "Stopped by the operator of this app" in shown(answer)
    assert [run.status for run in stage.origami.runs] == ["cancelled"]
    late = await runs(stage, "stop", run_id)
    assert (late.code, "has ended already (cancelled)" in late.err) == (1, True), late
    assert await acts(stage) == [("operator", "stop")]


async def test_a_stop_without_a_bot_is_done_when_one_starts(stage: Stage) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working", within=PATIENCE)
    run_id = await run_id_of(stage)
    await stage.stop()
    for words in ("Asked to stop", "A stop was asked for before"):
        said = await runs(stage, "stop", run_id)
        assert (said.code, words in said.out) == (0, True), said
    assert [run.status for run in stage.origami.runs] == ["running"]
    await stage.start()
    [answer] = await stage.replies(opening, within=PATIENCE)
    assert "Stopped by the operator of this app" in shown(answer)


async def test_an_answer_that_slack_would_not_take_is_posted_once_when_it_is_retried(stage: Stage) -> None:
    opening, run_id = await dropped_answer(stage)
    said = await runs(stage, "retry", run_id[:8])
    assert (said.code, "Owed again" in said.out) == (0, True), said
    [answer] = await stage.replies(opening, within=PATIENCE)
    assert "18 leads" in shown(answer)
    nothing = await runs(stage, "retry", run_id)
    assert (nothing.code, "nothing to retry" in nothing.err) == (1, True), nothing
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle, PATIENCE)
    assert len(await stage.replies(opening)) == 1
    assert await acts(stage) == [("operator", "retry_delivery")]


async def test_an_answer_that_stands_in_slack_all_the_same_is_found_and_not_posted_again(
    stage: Stage,
) -> None:
    opening = await stage.ask(BRIEF)
    [answer] = await stage.replies(opening, within=PATIENCE)
    run_id = await run_id_of(stage)
    with Books(stage.database_url) as books:
        await stage.slack.until(lambda: not books.open_work(), PATIENCE)
        await as_if_refused(stage)
        before = len(stage.slack.called("chat.postMessage"))
        assert (await runs(stage, "retry", run_id)).code == 0
        await stage.slack.until(lambda: not books.open_work(), PATIENCE)
    assert len(stage.slack.called("chat.postMessage")) == before
    assert [one.ts for one in await stage.replies(opening)] == [answer.ts]


async def test_a_run_whose_opening_was_refused_has_nothing_to_retry(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    await rep.command("#finance", f"/origami {BRIEF}")
    await stage.slack.until(lambda: rep.ephemerals or rep.dm.messages, PATIENCE)
    said = await runs(stage, "retry", await run_id_of(stage))
    assert (said.code, "whoever asked can ask again" in said.err) == (1, True), said


async def test_workspaces_are_listed_and_shown_without_their_keys(stage: Stage) -> None:
    await stage.replies(await stage.ask(BRIEF), within=PATIENCE)
    listed = (await call(stage.database_url, "workspaces", "list", "--json")).json
    [workspace] = listed["workspaces"]
    assert (workspace["team_id"], workspace["installed"], workspace["open_runs"]) == ("T0NORTHWND1", True, 0)
    assert workspace["runs_this_month"] == 1
    told = await call(stage.database_url, "workspaces", "show", "T0NORTHWND1")
    assert (told.code, "team id" in told.out, "og_live" in told.out) == (0, True, False), told
    assert "T0NORTHWND1" in (await call(stage.database_url, "workspaces", "list")).out
    nobody = await call(stage.database_url, "workspaces", "show", "T0NOBODY")
    assert (nobody.code, "Nothing is kept of T0NOBODY" in nobody.err) == (1, True)


async def dropped_answer(stage: Stage) -> tuple[Message, str]:
    """A run that ended while its channel was archived, which it is no more."""
    stage.origami.clock.set_speed(0.05)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "Working", within=PATIENCE)
    stage.slack.channel("#leads").archived = True
    stage.origami.clock.set_speed(50)
    rep = stage.slack.person("rep")
    await stage.slack.until(lambda: rep.dm.messages, PATIENCE)
    stage.slack.channel("#leads").archived = False
    [run] = (await runs(stage, "list", "--dropped", "--json")).json["runs"]
    return opening, str(run["id"])


async def as_if_refused(stage: Stage) -> None:
    """Slack's refusal of the answer was kept, though the answer stands."""
    assert stage.app is not None
    lost = {"state": "dropped", "dropped_reason": "is_archived", "ts": None, "posted_at": None}
    async with stage.app.context.db.write() as session:
        await session.execute(update(Delivery).where(Delivery.kind == "answer").values(**lost))


async def acts(stage: Stage) -> list[tuple[str, str]]:
    """What the audit says of the operator."""
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        found = await session.execute(
            select(AuditEntry.actor_id, AuditEntry.action).where(AuditEntry.actor_id == "operator")
        )
        return [(actor, action) for actor, action in found]
