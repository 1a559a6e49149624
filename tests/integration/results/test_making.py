"""The making of a file between a database and an Origami that misbehaves."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select

from bot import origami
from bot.metrics import Metrics
from bot.origami import Priority, ceiling
from bot.results import making
from bot.runs.context import Pace
from storage import budgets, exports
from storage.database import Database
from storage.records import Budget, Delivery, Export, ExportState
from tests.integration.storage.test_exports import claimed, want
from tests.spreadsheets import read_csv

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.exports import Claim
    from storage.records import Workspace

PACE = Pace(tick=0.01, lease=5.0, backoff_base=0.001, share_shows=0.01)


def page(*ids: int, cursor: str | None = None) -> origami.RowPage:
    rows = tuple(origami.Row.model_validate({"id": str(one), "cells": {"name": f"P{one}"}}) for one in ids)
    return origami.RowPage(rows, cursor, None)


@dataclass
class FakeOrigami:
    """Answers by cursor; errors are raised."""

    by_cursor: dict[str | None, Any] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)
    failures: deque[Exception] = field(default_factory=deque)

    def client(self, _workspace: Workspace) -> Any:
        return self

    def budget_name(self, _workspace: Workspace) -> str:
        return "key"

    async def table(self, table_id: str) -> origami.Table:
        return origami.Table(
            id=table_id, name="People", columns=(origami.Column(id="c", name="Name", slug="name"),)
        )

    async def rows(self, _table_id: str, *, cursor: str | None) -> origami.RowPage:
        self.asked.append(cursor)
        if self.failures:
            raise self.failures.popleft()
        found = self.by_cursor[cursor]
        return found() if callable(found) else found


@dataclass
class FakeShare:
    """Takes every file; ``standing`` are the files that are in Slack."""

    standing: set[str] = field(default_factory=set)
    names: list[list[str]] = field(default_factory=list)
    partial: list[str | None] = field(default_factory=list)

    async def stands(self, claim: Claim) -> bool:
        return claim.export.slack_file_id in self.standing

    async def share(self, claim: Claim, made: making.Made) -> None:
        made.content.seek(0)
        self.names.append([row[0] for row in read_csv(made.content.read())[1:]])
        self.partial.append(made.partial)


@dataclass
class Tools:
    db: Database
    origami: FakeOrigami = field(default_factory=FakeOrigami)
    owner: str = "me"
    pace: Pace = PACE
    metrics: Metrics = field(default_factory=Metrics.create)
    numbers: Any = field(default_factory=itertools.count)

    def new_id(self) -> str:
        return f"id-{next(self.numbers)}"

    def wake(self, tick: str) -> None:
        pass

    def backoff(self, attempts: int) -> float:
        return 0.001


@pytest.fixture
async def tools(sqlite_url: str) -> AsyncIterator[Tools]:
    db = Database(sqlite_url)
    yield Tools(db)
    await db.close()


async def made(tools: Tools, share: FakeShare | None = None) -> FakeShare:
    """One wanted export, worked on once."""
    share = share or FakeShare()
    await want(tools.db)
    [claim] = await making.claim(tools, 5)
    await making.work(tools, share, claim)
    return share


async def left(tools: Tools) -> tuple[str, Any]:
    async with tools.db.read() as session:
        export = await session.get_one(Export, "e1")
        return export.state, (export.reason or {}).get("code")


async def test_a_list_that_begins_again_ends_the_reading_and_doubles_nothing(tools: Tools) -> None:
    tools.origami.by_cursor = {
        None: page(1, 2, cursor="b"),
        "b": page(3, 4, cursor="gone"),
        "gone": page(1, 2, cursor="b"),
    }
    share = await made(tools)
    assert share.names == [["P1", "P2", "P3", "P4"]]
    assert share.partial == ["restarted"]
    assert tools.origami.asked == [None, "b", "gone"]
    assert await left(tools) == (ExportState.DONE, None)


async def test_new_cursors_without_new_rows_come_to_an_end(tools: Tools) -> None:
    tools.origami.by_cursor = {None: page(1, cursor="c0")}
    tools.origami.by_cursor |= {f"c{n}": page(1, cursor=f"c{n + 1}") for n in range(50)}
    share = await made(tools)
    assert share.names == [["P1"]]
    assert len(tools.origami.asked) == 1 + making.BARREN_PAGES


async def test_what_passes_is_waited_out(tools: Tools) -> None:
    tools.origami.by_cursor = {None: page(1, cursor="b"), "b": page(2)}
    throttled = origami.TooManyRequests("slow down", status=429, retry_after=0.0)
    tools.origami.failures.extend([origami.Unavailable("x"), throttled, origami.Unreachable("y")])
    share = await made(tools)
    assert (share.names, share.partial) == ([["P1", "P2"]], [None])


async def test_nothing_is_read_while_the_minutes_requests_are_spent(tools: Tools) -> None:
    tools.origami.by_cursor = {None: page(1)}
    async with tools.db.write() as session:
        most = ceiling(Priority.READ)
        await budgets.spend(session, "key", want=most, ceiling=most)
    making = asyncio.create_task(made(tools))
    done, _ = await asyncio.wait({making}, timeout=0.2)
    assert (done, tools.origami.asked) == (set(), [])
    async with tools.db.write() as session:
        await session.execute(delete(Budget))
    assert (await making).names == [["P1"]]


async def test_a_file_that_stands_already_is_not_made_again(tools: Tools) -> None:
    await want(tools.db)
    [before] = await claimed(tools.db, "dead/1", lease=-1.0)
    async with tools.db.write() as session:
        await exports.write_back(session, before, slack_file_id="F1")
    [claim] = await making.claim(tools, 5)
    share = FakeShare(standing={"F1"})
    await making.work(tools, share, claim)
    assert (share.names, tools.origami.asked) == ([], [])
    assert await left(tools) == (ExportState.DONE, None)


async def test_an_export_that_kills_its_process_again_and_again_is_given_up_and_told(tools: Tools) -> None:
    await want(tools.db)
    for _ in range(making.MOST_ATTEMPTS):
        await claimed(tools.db, "dead/1", lease=-1.0)
    [claim] = await making.claim(tools, 5)
    await making.work(tools, FakeShare(), claim)
    assert await left(tools) == (ExportState.FAILED, "EXPORT_GAVE_UP")
    async with tools.db.read() as session:
        [notice] = (await session.execute(select(Delivery))).scalars()
    assert (notice.recipient_id, notice.payload["code"]) == ("U", "export_failed")


async def test_who_has_lost_the_lease_writes_nothing_and_shares_nothing(tools: Tools) -> None:
    await want(tools.db)
    [mine] = await making.claim(tools, 5)

    async def taken_over() -> None:
        async with tools.db.write() as session:
            await exports.release_all(session, "me")
        await claimed(tools.db, "other/1")

    async def rows(_table_id: str, *, cursor: str | None) -> origami.RowPage:
        await taken_over()
        return page(1)

    tools.origami.rows = rows  # type: ignore[method-assign]
    share = FakeShare()
    await making.work(tools, share, mine)
    assert share.names == []
    assert await left(tools) == (ExportState.PENDING, None)


async def test_a_lease_that_is_lost_while_reading_stops_the_reading(tools: Tools) -> None:
    tools.pace = Pace(tick=0.01, lease=60.0)
    tools.origami.by_cursor = {None: page(1)}
    started = asyncio.Event()

    async def rows(_table_id: str, *, cursor: str | None) -> origami.RowPage:
        started.set()
        await asyncio.Event().wait()
        return page(1)

    tools.origami.rows = rows  # type: ignore[method-assign]
    await want(tools.db)
    [mine] = await making.claim(tools, 5)
    tools.pace = Pace(tick=0.01, lease=0.6)  # a third of it is soon over, and then nothing is lost yet
    working = asyncio.create_task(making.work(tools, FakeShare(), mine))
    await asyncio.wait_for(started.wait(), 60)
    async with tools.db.write() as session:
        await exports.release_all(session, "me")
    await asyncio.wait_for(working, 5)
    assert await left(tools) == (ExportState.PENDING, None)
