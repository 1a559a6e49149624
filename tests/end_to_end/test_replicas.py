"""Two replicas behind one address and a worker beside them, on PostgreSQL: three processes' worth of bot."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from bot.app import Role
from bot.sandbox.local_slack import HOME_TEAM, enterprise_world
from bot.sandbox.local_slack.default_world import ENTERPRISE, NORTH_TEAM, SOUTH_TEAM
from bot.sandbox.local_slack.faults import Fault
from storage.records import Workspace, bots
from tests.end_to_end.conftest import shown
from tests.end_to_end.installing import Browser, ManyStage, connect, installable
from tests.end_to_end.proxy import taking_turns
from tests.end_to_end.test_install import rotate_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import LocalSlack, World

BRIEF = "find 50 SaaS founders in Austin who raised seed"


@dataclass
class Fleet:
    """Two that hear Slack, behind one address, and one that works."""

    one: ManyStage
    other: ManyStage
    worker: ManyStage
    browser: Browser
    answered: list[str]
    replicas: list[str]
    """Their own addresses."""

    async def with_keys(self, keys: str) -> None:
        """One after the other is started anew with these keys; the address goes on answering."""
        for place, stage in enumerate((self.one, self.other, self.worker)):
            heard_at = self.slack.app.request_url
            await stage.stop()
            stage.encryption_keys = keys
            await stage.start()
            self.slack.app.request_url = heard_at
            assert stage.app is not None
            if stage is not self.worker:
                self.replicas[place] = str(stage.app.url)

    @property
    def slack(self) -> LocalSlack:
        return self.one.slack


@contextlib.asynccontextmanager
async def fleet_on(postgresql_url: str, world: World | None = None) -> AsyncIterator[Fleet]:
    """All three running, in the default world or another."""
    async with contextlib.AsyncExitStack() as stack:
        one = await stack.enter_async_context(installable("http", postgresql_url, world, role=Role.RECEIVE))
        other, worker = replace(one), replace(one, role=Role.WORK)
        for stage in (other, worker):
            stack.push_async_callback(stage.stop)
            await stage.start()
        assert one.app is not None
        assert other.app is not None
        replicas = [str(one.app.url), str(other.app.url)]
        address, answered = await stack.enter_async_context(taking_turns(replicas))
        one.slack.app.request_url = f"{address}/slack/events"
        yield Fleet(one, other, worker, Browser(address), answered, replicas)


@pytest.fixture
async def fleet(postgresql_url: str) -> AsyncIterator[Fleet]:
    async with fleet_on(postgresql_url) as running:
        yield running


async def test_an_organisation_installs_it_at_one_and_the_other_and_its_workspaces_work_and_leave(
    postgresql_url: str,
) -> None:
    async with fleet_on(postgresql_url, enterprise_world()) as fleet:
        assert (await fleet.browser.install(team=ENTERPRISE)).status == 200
        assert len(set(fleet.answered)) == 2
        fleet.slack.grant(ENTERPRISE, NORTH_TEAM, SOUTH_TEAM)
        await fleet.slack.until(lambda: fleet.slack.core.dispatcher.idle, 30)
        for team_id, key in ((NORTH_TEAM, "og_live_northwind"), (SOUTH_TEAM, "og_live_contoso")):
            await connect(fleet.one, team_id, key)
        for number in range(2):
            for side in ("north", "south"):
                told = {"who": f"{side}_rep", "where": f"#{side}-leads"}
                _, answer = await fleet.one.answer(f"{BRIEF} {side} {number}", **told)
                assert "18 leads" in shown(answer)
        fleet.slack.uninstall(ENTERPRISE)
        await fleet.slack.until(lambda: fleet.slack.core.dispatcher.idle, 30)
        assert fleet.one.app is not None
        async with fleet.one.app.context.db.read() as session:
            assert (await session.execute(select(bots))).all() == []
            left = (await session.execute(select(Workspace))).scalars().all()
        assert {one.team_id for one in left if one.left_at and not one.sealed_key} == {NORTH_TEAM, SOUTH_TEAM}
        assert set(fleet.answered) == set(fleet.replicas)


async def test_an_installation_begins_at_one_and_ends_at_the_other_and_both_serve_it(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    assert len(set(fleet.answered)) == 2
    replayed = await fleet.browser.open(fleet.browser.came_back_to)
    assert (replayed.status, "finished already" in replayed.text) == (401, True)
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    for number in range(2):
        _, answer = await fleet.one.answer(f"{BRIEF} {number}")
        assert "18 leads" in shown(answer)


async def test_a_state_that_comes_back_twice_at_once_is_good_once(fleet: Fleet) -> None:
    await fleet.browser.decide()
    came_back = [fleet.browser.open(fleet.browser.came_back_to) for _ in range(4)]
    assert sorted(page.status for page in await asyncio.gather(*came_back)) == [200, 401, 401, 401]


async def test_each_replica_asks_once_who_a_token_is_and_no_request_waits_for_it(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    installing = len(fleet.slack.called("auth.test"))
    fleet.slack.faults.add(Fault(method="auth.test", kind="delay", seconds=30, times=2))
    rep = fleet.slack.person("rep")
    for _ in range(10):
        outcome = await rep.command("#leads", "/origami help")
        assert outcome.ok
    await fleet.slack.until(lambda: len(fleet.slack.called("auth.test")) - installing >= 2)
    assert len(fleet.slack.called("auth.test")) - installing == 2


async def test_after_it_is_removed_neither_replica_uses_the_token(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    rep = fleet.slack.person("rep")
    for _ in range(4):
        assert (await rep.command("#leads", "/origami help")).ok
    payload = next(one.payload for one in fleet.slack.deliveries if one.kind == "slash_commands")
    fleet.slack.uninstall(HOME_TEAM)
    await fleet.slack.until(lambda: fleet.slack.core.dispatcher.idle, 30)
    calls = len(fleet.slack.calls)
    for number in range(4):
        late = {name: value for name, value in payload.items() if name != "response_url"}
        late["trigger_id"] = f"late.{number}"
        told = await fleet.slack.core.dispatcher.interact("slash_commands", late)
        assert "not installed here" in str(told.body)
    assert len(fleet.slack.calls) == calls


async def test_what_runs_goes_on_with_the_token_of_a_new_installation(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    opening = await fleet.one.ask(f"{BRIEF} [forever]")
    await fleet.one.shows(opening, "Working")
    old = fleet.slack.token()
    colleague = fleet.slack.person("colleague").id
    assert (await fleet.browser.install(user=colleague)).status == 200
    assert fleet.slack.token() != old
    await fleet.slack.person("rep").click(opening, "Stop")
    [answer] = await fleet.one.replies(opening)
    assert fleet.slack.person("rep").id in answer.text
    assert fleet.slack.person("colleague").dm.messages == []


async def test_keys_are_rotated_while_both_serve_and_then_the_old_one_is_dropped(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    opening = await fleet.one.ask(f"{BRIEF} [forever]")
    await fleet.one.shows(opening, "Working")
    old, newest = fleet.one.encryption_keys, Fernet.generate_key().decode()
    await fleet.with_keys(f"{newest},{old}")
    environ = {"DATABASE_URL": fleet.one.database_url, "ENCRYPTION_KEYS": f"{newest},{old}"}
    rotated, *answers = await asyncio.gather(
        rotate_keys(environ), *(fleet.one.answer(f"{BRIEF} {number}") for number in range(2))
    )
    assert rotated == (0, "")
    assert all("18 leads" in shown(answer) for _, answer in answers)
    await fleet.with_keys(newest)
    fleet.answered.clear()
    assert (await fleet.slack.person("rep").click(opening, "Stop")).ok
    [stopped] = await fleet.one.replies(opening)
    assert fleet.slack.person("rep").id in stopped.text
    _, answer = await fleet.one.answer(f"{BRIEF} again")
    assert "18 leads" in shown(answer)
    assert set(fleet.answered) == set(fleet.replicas)


async def test_a_revoked_token_ends_what_goes_on_and_neither_serves_until_it_is_installed_again(
    fleet: Fleet,
) -> None:
    assert (await fleet.browser.install()).status == 200
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    opening = await fleet.one.ask(f"{BRIEF} [forever]")
    await fleet.one.shows(opening, "Working")
    origami, revoked = fleet.one.origami, fleet.slack.token()
    fleet.slack.uninstall(HOME_TEAM, revoked_first=True)
    await fleet.slack.until(lambda: origami.runs[0].status == "cancelled", 30)
    await fleet.slack.until(lambda: fleet.slack.core.dispatcher.idle, 30)
    assert fleet.one.app is not None
    async with fleet.one.app.context.db.read() as session:
        assert (await session.execute(select(bots.c.id))).all() == []
        [workspace] = (await session.execute(select(Workspace))).scalars()
    assert (workspace.left_at is None, workspace.sealed_key) == (False, None)
    assert (await fleet.browser.install()).status == 200
    assert fleet.slack.token() != revoked
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    for number in range(2):
        _, answer = await fleet.one.answer(f"{BRIEF} {number}")
        assert "18 leads" in shown(answer)


async def test_a_late_word_of_an_earlier_removal_does_not_end_a_new_installation(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    fleet.slack.uninstall(HOME_TEAM)
    await fleet.slack.until(lambda: fleet.slack.core.dispatcher.idle, 30)
    word = next(
        one.payload for one in fleet.slack.deliveries if one.payload["event"]["type"] == "app_uninstalled"
    )
    assert (await fleet.browser.install()).status == 200
    word["event_time"] -= 60
    fleet.slack.core.dispatcher.event(word)
    await fleet.slack.until(lambda: fleet.slack.core.dispatcher.idle, 30)
    assert (await fleet.slack.person("rep").command("#leads", "/origami help")).ok
    assert fleet.one.app is not None
    async with fleet.one.app.context.db.read() as session:
        [workspace] = (await session.execute(select(Workspace))).scalars()
    assert workspace.left_at is None


async def test_a_token_that_died_without_a_word_is_found_out_and_it_comes_back(fleet: Fleet) -> None:
    assert (await fleet.browser.install()).status == 200
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    opening = await fleet.one.ask(f"{BRIEF} [forever]")
    await fleet.one.shows(opening, "Working")
    fleet.slack.uninstall(HOME_TEAM, told=False)
    origami = fleet.one.origami
    await fleet.slack.until(lambda: origami.runs[0].status == "cancelled", 30)
    assert fleet.one.app is not None
    async with fleet.one.app.context.db.read() as session:
        [workspace] = (await session.execute(select(Workspace))).scalars()
    assert (workspace.left_at is None, workspace.sealed_key) == (False, None)
    assert (await fleet.browser.install()).status == 200
    await connect(fleet.one, HOME_TEAM, "og_live_northwind")
    _, answer = await fleet.one.answer(f"{BRIEF} again")
    assert "18 leads" in shown(answer)


async def test_slack_that_does_not_answer_is_a_readable_page(fleet: Fleet) -> None:
    fleet.slack.faults.add(Fault(method="oauth.v2.access", kind="reset_before", times=None))
    page = await fleet.browser.install()
    assert (page.status, "does not answer just now" in page.text) == (503, True)
    fleet.slack.faults.clear()
    assert (await fleet.browser.install()).status == 200


async def test_a_database_that_does_not_answer_is_a_readable_page(fleet: Fleet) -> None:
    assert fleet.one.app is not None
    await fleet.browser.decide()
    async with fleet.one.app.context.db.write() as session:
        await session.execute(text("ALTER TABLE slack_oauth_states RENAME TO gone"))
    for address in ("http://localhost/slack/install", fleet.browser.came_back_to):
        page = await fleet.browser.open(address)
        assert (page.status, "does not answer just now" in page.text) == (503, True)
    async with fleet.one.app.context.db.write() as session:
        await session.execute(text("ALTER TABLE gone RENAME TO slack_oauth_states"))
    assert (await fleet.browser.install()).status == 200
