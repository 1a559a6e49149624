"""Requests that name no workspace, an unknown one, or somebody else's: nothing is told or begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.sandbox.local_slack import HOME_TEAM, PARTNER_TEAM
from storage.records import Run, Workspace
from tests.end_to_end.installing import Browser, installable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.end_to_end.conftest import Stage
    from tests.end_to_end.installing import ManyStage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


@pytest.fixture
async def installed(each_way: tuple[str, str]) -> AsyncIterator[ManyStage]:
    async with installable(*each_way) as stage:
        assert stage.app is not None
        assert (await Browser(str(stage.app.url)).install()).status == 200
        await stage.slack.until(lambda: stage.slack.person("admin").dm.messages)  # its welcome
        yield stage


def command(stage: Stage, **changed: Any) -> dict[str, Any]:
    """A brief of the rep's, as Slack would deliver it, but for what is changed."""
    core = stage.slack.core
    made = core.interactions.command(
        stage.slack.person("rep").user,
        stage.slack.channel("#leads"),
        core.installation(HOME_TEAM),
        "/origami",
        BRIEF,
    )
    del made["response_url"]  # the answer then comes with the ack
    return made | changed


async def known(stage: Stage) -> tuple[list[str], int]:
    """The workspaces that are kept, and how many runs."""
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        teams = (await session.execute(select(Workspace.team_id))).scalars().all()
        return sorted(teams), len((await session.execute(select(Run.id))).all())


async def test_a_request_of_a_workspace_that_has_not_installed_it_is_told_to_and_no_more(
    installed: ManyStage,
) -> None:
    calls = len(installed.slack.calls)
    for changed in (
        {"team_id": "T0UNKNOWN01"},
        {"team_id": PARTNER_TEAM},
        {"team_id": ""},
        {"enterprise_id": "E0UNKNOWN01"},
        {"enterprise_id": "E0UNKNOWN01", "is_enterprise_install": "true"},
    ):
        told = await installed.slack.core.dispatcher.interact("slash_commands", command(installed, **changed))
        assert "Origami is not installed here" in str(told.body), changed
    assert await known(installed) == ([HOME_TEAM], 0)
    assert installed.origami.requests == []
    assert [call.method for call in installed.slack.calls[calls:] if call.method != "auth.test"] == []


async def test_the_one_workspaces_token_and_key_serve_no_other(stage: Stage) -> None:
    for team in ("T0UNKNOWN01", PARTNER_TEAM):
        told = await stage.slack.core.dispatcher.interact("slash_commands", command(stage, team_id=team))
        assert "serves another workspace" in str(told.body)
    assert await known(stage) == ([], 0)
    assert stage.origami.requests == []


async def test_a_removal_that_names_nobody_removes_nobody(installed: ManyStage) -> None:
    core = installed.slack.core
    core.dispatcher.event(
        {
            "token": core.app.verification_token,
            "api_app_id": core.app.app_id,
            "event": {"type": "app_uninstalled", "event_ts": "1.2"},
            "type": "event_callback",
            "event_id": "Ev0NOBODY01",
            "event_time": int(core.now()),
            "authorizations": [],
        }
    )
    await installed.slack.until(lambda: core.dispatcher.idle, 30)
    assert (await installed.slack.person("rep").command("#leads", "/origami help")).ok
    assert installed.app is not None
    async with installed.app.context.db.read() as session:
        assert (await session.execute(select(Workspace.left_at))).scalars().all() == [None]
