"""Home: useful at first sight, and kept up to date while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.local_origami import DEFAULT_KEY
from bot.sandbox.local_slack import Fault as SlackFault
from storage import workspaces
from storage.records import Run, RunState, Thread
from tests.end_to_end.bot_process import process, servers

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.local_slack import Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


def seen(person: Person) -> str:
    """All that a person reads on their Home tab."""
    return texts(person.home.blocks) if person.home else ""


def texts(part: Any) -> str:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return "\n".join(own + [texts(value) for value in part.values() if not isinstance(value, str)])
    return "\n".join(map(texts, part)) if isinstance(part, list | tuple) else ""


async def reads(stage: Stage, person: Person, words: str) -> str:
    """Wait until a person's Home shows some words."""
    try:
        await stage.slack.until(lambda: words in seen(person))
    except TimeoutError:
        raise AssertionError(f"{words!r} is not in {seen(person)!r}") from None
    return seen(person)


async def test_at_first_sight_home_says_how_to_begin_and_has_a_door_to_it(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    rep.open_home()
    told = await reads(stage, rep, "Nothing yet")
    assert "/origami" in told
    assert "For admins" not in told
    assert rep.home is not None
    await rep.click(rep.home, "Start a search")
    await stage.slack.until(rep.modal)
    assert (await rep.submit({"brief": BRIEF, "Post the answer in": "#leads"})).ok
    channel = stage.slack.channel("#leads")
    await stage.slack.until(lambda: channel.messages)


async def test_home_and_help_lead_to_where_people_find_help(sqlite_url: str, tmp_path: Path) -> None:
    page = "https://help.example/origami"
    async with (
        servers("socket", sqlite_url) as stage,
        process(stage, tmp_path, {"SUPPORT_URL": page}),
    ):
        rep = stage.slack.person("rep")
        rep.open_home()
        await reads(stage, rep, f"<{page}|Help and contact>")
        helped = (await rep.command("#leads", "/origami help")).ephemeral
    assert helped is not None
    assert page in texts(helped.blocks)


async def test_home_follows_a_run_from_its_start_over_its_question_to_its_end(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    rep.open_home()
    await reads(stage, rep, "Nothing yet")
    stage.origami.clock.set_speed(0.05)
    opening = await stage.ask(f"{BRIEF} [one question]")
    assert "Running" in await reads(stage, rep, BRIEF)
    stage.origami.clock.set_speed(50)
    await reads(stage, rep, "Waiting for your answer")
    answer = (await stage.replies(opening))[0]
    await reads(stage, rep, f"p{answer.ts.replace('.', '')}?thread_ts={opening.ts}")
    buttons = [button for block in answer.blocks for button in block.get("elements", ())]
    choice = next(button for button in buttons if button.get("action_id", "").startswith("choose:"))
    await rep.click(answer, choice["action_id"])
    told = await reads(stage, rep, "12 leads")
    assert "Waiting for your answer" not in told


async def test_a_run_is_stopped_from_home(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    rep.open_home()
    await reads(stage, rep, "Working")
    assert rep.home is not None
    assert (await rep.click(rep.home, "Stop")).ok
    await stage.replies(opening)
    assert "Stopped by" in await reads(stage, rep, "Done")
    assert stage.origami.runs[0].status == "cancelled"


async def test_somebody_elses_runs_are_not_on_my_home(stage: Stage) -> None:
    await stage.answer(BRIEF, who="colleague")
    rep = stage.slack.person("rep")
    rep.open_home()
    assert BRIEF not in await reads(stage, rep, "Nothing yet")


async def test_an_admin_sees_the_account_and_what_was_used(stage: Stage) -> None:
    opening, answer = await stage.answer(BRIEF)
    await stage.shows(opening, "18 leads")
    assert answer
    admin, rep = stage.slack.person("admin"), stage.slack.person("rep")
    admin.open_home()
    told = await reads(stage, admin, "Origami accepts the key")
    assert "*Plan:*" in told
    assert "*Slots in use by this app:* 0 of 3" in told
    assert "*Credits left:*" in told
    assert f"<@{rep.id}>: 1 run, 18 leads added" in told
    assert "none yet" in told


async def test_the_account_is_asked_about_once_a_minute(stage: Stage) -> None:
    admin = stage.slack.person("admin")
    admin.open_home()
    await reads(stage, admin, "Origami accepts the key")
    published = count_publishes(stage)
    admin.open_home()
    await stage.slack.until(lambda: count_publishes(stage) > published)
    asked = [request for request in stage.origami.requests if request.path.endswith("/account")]
    assert len(asked) == 1


async def test_a_refused_key_is_told_to_admins(stage: Stage) -> None:
    stage.origami.revoke_key(DEFAULT_KEY)
    admin = stage.slack.person("admin")
    admin.open_home()
    assert "*Connection:*" in await reads(stage, admin, "did not accept this workspace's API key")


async def test_the_done_are_paged(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    await finished_runs(stage, rep.id, 12)
    rep.open_home()
    await reads(stage, rep, "Older")
    assert rep.home is not None
    await rep.click(rep.home, "Older")
    told = await reads(stage, rep, "Done, from number 11")
    assert told.count("find dentists in Leeds") == 2
    await rep.click(rep.home, "Newer")
    await stage.slack.until(lambda: "from number" not in seen(rep))


async def test_a_version_that_came_too_late_is_let_go(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    rep.open_home()
    await reads(stage, rep, "Nothing yet")
    stage.slack.faults.add(SlackFault(kind="refuse", method="views.publish", error="hash_conflict", times=1))
    published = count_publishes(stage)
    rep.open_home()
    await stage.slack.until(lambda: count_publishes(stage) > published)
    await stage.ask(BRIEF)
    await reads(stage, rep, BRIEF)


async def test_a_home_that_slack_will_not_take_harms_nothing(stage: Stage) -> None:
    stage.slack.faults.add(SlackFault(kind="error_before", method="views.publish", times=1))
    rep = stage.slack.person("rep")
    rep.open_home()
    await stage.slack.until(lambda: count_publishes(stage) == 1)
    await stage.ask(BRIEF)
    rep.open_home()
    await reads(stage, rep, BRIEF)


async def test_the_messages_tab_suggests_what_to_begin_with_where_slack_takes_that(stage: Stage) -> None:
    method = "assistant.threads.setSuggestedPrompts"
    stage.slack.faults.add(SlackFault(kind="refuse", method=method, error="not_allowed", times=1))
    rep, prompts = stage.slack.person("rep"), stage.slack.world.prompts
    rep.open_home("messages")
    await stage.slack.until(lambda: stage.slack.called(method))
    assert not prompts
    rep.open_home("messages")
    await stage.slack.until(lambda: prompts)
    [suggested] = prompts.values()
    assert {"title": "How does this work?", "message": "help"} in suggested["prompts"]
    assert rep.home is None


def count_publishes(stage: Stage) -> int:
    return sum(call.method == "views.publish" for call in stage.slack.core.calls)


async def finished_runs(stage: Stage, requester_id: str, count: int) -> None:
    """Runs of the past."""
    assert stage.app is not None
    async with stage.app.context.db.write() as session:
        team_id = stage.slack.person("rep").user.team_id
        workspace = await workspaces.ensure(session, new_id="w", team_id=team_id)
        its = {"workspace_id": workspace.id, "requester_id": requester_id}
        for number in range(count):
            session.add(Thread(id=f"t{number}", channel_id="C0LEADS0001", **its))
            await session.flush()
            asked = {"source": "command", "prompt": f"find dentists in Leeds {number}"}
            ended = {"state": RunState.FINISHED, "status": "cancelled"}
            session.add(Run(id=f"r{number}", thread_id=f"t{number}", **its, **asked, **ended))
            await session.flush()
