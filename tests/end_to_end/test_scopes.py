"""What whoever installs the app did not grant is not tried, and people are told what to ask for."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from bot.features import FEATURES
from bot.sandbox.local_slack.default_world import HOME_TEAM
from tests.end_to_end.conftest import Stage, shown, staged
from tests.end_to_end.installing import Browser, connect, installable
from tests.end_to_end.test_audit import modal_of, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BRIEF = "find 20 founders in Austin [each next action]"
UPLOAD = "Upload your customer list to leave them out"
WITHHELD = [feature.scope for feature in FEATURES]
TRIED = (
    "conversations.join",
    "files.info",
    "files.getUploadURLExternal",
    "agents.sessions.setStatus",
    "assistant.threads.setStatus",
    "assistant.threads.setSuggestedPrompts",
    "usergroups.list",
)
"""Whatever needs one of the scopes."""


@contextlib.asynccontextmanager
async def one_workspace(url: str) -> AsyncIterator[Stage]:
    async with staged("socket", url) as stage:
        await stage.stop()
        installed = stage.slack.core.installation(HOME_TEAM)
        installed.scopes = tuple(scope for scope in installed.scopes if scope not in WITHHELD)
        await stage.start()
        yield stage


@contextlib.asynccontextmanager
async def many_workspaces(url: str) -> AsyncIterator[Stage]:
    async with installable("http", url) as stage:
        assert stage.app is not None
        page = await Browser(str(stage.app.url)).install(withhold=",".join(WITHHELD))
        assert page.status == 200
        await connect(stage, HOME_TEAM, "og_live_northwind")
        yield stage


@pytest.fixture(params=[one_workspace, many_workspaces])
async def poor(request: pytest.FixtureRequest, sqlite_url: str, postgresql_url: str) -> AsyncIterator[Stage]:
    """The product where every scope was withheld that may be; it was invited to one channel."""
    async with request.param(sqlite_url if request.param is one_workspace else postgresql_url) as stage:
        stage.slack.person("rep").invite_app("#leads")
        yield stage


async def test_what_was_not_granted_is_never_tried_and_each_place_says_what_is_wanted(poor: Stage) -> None:
    slack, rep = poor.slack, poor.slack.person("rep")
    _, answer = await poor.answer(BRIEF)
    assert (await rep.click(answer, "Get CSV")).ok
    await slack.until(lambda: "`files:write`" in " ".join(shown(one) for one in rep.ephemerals))
    assert (await rep.click(answer, UPLOAD)).ok
    await slack.until(rep.modal)
    assert "`files:read`" in json.dumps(rep.modal().blocks)  # type: ignore[union-attr]
    assert "file_input" not in json.dumps(rep.modal().blocks)  # type: ignore[union-attr]
    await rep.close_modal()
    mention = rep.say("#leads", f"@Origami {BRIEF}", files={"customers.csv": b"Name\nAcme\n"})
    refused = "Slack does not let Origami read"
    await slack.until(lambda: refused in " ".join(shown(one) for one in slack.thread(mention)))
    assert poor.origami.count_admitted_runs() == 1
    assert (await rep.command("#general", f"/origami {BRIEF}")).ok
    await slack.until(lambda: "/invite @Origami" in " ".join(shown(one) for one in rep.ephemerals))
    assert slack.channel("#general").messages == []
    rep.open_home("messages")
    admin = await opened(poor)
    await modal_of(poor, admin, "started a run")
    assert (await admin.click(admin.modal(), "Export as CSV")).ok  # type: ignore[arg-type]
    assert "`files:write`" in await modal_of(poor, admin, "could not be sent")
    tried = {call.method for call in slack.calls} & set(TRIED)
    assert tried == set()


async def test_what_is_granted_later_works_at_once(sqlite_url: str) -> None:
    async with many_workspaces(sqlite_url) as stage:
        rep = stage.slack.person("rep")
        rep.invite_app("#leads")
        opening, answer = await stage.answer(BRIEF)
        assert (await rep.click(answer, "Get CSV")).ok
        await stage.slack.until(lambda: rep.ephemerals)
        assert stage.app is not None
        assert (await Browser(str(stage.app.url)).install()).status == 200
        assert (await rep.click(answer, "Get CSV")).ok
        await stage.slack.until(lambda: any(one.files for one in stage.slack.thread(opening)))
