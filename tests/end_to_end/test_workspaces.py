"""A workspace's way: installed, connected with a key of its own, disconnected, forgotten, removed."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.sandbox.local_slack.default_world import HOME_TEAM, PARTNER_TEAM
from storage.records import AuditEntry, Base, Run, Workspace, bots, installations
from tests.end_to_end.conftest import labels, shown
from tests.end_to_end.installing import Browser, installable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.end_to_end.installing import ManyStage


def seen(view: object) -> str:
    """What a modal or Home shows; nothing where there is none."""
    return str(getattr(view, "blocks", ""))


BRIEF = "find 50 SaaS founders in Austin who raised seed"
KEY = "og_live_northwind"


@pytest.fixture
async def installed(each_way: tuple[str, str]) -> AsyncIterator[ManyStage]:
    """The product, installed in Northwind and not connected yet."""
    async with installable(*each_way) as stage:
        assert stage.app is not None
        assert (await Browser(str(stage.app.url)).install()).status == 200
        yield stage


async def connect(stage: ManyStage, typed: str = KEY) -> str:
    """Have the admin connect the workspace on Home; what the form says in the end."""
    admin = stage.slack.person("admin")
    if admin.modal():
        await admin.close_modal()
    admin.open_home()
    await stage.slack.until(lambda: "Connect Origami" in seen(admin.home))
    await admin.click(admin.home, "Connect Origami")
    await stage.slack.until(admin.modal)
    outcome = await admin.submit({"key": typed})
    assert outcome.ok, outcome
    await stage.slack.until(lambda: "Asking Origami" not in seen(admin.modal()))
    return seen(admin.modal())


async def test_who_installs_it_is_greeted_once_and_connects_it_there(installed: ManyStage) -> None:
    admin = installed.slack.person("admin")
    await installed.slack.until(lambda: admin.dm.messages)
    assert installed.app is not None
    assert (await Browser(str(installed.app.url)).install()).status == 200
    [welcome] = admin.dm.messages
    assert labels(welcome) == ["Connect Origami"]
    await admin.click(welcome, "Connect Origami")
    await installed.slack.until(admin.modal)
    assert "Origami API key" in seen(admin.modal())


async def test_without_a_key_a_rep_is_told_who_can_connect_it_and_with_one_it_works(
    installed: ManyStage,
) -> None:
    _, refused = await installed.answer(BRIEF)
    assert "not connected to Origami" in shown(refused)
    assert f"Ask <@{installed.slack.person('admin').id}> or another Slack admin" in shown(refused)
    told = await connect(installed)
    assert "Connected" in told
    assert "Credits left: 2,000" in told
    assert KEY not in told
    await installed.slack.person("rep").click(refused, "Try again")
    opening = installed.slack.channel("#leads").messages[0]
    await installed.slack.until(
        lambda: any("18 leads" in shown(reply) for reply in installed.slack.thread(opening))
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [("xoxb-123", "begins with og_live_"), ("og_live_", "not the whole key")],
)
async def test_what_cannot_be_a_key_is_said_beside_the_field(
    installed: ManyStage, typed: str, words: str
) -> None:
    admin = installed.slack.person("admin")
    admin.open_home()
    await installed.slack.until(lambda: "Connect Origami" in seen(admin.home))
    await admin.click(admin.home, "Connect Origami")
    await installed.slack.until(admin.modal)
    outcome = await admin.submit({"key": typed})
    assert words in str(outcome.errors)
    assert typed not in str(outcome.errors) or typed == "og_live_"


async def test_a_key_that_origami_refuses_is_not_kept_and_another_can_be_tried(installed: ManyStage) -> None:
    told = await connect(installed, "og_live_stolen")
    assert "Not connected" in told
    admin = installed.slack.person("admin")
    await admin.click(admin.modal(), "Try another key")
    await installed.slack.until(lambda: "Origami API key" in seen(admin.modal()))
    assert (await admin.submit({"key": KEY})).ok
    await installed.slack.until(lambda: "Connected" in seen(admin.modal()))


async def test_a_key_is_replaced_while_a_run_goes_on(installed: ManyStage) -> None:
    installed.origami.add_key("og_live_second", org="Northwind")
    await connect(installed)
    opening = await installed.ask(f"{BRIEF} [forever]")
    await installed.shows(opening, "Working")
    admin = installed.slack.person("admin")
    await admin.close_modal()
    await installed.slack.until(lambda: "Replace the key" in seen(admin.home))
    await admin.click(admin.home, "Replace the key")
    await installed.slack.until(lambda: "Origami API key" in seen(admin.modal()))
    assert (await admin.submit({"key": "og_live_second"})).ok
    await installed.slack.until(lambda: "Connected" in seen(admin.modal()))
    await installed.slack.person("rep").click(opening, "Stop")
    [answer] = await installed.replies(opening)
    assert installed.slack.person("rep").id in answer.text


async def test_a_run_whose_workspace_is_disconnected_says_so_and_goes_on_with_the_next_key(
    installed: ManyStage,
) -> None:
    await connect(installed)
    opening = await installed.ask(f"{BRIEF} [forever]")
    await installed.shows(opening, "Working")
    admin = installed.slack.person("admin")
    await installed.slack.until(lambda: "Disconnect" in seen(admin.home))
    await admin.click(admin.home, "Disconnect")
    told = await installed.shows(opening, "not connected to Origami")
    assert f"<@{admin.id}>" in told
    assert "Connected" in await connect(installed)
    await installed.slack.until(lambda: "not connected" not in shown(opening), 15)
    await installed.slack.person("rep").click(opening, "Stop")
    [answer] = await installed.replies(opening)
    assert installed.slack.person("rep").id in answer.text


async def test_only_admins_connect(installed: ManyStage) -> None:
    admin = installed.slack.person("admin")
    await installed.slack.until(lambda: admin.dm.messages)
    admin.user.is_admin = admin.user.is_owner = False
    await admin.click(admin.dm.messages[0], "Connect Origami")
    await installed.slack.until(admin.modal)
    assert "Only a Slack admin" in seen(admin.modal())


@pytest.mark.parametrize("revoked_first", [False, True])
async def test_a_workspace_that_removes_the_app_is_left_alone_at_once_and_may_come_back(
    installed: ManyStage, *, revoked_first: bool
) -> None:
    await connect(installed)
    opening = await installed.ask(f"{BRIEF} [forever]")
    await installed.shows(opening, "Working")
    installed.slack.uninstall(HOME_TEAM, revoked_first=revoked_first)
    await installed.slack.until(lambda: installed.slack.core.dispatcher.idle, 30)
    assert installed.app is not None
    async with installed.app.context.db.read() as session:
        [workspace] = (await session.execute(select(Workspace))).scalars()
        [run] = (await session.execute(select(Run))).scalars()
        tokens = [
            *(await session.execute(select(bots))).all(),
            *(await session.execute(select(installations))).all(),
        ]
    assert workspace.left_at is not None
    assert (workspace.sealed_key, run.state, tokens) == (None, "finished", [])
    await installed.slack.until(lambda: installed.origami.runs[0].status == "cancelled")
    assert (await Browser(str(installed.app.url)).install()).status == 200
    admin = installed.slack.person("admin")
    await installed.slack.until(lambda: len(admin.dm.messages) == 2)  # told again: the key has to be entered
    assert "Connected" in await connect(installed)
    _, answer = await installed.answer(BRIEF)
    assert "18 leads" in shown(answer)
    async with installed.app.context.db.read() as session:
        states = (await session.execute(select(Run.state, Run.status).order_by(Run.created_at))).all()
    assert [tuple(one) for one in states] == [("finished", "cancelled"), ("finished", "completed")]


async def test_an_admin_has_everything_deleted_and_the_audit_trail_says_who(installed: ManyStage) -> None:
    await connect(installed)
    await installed.answer(BRIEF)
    admin = installed.slack.person("admin")
    admin.open_home()
    await installed.slack.until(lambda: "delete our data" in seen(admin.home))
    await admin.click(admin.home, "Disconnect and delete our data")
    await installed.slack.until(lambda: "Connect Origami" in seen(admin.home))
    assert installed.app is not None
    async with installed.app.context.db.read() as session:
        assert (await session.execute(select(func.count(Run.id)))).scalar() == 0
        [entry] = (await session.execute(select(AuditEntry))).scalars()
        assert (entry.action, entry.actor_id) == ("forget", admin.id)


async def test_the_operator_can_have_a_workspace_forgotten(installed: ManyStage) -> None:
    """Also while a run goes on: nothing of it is left, and the bot goes on with what others ask."""
    assert installed.app is not None
    await connect(installed)
    opening = await installed.ask(f"{BRIEF} [forever]")
    await installed.shows(opening, "Working")
    assert await forget(installed, HOME_TEAM) == (0, "")
    async with installed.app.context.db.read() as session:
        kept = [
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in {"budgets", "inbox"} and (await session.execute(select(table))).first()
        ]
    assert kept == []
    assert (await Browser(str(installed.app.url)).install()).status == 200
    assert "Connected" in await connect(installed)
    _, answer = await installed.answer(BRIEF)
    assert "18 leads" in shown(answer)
    status, said = await forget(installed, PARTNER_TEAM)
    assert status == 1
    assert f"Nothing is kept of {PARTNER_TEAM}" in said


async def forget(stage: ManyStage, team: str) -> tuple[int | None, str]:
    """Run the command; its exit status and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "forget", "--team", team),
        env={**os.environ, "DATABASE_URL": stage.database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    return process.returncode, complaint.decode()
