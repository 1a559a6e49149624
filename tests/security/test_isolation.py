"""Two workspaces on one database: whoever has the other's ids gets nothing by them."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs

from bot.sandbox.local_slack.default_world import HOME_TEAM, PARTNER_TEAM
from bot.views import ids
from bot.web import EVENTS_PATH
from bot.workspaces.connecting import Connecting
from bot.workspaces.connection import KeyOfEach
from bot.workspaces.known import workspace_of
from storage.records.base import Base
from tests.end_to_end.installing import Browser, installable
from tests.security.corpus import Place, encoded
from tests.security.in_process import hearing, post
from tests.security.signing import signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.types import ASGIApp

    from tests.end_to_end.installing import ManyStage

Sent = tuple[str, dict[str, Any]]
"""How it is sent (``form``, ``payload``, ``json``), and what."""
SECRET_WORD = "zebrafish"
"""Stands in every brief of the one workspace, and nowhere else."""
THEIR_ADMIN, THEIR_CHANNEL = "U0EVIADMIN2", "C0EUROPE001"
EACH = 3 if os.environ.get("WAYS") == "all" else 1
"""So many values of each column of each table go through every listener; each other one through a share."""
SHARE = 8
"""Of so many payloads one, another for each id: all of them together go through every listener again."""
LEAVING = {ids.FORGET, ids.DISCONNECT}
AT_ONCE = 8


@pytest.fixture
async def both(database_url: str) -> AsyncIterator[tuple[ManyStage, ASGIApp]]:
    """Northwind and Contoso, each connected with its own key; Northwind has worked."""
    async with installable("http", database_url) as stage:
        assert stage.app is not None
        for team in (HOME_TEAM, PARTNER_TEAM):
            assert (await Browser(str(stage.app.url)).install(team=team)).status == 200
        await connect(stage, HOME_TEAM, "U0CLAADMIN1", "og_live_northwind")
        await connect(stage, PARTNER_TEAM, THEIR_ADMIN, "og_live_contoso")
        for tag in ("three questions", "each action", ""):
            await stage.answer(f"find {SECRET_WORD} breeders [{tag}]" if tag else f"find {SECRET_WORD} farms")
        await work(stage)
        await stage.stop()
        # Slack knows none of their trigger ids: each form that is not opened would be logged, at some length.
        with capture_logs():
            async with hearing(stage.settings) as (app, site):
                stage.app = app
                yield stage, site


async def connect(stage: ManyStage, team: str, user: str, key: str) -> None:
    assert stage.app is not None
    context = stage.app.context
    assert isinstance(context.origami, KeyOfEach)
    known = await workspace_of(context.db, team_id=team, enterprise_id="", new_id=context.new_id)
    standing = await Connecting(context.db, context.origami).connect(known, user, key)
    assert standing.error is None


async def id_of(stage: ManyStage, team: str) -> str:
    assert stage.app is not None
    context = stage.app.context
    return (await workspace_of(context.db, team_id=team, enterprise_id="", new_id=context.new_id)).id


async def work(stage: ManyStage) -> None:
    """A file, a recurring brief, settings: one row of each kind."""
    slack = stage.slack
    opening = slack.channel("#leads").messages[-1]
    [answer] = await stage.replies(opening)
    rep = slack.person("rep")
    assert (await rep.click(answer, "Get CSV")).ok
    assert (await rep.command("#leads", "/origami schedule")).ok
    await slack.until(rep.modal)
    assert (await rep.submit({"prompt": f"find {SECRET_WORD} farms"})).ok
    await rep.close_modal()
    assert (await rep.click(answer, "Helpful")).ok


async def rows_of(stage: ManyStage, workspace_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is kept of a workspace, by table."""
    assert stage.app is not None
    found = {}
    async with stage.app.context.db.read() as session:
        for table in Base.metadata.sorted_tables:
            if "workspace_id" in table.c:
                rows = await session.execute(select(table).where(table.c.workspace_id == workspace_id))
                found[table.name] = sorted(map(repr, rows.all()))
    return found  # type: ignore[return-value]


@dataclass(frozen=True)
class Ids:
    """Every id that is kept of a workspace: of rows, of Origami's things, of Slack's."""

    some: set[str]
    """A few of each column."""
    others: set[str]

    @property
    def every(self) -> set[str]:
        return self.some | self.others


async def ids_of(stage: ManyStage, workspace_id: str) -> Ids:
    """The ids that are kept of a workspace."""
    assert stage.app is not None
    some, others = {workspace_id, HOME_TEAM}, set[str]()
    async with stage.app.context.db.read() as session:
        for table in Base.metadata.sorted_tables:
            if "workspace_id" not in table.c:
                continue
            for column in table.c:
                if column.name not in {"id", "token", "thread_ts"} and not column.name.endswith("_id"):
                    continue
                values = select(column).where(table.c.workspace_id == workspace_id).distinct()
                kept = (await session.execute(values)).scalars()
                known = sorted(str(value) for value in kept if value is not None)
                some |= set(known[:EACH])
                others |= set(known[EACH:])
    return Ids(some, others - some)


async def replay(site: ASGIApp, secret: str, everything: Iterable[Sent], *, leaving: bool) -> int:
    """Send what a place can send: all but what makes it leave, or with ``leaving`` only that."""
    waiting = iter([one for one in everything if is_leaving(one[1]) == leaving])
    sent = 0

    async def send() -> None:
        nonlocal sent
        for kind, payload in waiting:
            body = encoded(kind, payload)
            headers = signed(secret, body) | {"Content-Type": "application/x-www-form-urlencoded"}
            assert await post(site, EVENTS_PATH, body, headers) in {200, 400}, payload
            sent += 1

    await asyncio.gather(*(send() for _ in range(1 if leaving else AT_ONCE)))
    return sent


def is_leaving(payload: dict[str, Any]) -> bool:
    return bool(payload.get("actions")) and payload["actions"][0]["action_id"] in LEAVING


async def test_with_every_id_of_one_workspace_the_other_reaches_nothing(
    both: tuple[ManyStage, ASGIApp],
) -> None:
    stage, site = both
    assert stage.app is not None
    context, secret = stage.app.context, stage.slack.app.signing_secret
    ours = (await workspace_of(context.db, team_id=HOME_TEAM, enterprise_id="", new_id=context.new_id)).id
    theirs = (
        await workspace_of(context.db, team_id=PARTNER_TEAM, enterprise_id="", new_id=context.new_id)
    ).id
    known, before = await ids_of(stage, ours), await rows_of(stage, ours)
    assert known.others
    assert all(before[name] for name in ("runs", "threads", "choices", "exports", "schedules", "feedback"))
    slack_before, asked_before = len(stage.slack.calls), len(stage.origami.requests)
    unscoped: list[str] = []

    def look(_c: Any, _cursor: Any, statement: str, given: Any, _x: Any, _many: bool) -> None:
        values = {str(value) for value in (given.values() if isinstance(given, dict) else given)}
        # A small number is also the limit of a query.
        rows = {one for one in known.every - {HOME_TEAM} if len(one) > 8} & values
        if rows and theirs not in values and not statement.startswith("INSERT INTO inbox"):
            unscoped.append(f"{statement} with {rows} {given}")

    bot = stage.slack.core.installation(PARTNER_TEAM).bot_user_id
    place = Place(PARTNER_TEAM, THEIR_ADMIN, THEIR_CHANNEL, bot, given=(HOME_TEAM,))
    everything = list(replace(place, subjects=sorted(known.some)).everything())
    for turn, subject in enumerate(sorted(known.others)):
        carrying = [one for one in replace(place, subjects=(subject,)).everything() if subject in repr(one)]
        everything += carrying[turn % SHARE :: SHARE]
    event.listen(context.db.engine.sync_engine, "before_cursor_execute", look)
    sent = await replay(site, secret, everything, leaving=False)
    await settled()
    event.remove(context.db.engine.sync_engine, "before_cursor_execute", look)
    assert sent > 20 * len(known.some)
    assert sorted(set(unscoped)) == []
    await replay(site, secret, everything, leaving=True)
    await settled()
    assert await rows_of(stage, ours) == before
    for call in stage.slack.calls[slack_before:]:
        assert SECRET_WORD not in repr(call.args), call.method
        assert call.team_id == PARTNER_TEAM
    assert {record.org for record in stage.origami.requests[asked_before:]} <= {"Contoso"}


async def settled() -> None:
    """Until whatever the handlers hold has ended; each is named in words."""
    while held := [task for task in asyncio.all_tasks() if " " in task.get_name()]:
        await asyncio.wait(held)
