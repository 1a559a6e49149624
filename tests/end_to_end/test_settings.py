"""Settings: one's own, a channel's and the workspace's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.workspaces.known import workspace_of
from bot.workspaces.preferences import Preferences, preferences_for

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Person
    from tests.end_to_end.conftest import Stage

LEADS = "C0LEADS0001"


async def holds(stage: Stage, who: str = "rep", channel_id: str = LEADS) -> Preferences:
    assert stage.app is not None
    db, person = stage.app.context.db, stage.slack.person(who)
    known = await workspace_of(
        db, team_id=person.user.team_id, enterprise_id="", new_id=stage.app.context.new_id
    )
    return await preferences_for(db, known.id, person.id, channel_id)


async def opened(stage: Stage, person: Person, where: str = "#leads") -> None:
    assert (await person.command(where, "/origami Settings")).ok
    await stage.slack.until(person.modal)


async def test_a_person_sets_how_they_are_told_and_with_which_model(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    await opened(stage, rep)
    chosen = {"notify": "Both", "broadcast": ["Show the answer in the channel too"], "model": "origami-lite"}
    assert (await rep.submit(chosen)).ok
    assert await holds(stage) == Preferences(notify="both", broadcast=True, model="origami-lite")
    assert await holds(stage, "colleague") == Preferences()


async def test_the_form_shows_what_was_set_and_takes_it_back(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    await opened(stage, rep)
    await rep.submit({"notify": "A direct message", "broadcast": ["Show the answer in the channel too"]})
    await opened(stage, rep)
    assert (await rep.submit({"broadcast": []})).ok
    assert await holds(stage) == Preferences(notify="dm")


async def test_an_admin_sets_a_channel_and_the_workspace(stage: Stage) -> None:
    admin = stage.slack.person("admin")
    await opened(stage, admin)
    own = admin.modal()
    assert own is not None
    await admin.click(own, "Whole workspace")
    await stage.slack.until(lambda: admin.modal() is not own)
    given = {"replies": "Anyone in the thread", "remind_minutes": "After 4 hours", "model": "origami-max"}
    assert (await admin.submit(given)).ok
    await admin.click(own, "This channel")
    await stage.slack.until(lambda: admin.modal() is not own)
    assert (await admin.submit({"who_may_stop": "Anyone in the channel"})).ok
    shared = {"replies": "anyone", "remind_minutes": 240, "model": "origami-max"}
    assert await holds(stage) == Preferences(who_may_stop="anyone", **shared)
    assert await holds(stage, channel_id="C0SALES0001") == Preferences(**shared)


@pytest.mark.parametrize("door", ["/origami", "home"])
async def test_a_person_who_is_no_admin_has_no_way_to_shared_settings(stage: Stage, door: str) -> None:
    rep = stage.slack.person("rep")
    if door == "home":
        rep.open_home()
        await stage.slack.until(lambda: rep.home)
        assert rep.home is not None
        assert "Workspace settings" not in str(rep.home.blocks)
        await rep.click(rep.home, "My settings")
        await stage.slack.until(rep.modal)
    else:
        await opened(stage, rep)
    form = rep.modal()
    assert form is not None
    assert "Whole workspace" not in str(form.blocks)


async def test_shared_settings_open_from_home_and_are_refused_to_whoever_is_no_admin_by_now(
    stage: Stage,
) -> None:
    admin = stage.slack.person("admin")
    admin.open_home()
    await stage.slack.until(lambda: admin.home)
    assert admin.home is not None
    await admin.click(admin.home, "Workspace settings")
    await stage.slack.until(admin.modal)
    admin.user.is_admin = admin.user.is_owner = False
    outcome = await admin.submit({"replies": "Anyone in the thread"})
    assert outcome.ok
    form = admin.modal()
    assert form is not None
    assert "Only a Slack admin" in str(form.blocks)
    assert await holds(stage) == Preferences()
