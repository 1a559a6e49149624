"""When a table is read again, what is kept, and when it is let go: with an Origami that says what we like."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot import origami
from bot.origami import Row, RowPage, Table
from bot.results import found
from bot.results import watch as results
from bot.runs.context import Context, Pace
from storage import budgets
from storage.records import Delivery, DeliveryState, Watch, WatchEnd
from storage.times import database_now
from tests.integration.storage.test_claims import owe
from tests.integration.storage.test_watches import watch

if TYPE_CHECKING:
    from storage.database import Database

ROWS = [{"id": f"r{number}", "cells": {"name": f"Lead {number}"}} for number in range(3)]


@dataclass
class FakeOrigami:
    """Answers with a table, or raises."""

    answers: list[dict[str, Any] | origami.OrigamiError] = field(default_factory=list)
    rows_of: list[dict[str, Any]] = field(default_factory=lambda: list(ROWS))
    asked: int = 0

    def client(self, workspace: object) -> FakeOrigami:
        return self

    def budget_name(self, workspace: object) -> str:
        return "origami:key"

    async def table(self, table_id: str, *, stats: bool) -> Table:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, origami.OrigamiError):
            raise answer
        return Table.read({"id": table_id, "leadCount": 3, "columns": [{"id": "c", "slug": "name"}]} | answer)

    async def rows(self, table_id: str, *, limit: int) -> RowPage:
        found = tuple(Row.model_validate(row) for row in self.rows_of)
        return RowPage(found, None, len(found))


@dataclass
class Stage:
    db: Database
    origami: FakeOrigami
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    ids: count[int] = field(default_factory=count)

    @property
    def tools(self) -> Context:
        return Context(
            db=self.db,
            origami=self.origami,  # type: ignore[arg-type]
            clock=lambda: self.now,
            new_id=lambda: f"id-{next(self.ids)}",
            jitter=lambda: 0.0,
            wake=lambda _: None,
            owner="me",
            files=None,  # type: ignore[arg-type]
            pace=Pace(),
        )

    async def tick(self) -> bool:
        """Read what is due; False when nothing is."""
        claims = await results.claim(self.tools, 10)
        for claim in claims:
            await found.write_down(self.tools, [await results.read(self.tools, claim)])
        return bool(claims)

    async def kept(self) -> Watch:
        async with self.db.read() as session:
            found = await session.get(Watch, "a", populate_existing=True)
        assert found is not None
        return found

    async def due_in(self) -> float:
        """Seconds until it is read again; time is moved there."""
        kept = await self.kept()
        assert kept.due_at is not None
        async with self.db.write() as session:
            await session.execute(update(Watch).values(due_at=database_now()))
        seconds = (kept.due_at - datetime.now(UTC)).total_seconds()
        self.now += timedelta(seconds=seconds)
        return seconds


@pytest.fixture
async def stage(db: Database) -> Stage:
    await watch(db, "a")
    return Stage(db, FakeOrigami())


def about(*seconds: float) -> object:
    """Waits as they are found in the database a moment later."""
    return pytest.approx(seconds, abs=3)


RUNNING: dict[str, Any] = {"cells": {"running": 4}}
DONE: dict[str, Any] = {"cells": {"errored": 1}}


async def test_a_table_is_read_ever_more_slowly_and_not_after_ten_minutes(stage: Stage) -> None:
    stage.origami.answers = [RUNNING]
    waits: list[float] = []
    while await stage.tick() and (await stage.kept()).ended is None:
        waits.append(await stage.due_in())
    assert tuple(waits[:4]) == about(20, 20, 40, 60)
    assert tuple(waits[4:]) == about(*[60] * (len(waits) - 4))
    assert 480 <= sum(waits) <= 600
    assert (await stage.kept()).ended == WatchEnd.GAVE_UP


async def test_a_table_whose_cells_are_done_is_read_once(stage: Stage) -> None:
    stage.origami.answers = [DONE]
    assert await stage.tick()
    kept = await stage.kept()
    assert (kept.ended, kept.due_at) == (WatchEnd.COMPLETE, None)
    assert not await stage.tick()


async def test_a_table_that_is_gone_is_let_go_and_what_was_seen_is_kept(stage: Stage) -> None:
    stage.origami.answers = [RUNNING, origami.TableNotFound("no table", status=404)]
    await stage.tick()
    await stage.due_in()
    await stage.tick()
    kept = await stage.kept()
    assert kept.ended == WatchEnd.GONE
    assert kept.rows is not None
    assert "Lead 2" in kept.rows


async def test_failures_back_off_respect_retry_after_and_end_with_the_time(stage: Stage) -> None:
    stage.origami.answers = [
        origami.Unavailable("down", status=503),
        origami.Unreachable("no connection"),
        origami.TooManyRequests("slow down", status=429, retry_after=50.0),
        origami.KeyRefused("no", status=401),
        RUNNING,
        origami.TooManyRequests("slow down", status=429, retry_after=3_600.0),
    ]
    waits = []
    for _ in range(5):
        await stage.tick()
        waits.append(await stage.due_in())
    assert tuple(waits) == about(0, 0, 50, 0, 50)
    assert (await stage.kept()).attempts == 0
    await stage.tick()
    assert (await stage.kept()).ended == WatchEnd.GAVE_UP


async def test_only_what_a_preview_needs_is_kept(stage: Stage) -> None:
    stage.origami.answers = [DONE | {"columns": [{"id": f"c{n}", "slug": f"s{n}"} for n in range(500)]}]
    wide = {f"s{n}": "x" * 100_000 for n in range(50)}
    stage.origami.rows_of = [{"id": str(number), "cells": wide} for number in range(30)]
    await stage.tick()
    kept = await stage.kept()
    assert kept.rows is not None
    assert kept.table is not None
    assert len(kept.rows) < 400_000
    assert len(kept.table) < 10_000


async def test_an_empty_view_leaves_nothing_to_show_until_there_is_something(stage: Stage) -> None:
    stage.origami.answers, stage.origami.rows_of = [RUNNING], []
    await stage.tick()
    kept = await stage.kept()
    assert (kept.rows, kept.table is None) == (None, False)
    stage.origami.rows_of = list(ROWS)
    await stage.due_in()
    await stage.tick()
    assert (await stage.kept()).rows is not None


async def test_a_spent_minute_puts_a_reading_off_and_loses_nothing(stage: Stage) -> None:
    stage.origami.answers = [RUNNING]
    async with stage.db.write() as session:
        await budgets.spend(session, "origami:key", want=59, ceiling=80)
    assert not await stage.tick()
    assert stage.origami.asked == 0
    kept = await stage.kept()
    assert (kept.lease_owner, kept.ended) == (None, None)
    assert kept.due_at is not None


async def test_what_is_found_together_is_written_together_and_under_each_ones_own_lease(stage: Stage) -> None:
    await watch(stage.db, "b", table_id="t2")
    await watch(stage.db, "c", table_id="t3")
    for name in "abc":
        await owe(stage.db, name)
    async with stage.db.write() as session:
        await session.execute(update(Delivery).values(ts="1.0", state=DeliveryState.SENT))
    stage.origami.answers = [{"cells": {"running": 0}}]
    claims = await results.claim(stage.tools, 10)
    async with stage.db.write() as session:
        await session.execute(update(Watch).where(Watch.run_id == "b").values(lease_owner="another"))
    await found.write_down(stage.tools, [await results.read(stage.tools, claim) for claim in claims])
    async with stage.db.read() as session:
        kept = {one.run_id: one for one in (await session.execute(select(Watch))).scalars()}
        told = (await session.execute(select(Delivery).order_by(Delivery.id))).scalars().all()
    assert {name: one.ended for name, one in kept.items()} == {"a": "complete", "b": None, "c": "complete"}
    assert {name: one.lease_owner for name, one in kept.items()} == {"a": None, "b": "another", "c": None}
    assert kept["b"].table is None
    answers = {one.run_id: one.state for one in told if one.kind == "answer"}
    assert answers == {"a": "pending", "b": "sent", "c": "pending"}
    assert sorted(one.run_id for one in told if one.kind == "preview") == ["a", "c"]
