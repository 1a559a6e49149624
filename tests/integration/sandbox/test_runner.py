"""The sandbox without its page's looks: bots here and elsewhere, switches, and who may ask."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest

from bot.app import running
from bot.sandbox.runner import SandboxOptions, running_sandbox
from bot.sandbox.switches import NO_CREDITS, NO_SLOTS, SWITCHES
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.sandbox.sandbox import Sandbox

BRIEF = "/origami find clock makers in Besançon"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<title>page</title>")
    return folder


@pytest.fixture
async def empty(built: Path) -> AsyncIterator[Sandbox]:
    """A sandbox whose bot has not come yet."""
    async with running_sandbox(SandboxOptions(port=0, own_bot=False), built) as sandbox:
        yield sandbox


async def first_parts(sandbox: Sandbox, who: str = "rep") -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}sandbox/live?as={who}") as live:
        line = await live.content.readuntil(b"\n\n")
        parts: dict[str, Any] = orjson.loads(line.removeprefix(b"data: "))["set"]
        return parts


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_our_bot_can_be_killed_and_started_again(built: Path, mode: Any) -> None:
    async with running_sandbox(SandboxOptions(port=0, mode=mode), built) as sandbox:
        await sandbox.until_bot_is_ready()
        bot, rep = sandbox.bot, sandbox.slack.person("rep")
        assert bot is not None
        assert bot.as_json()["state"] == "running", bot.tail()
        assert (await rep.command("#leads", BRIEF)).ok
        await bot.kill()
        assert bot.as_json()["state"] == "killed"
        await sandbox.slack.until(lambda: not sandbox.hears())
        assert not (await rep.command("#leads", BRIEF)).ok
        await bot.start()
        await sandbox.until_bot_is_ready()
        assert (await rep.command("#leads", BRIEF)).ok
        [run, *_] = await sandbox.inspector.runs()
        assert run["prompt"] == BRIEF.removeprefix("/origami ")


async def test_our_bot_ends_with_the_sandbox_even_if_nobody_tells_it(built: Path, tmp_path: Path) -> None:
    async with running_sandbox(SandboxOptions(port=0, data=tmp_path / "kept"), built) as sandbox:
        await sandbox.until_bot_is_ready()
        assert sandbox.bot is not None
        process = sandbox.bot._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0
        await sandbox.slack.until(lambda: sandbox.bot.as_json()["state"] == "failed")
    assert (tmp_path / "kept" / "origami.sqlite3").exists()


async def test_the_persons_own_settings_do_not_reach_our_bot(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("ORIGAMI_API_KEY", "og_live_real")
    async with running_sandbox(SandboxOptions(port=0), built) as sandbox:
        await sandbox.until_bot_is_ready()
        assert sandbox.bot is not None
        assert sandbox.bot.as_json()["state"] == "running", sandbox.bot.tail()


async def test_a_bot_elsewhere_joins_with_the_printed_environment(empty: Sandbox, sqlite_url: str) -> None:
    assert (await empty.parts())["bot"]["state"] == "starting"
    async with running(Settings.load({**empty.environ, "DATABASE_URL": sqlite_url, "PORT": "0"})):
        assert (await empty.parts())["bot"]["state"] == "running"
        assert (await empty.slack.person("rep").command("#leads", BRIEF)).ok


async def test_a_bot_elsewhere_is_reached_over_http(built: Path, sqlite_url: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        options = SandboxOptions(port=0, bot="http://127.0.0.1:9/slack/events")
        sandbox = await stack.enter_async_context(running_sandbox(options, built))
        assert not sandbox.hears()
        bot = await stack.enter_async_context(
            running(Settings.load({**sandbox.environ, "DATABASE_URL": sqlite_url, "PORT": "0"}))
        )
        sandbox.slack.app.request_url = f"{bot.url}/slack/events"
        assert sandbox.hears()
        assert (await sandbox.slack.person("rep").command("#leads", BRIEF)).ok


async def test_a_persons_screen_holds_what_they_may_see_and_nothing_else(empty: Sandbox) -> None:
    empty.slack.person("rep").say("#finance", "between us")
    ours, theirs = await first_parts(empty), await first_parts(empty, "outsider")
    assert "between us" in str(ours)
    assert "between us" not in str(theirs)
    assert {channel["name"] for channel in theirs["channels"]} == {"partners", "europe"}


async def test_a_log_entry_can_be_read_in_full_and_an_unknown_one_is_404(empty: Sandbox) -> None:
    await empty.slack.person("rep").command("#leads", BRIEF)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{empty.url}sandbox/log/delivery/0") as answer:
            assert (await answer.json())["payload"]["text"] == BRIEF.removeprefix("/origami ")
        for unknown in ("delivery/7", "nonsense/0"):
            async with session.get(f"{empty.url}sandbox/log/{unknown}") as answer:
                assert answer.status == 404


async def test_only_the_page_itself_may_act(empty: Sandbox) -> None:
    act = f"{empty.url}sandbox/speed"
    foreign = [{"Origin": "https://evil.example"}, {"Host": "evil.example"}]
    async with aiohttp.ClientSession() as session:
        for headers in foreign:
            async with session.post(act, json={"speed": 60}, headers=headers) as answer:
                assert answer.status == 403
        assert empty.switches.speed == 10
        async with session.post(act, json={"speed": 60}) as answer:
            assert answer.status == 200
        assert empty.switches.speed == 60
        async with session.get(empty.url) as answer:
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")


async def test_every_switch_does_something_and_undoes_it(empty: Sandbox) -> None:
    org = empty.origami.orgs["local"]

    def state() -> tuple[object, ...]:
        return org.credits, len(org.held), len(empty.origami.faults.rules()), len(empty.slack.faults.active)

    before = state()
    for switch in SWITCHES:
        empty.switches.set(switch.name, on=True)
        assert state() != before, switch.name
        empty.switches.set(switch.name, on=False)
        assert state() == before, switch.name


async def test_a_switch_of_an_example_goes_off_by_itself(empty: Sandbox) -> None:
    empty.switches.set(NO_SLOTS, on=True, seconds=0.05)
    empty.switches.set(NO_CREDITS, on=True)
    await empty.slack.until(lambda: NO_SLOTS not in empty.switches.on)
    assert empty.switches.on == {NO_CREDITS}


async def test_faster_time_asks_to_be_polled_more_often_but_never_beyond_the_budget(empty: Sandbox) -> None:
    waits = []
    for speed in (1, 10, 60, 10_000):
        empty.switches.set_speed(speed)
        waits.append(empty.origami._world.retry_after_seconds)
    assert waits == [15.0, 1.5, 1.0, 1.0]
