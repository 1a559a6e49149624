"""Installing the app by OAuth, and working in each workspace in its own name."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from bot.sandbox.local_slack.default_world import HOME_TEAM, PARTNER_TEAM
from storage.installations import STATE_SECONDS
from storage.records import Base, Workspace, oauth_states
from storage.sealing import SealBrokenError
from tests.end_to_end.conftest import shown
from tests.end_to_end.installing import Browser, ManyStage, connect, installable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BRIEF = "find 50 SaaS founders in Austin who raised seed"


@contextlib.asynccontextmanager
async def replica_of(stage: ManyStage) -> AsyncIterator[ManyStage]:
    """One more process's worth of our application on the same database."""
    other = dataclasses.replace(stage)
    heard_at = stage.slack.app.request_url
    await other.start()
    stage.slack.app.request_url = heard_at
    try:
        yield other
    finally:
        await other.stop()


@pytest.fixture
async def many(each_way: tuple[str, str]) -> AsyncIterator[ManyStage]:
    """The same on each way in and each database once."""
    async with installable(*each_way) as stage:
        yield stage


async def test_two_workspaces_install_it_and_each_works_with_its_own_token_and_key(many: ManyStage) -> None:
    assert many.app is not None
    browser = Browser(str(many.app.url))
    for team in (HOME_TEAM, PARTNER_TEAM):
        page = await browser.install(team=team)
        assert (page.status, "Origami is installed" in page.text) == (200, True)
    await connect(many, HOME_TEAM, "og_live_northwind")
    await connect(many, PARTNER_TEAM, "og_live_contoso")
    _, answer = await many.answer(BRIEF)
    assert f"<@{many.slack.person('rep').id}>" in answer.text
    _, theirs = await many.answer(f"{BRIEF} too", who="outsider", where="#europe")
    assert "18 leads" in shown(theirs)
    posts = {(call.team_id, call.args["channel"]) for call in many.slack.called("chat.postMessage")}
    assert {(team, channel) for team, channel in posts if channel.startswith("C")} == {
        (HOME_TEAM, "C0LEADS0001"),
        (PARTNER_TEAM, "C0EUROPE001"),
    }
    assert {request.org for request in many.origami.requests} == {"Northwind", "Contoso"}


async def test_tokens_and_keys_are_kept_sealed_and_one_installation_has_one_row(many: ManyStage) -> None:
    assert many.app is not None
    browser = Browser(str(many.app.url))
    for _ in range(2):
        assert (await browser.install()).status == 200
    await connect(many, HOME_TEAM, "og_live_northwind")
    async with many.app.context.db.read() as session:
        kept = {
            table.name: (await session.execute(select(table))).all() for table in Base.metadata.sorted_tables
        }
    assert len(kept["slack_bots"]) == len(kept["slack_installations"]) == 1
    everything = str(kept)
    assert many.slack.token(HOME_TEAM) not in everything
    assert "og_live_northwind" not in everything
    _, answer = await many.answer(BRIEF)
    assert "18 leads" in shown(answer)


async def test_every_failure_of_an_installation_is_a_readable_page(many: ManyStage) -> None:
    assert many.app is not None
    browser = Browser(str(many.app.url))
    cancelled = await browser.install(decision="cancel")
    assert "cancelled in Slack" in cancelled.text
    refused = await browser.install(more={"code": "made.up"})
    assert (refused.status, "did not accept" in refused.text) == (401, True)
    begun = Browser(str(many.app.url))
    await begun.begin(HOME_TEAM)
    begun.cookies = {}
    elsewhere = await begun.open("http://localhost/slack/oauth_redirect?code=1&state=2")
    assert (elsewhere.status, "the browser in which the installation began" in elsewhere.text) == (400, True)
    used = await browser.install()
    assert used.status == 200
    again = await browser.open(browser.came_back_to)
    assert (again.status, "finished already" in again.text) == (401, True)
    assert "<a href" in again.text


async def test_an_installation_that_is_finished_after_ten_minutes_is_none(many: ManyStage) -> None:
    assert many.app is not None
    browser = Browser(str(many.app.url))
    await browser.decide()
    async with many.app.context.db.write() as session:
        ends = (await session.execute(select(oauth_states.c.expire_at))).scalar_one()
        await session.execute(update(oauth_states).values(expire_at=ends - timedelta(seconds=STATE_SECONDS)))
    late = await browser.open(browser.came_back_to)
    assert (late.status, "ten minutes" in late.text) == (401, True)
    async with many.app.context.db.read() as session:
        assert (await session.execute(select(Workspace))).first() is None


async def test_an_installation_that_began_at_one_replica_ends_at_another(
    postgresql_url: str,
) -> None:
    async with installable("http", postgresql_url) as one, replica_of(one) as other:
        assert one.app is not None
        assert other.app is not None
        page = await Browser(str(one.app.url), str(other.app.url)).install()
        assert page.status == 200
        await connect(one, HOME_TEAM, "og_live_northwind")
        _, answer = await one.answer(BRIEF)
        assert "18 leads" in shown(answer)


async def rotate_keys(environ: dict[str, str]) -> tuple[int | None, str]:
    """Run the command; its exit status and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "rotate-keys"),
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    return process.returncode, complaint.decode()


async def test_keys_are_rotated_beside_a_running_bot_and_the_old_one_dropped(many: ManyStage) -> None:
    assert many.app is not None
    assert (await Browser(str(many.app.url)).install()).status == 200
    await connect(many, HOME_TEAM, "og_live_northwind")
    await many.stop()
    newest = Fernet.generate_key().decode()
    many.encryption_keys = f"{newest},{many.encryption_keys}"
    await many.start()
    environ = {"DATABASE_URL": many.database_url, "ENCRYPTION_KEYS": many.encryption_keys}
    rotated, (_, answer) = await asyncio.gather(rotate_keys(environ), many.answer(BRIEF))
    assert rotated == (0, "")
    assert "18 leads" in shown(answer)
    await many.stop()
    many.encryption_keys = newest
    await many.start()
    _, answer = await many.answer(f"{BRIEF} again")
    assert "18 leads" in shown(answer)


async def test_keys_that_do_not_open_what_is_stored_stop_the_start_and_are_named(many: ManyStage) -> None:
    assert many.app is not None
    assert (await Browser(str(many.app.url)).install()).status == 200
    await many.stop()
    right, many.encryption_keys = many.encryption_keys, Fernet.generate_key().decode()
    with pytest.raises(SealBrokenError):
        await many.start()
    await many.stop()
    environ = {"DATABASE_URL": many.database_url, "ENCRYPTION_KEYS": many.encryption_keys}
    status, said = await rotate_keys(environ)
    assert status == 1
    assert "ENCRYPTION_KEYS" in said
    assert "add the key that it was encrypted with" in said
    many.encryption_keys = right
    await many.start()


async def test_what_was_not_granted_is_done_without_and_done_once_it_is(many: ManyStage) -> None:
    """Scopes may be withheld by whoever installs the app, and granted when it is installed again."""
    assert many.app is not None
    browser = Browser(str(many.app.url))
    assert (await browser.install(withhold="files:read,channels:join,chat:write.public")).status == 200
    await connect(many, HOME_TEAM, "og_live_northwind")
    rep = many.slack.person("rep")
    rep.invite_app("#leads")
    _, answer = await many.answer(BRIEF)
    assert "18 leads" in shown(answer)
    told = len(rep.dm.messages)
    assert (await rep.command("#general", f"/origami {BRIEF}")).ok
    await many.slack.until(lambda: len(rep.dm.messages) > told or rep.ephemerals)
    assert many.slack.channel("#general").messages == []
    assert (await browser.install()).status == 200
    _, answer = await many.answer(BRIEF, where="#general")
    assert "18 leads" in shown(answer)
