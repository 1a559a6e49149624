"""An Enterprise organisation installs the app once, and gives it to its workspaces one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.sandbox.local_slack import HOME_TEAM, enterprise_world
from bot.sandbox.local_slack.default_world import ENTERPRISE, NORTH_TEAM, SOUTH_TEAM
from storage.records import Run, Workspace, bots
from tests.end_to_end.conftest import labels, shown
from tests.end_to_end.installing import Browser, connect, installable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.end_to_end.installing import ManyStage

BRIEF = "find 50 SaaS founders in Austin who raised seed"
KEYS = {NORTH_TEAM: "og_live_northwind", SOUTH_TEAM: "og_live_contoso"}


@pytest.fixture
async def fabrikam(each_way: tuple[str, str]) -> AsyncIterator[ManyStage]:
    """The product, installed in an organisation that has not given it to any workspace."""
    async with installable(*each_way, enterprise_world()) as stage:
        assert stage.app is not None
        page = await Browser(str(stage.app.url)).install(team=ENTERPRISE)
        assert page.status == 200
        assert f"/manage/{ENTERPRISE}/integrations/profile/{stage.slack.app.app_id}/workspaces" in page.text
        yield stage


async def workspaces(stage: ManyStage) -> dict[str, Workspace]:
    assert stage.app is not None
    async with stage.app.context.db.read() as session:
        return {one.team_id: one for one in (await session.execute(select(Workspace))).scalars()}


async def give(stage: ManyStage, *team_ids: str) -> None:
    """Give the app to workspaces, and connect each with its own key once that is known."""
    stage.slack.grant(ENTERPRISE, *team_ids)
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle, 30)
    for team_id in team_ids:
        await connect(stage, team_id, KEYS[team_id])


async def test_each_workspace_works_with_the_one_token_and_a_key_of_its_own(fabrikam: ManyStage) -> None:
    await give(fabrikam, NORTH_TEAM, SOUTH_TEAM)
    for side in ("north", "south"):
        _, answer = await fabrikam.answer(f"{BRIEF} {side}", who=f"{side}_rep", where=f"#{side}-leads")
        assert "18 leads" in shown(answer)
        assert fabrikam.slack.person(f"{side}_rep").id in answer.text
    assert {request.org for request in fabrikam.origami.requests} == {"Northwind", "Contoso"}
    asked = [call for call in fabrikam.slack.calls if call.team_id not in {ENTERPRISE, ""}]
    assert [call.method for call in asked if call.args.get("team_id") != call.team_id] == []
    assert {call.team_id for call in asked} == {NORTH_TEAM, SOUTH_TEAM}
    assert not [call.method for call in fabrikam.slack.calls if call.error == "missing_argument"]


async def test_what_names_no_workspace_is_about_the_persons_own(fabrikam: ManyStage) -> None:
    """Home, forms and shortcuts of an organisation's installation come without ``team``."""
    await give(fabrikam, NORTH_TEAM)
    rep, admin = fabrikam.slack.person("north_rep"), fabrikam.slack.person("north_admin")
    admin.open_home()
    await fabrikam.slack.until(lambda: admin.home and "Disconnect" in str(admin.home.blocks))
    await rep.shortcut("new_brief")
    await fabrikam.slack.until(rep.modal)
    before = len(fabrikam.slack.channel("#north-leads").messages)
    view = rep.modal()
    assert view is not None
    await rep.fill({"brief": BRIEF, "channel": fabrikam.slack.channel("#north-leads").channel_id})
    assert (await rep.submit()).ok
    await fabrikam.slack.until(lambda: len(fabrikam.slack.channel("#north-leads").messages) > before)
    assert set(await workspaces(fabrikam)) == {NORTH_TEAM}


async def test_whoever_installed_it_is_told_once_what_comes_next(fabrikam: ManyStage) -> None:
    installer = fabrikam.slack.person("north_admin")
    for team_id in (NORTH_TEAM, SOUTH_TEAM):
        fabrikam.slack.grant(ENTERPRISE, team_id)
        await fabrikam.slack.until(lambda: fabrikam.slack.core.dispatcher.idle, 30)
    await fabrikam.slack.until(lambda: installer.dm.messages)
    [welcome] = installer.dm.messages
    assert labels(welcome) == ["Connect Origami"]


async def test_a_workspace_that_is_taken_away_leaves_and_the_other_works_on(fabrikam: ManyStage) -> None:
    await give(fabrikam, NORTH_TEAM, SOUTH_TEAM)
    opening = await fabrikam.ask(f"{BRIEF} [forever]", who="north_rep", where="#north-leads")
    await fabrikam.shows(opening, "Working")
    fabrikam.slack.withdraw(ENTERPRISE, NORTH_TEAM)
    await fabrikam.slack.until(lambda: fabrikam.origami.runs[0].status == "cancelled")
    known = await workspaces(fabrikam)
    assert (known[NORTH_TEAM].left_at is None, known[NORTH_TEAM].sealed_key) == (False, None)
    assert known[SOUTH_TEAM].left_at is None
    _, answer = await fabrikam.answer(BRIEF, who="south_rep", where="#south-leads")
    assert "18 leads" in shown(answer)
    await give(fabrikam, NORTH_TEAM)
    _, again = await fabrikam.answer(f"{BRIEF} again", who="north_rep", where="#north-leads")
    assert "18 leads" in shown(again)
    assert (await workspaces(fabrikam))[NORTH_TEAM].left_at is None


@pytest.mark.parametrize("revoked_first", [False, True])
async def test_an_organisation_that_removes_the_app_takes_all_its_workspaces_along(
    fabrikam: ManyStage, *, revoked_first: bool
) -> None:
    assert fabrikam.app is not None
    await give(fabrikam, NORTH_TEAM, SOUTH_TEAM)
    assert (await Browser(str(fabrikam.app.url)).install(team=HOME_TEAM)).status == 200
    opening = await fabrikam.ask(f"{BRIEF} [forever]", who="south_rep", where="#south-leads")
    await fabrikam.shows(opening, "Working")
    fabrikam.slack.uninstall(ENTERPRISE, revoked_first=revoked_first)
    await fabrikam.slack.until(lambda: fabrikam.slack.core.dispatcher.idle, 30)
    await fabrikam.slack.until(lambda: fabrikam.origami.runs[0].status == "cancelled")
    known = await workspaces(fabrikam)
    assert {team_id for team_id, one in known.items() if one.left_at} == {NORTH_TEAM, SOUTH_TEAM}
    assert [one.sealed_key for one in known.values()] == [None, None, None]
    async with fabrikam.app.context.db.read() as session:
        assert [row.team_id for row in (await session.execute(select(bots))).all()] == [HOME_TEAM]
        [run] = (await session.execute(select(Run))).scalars()
    assert (run.state, run.due_at) == ("finished", None)


async def test_a_workspace_that_installed_it_by_itself_stays_when_the_organisation_leaves(
    fabrikam: ManyStage,
) -> None:
    assert fabrikam.app is not None
    await give(fabrikam, NORTH_TEAM)
    assert (await Browser(str(fabrikam.app.url)).install(team=SOUTH_TEAM)).status == 200
    fabrikam.slack.uninstall(ENTERPRISE)
    await fabrikam.slack.until(lambda: fabrikam.slack.core.dispatcher.idle, 30)
    known = await workspaces(fabrikam)
    assert {team_id: one.left_at is None for team_id, one in known.items()} == {
        NORTH_TEAM: False,
        SOUTH_TEAM: True,
    }


async def test_installed_again_the_new_token_serves_what_runs(fabrikam: ManyStage) -> None:
    assert fabrikam.app is not None
    await give(fabrikam, NORTH_TEAM)
    opening = await fabrikam.ask(f"{BRIEF} [forever]", who="north_rep", where="#north-leads")
    await fabrikam.shows(opening, "Working")
    old = fabrikam.slack.token(ENTERPRISE)
    assert (await Browser(str(fabrikam.app.url)).install(team=ENTERPRISE)).status == 200
    assert fabrikam.slack.token(NORTH_TEAM) != old
    await fabrikam.slack.person("north_rep").click(opening, "Stop")
    [answer] = await fabrikam.replies(opening)
    assert fabrikam.slack.person("north_rep").id in answer.text
