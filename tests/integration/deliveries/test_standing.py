"""What stands in Slack is written down together, and nobody's trouble is another's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select, update

from bot.deliveries.standing import Stands, write_down
from bot.deliveries.tools import Tools
from bot.runs import opened
from storage import deliveries, runs, watches
from storage.database import Database
from storage.records import Delivery, DeliveryKind, DeliveryState, Run, RunState, Thread, Watch
from storage.runs import LeaseLostError
from tests.integration.storage.test_claims import owe, seed

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class NoClients:
    """Nobody is written to."""

    async def ready(self, *_: object) -> None:
        pass


class Stage:
    """The tools of a sender, what it woke, and what it has claimed."""

    def __init__(self, db: Database) -> None:
        self.db, self.ids = db, count()
        self.woken: list[str] = []
        self.more_is_due = asyncio.Event()

    @property
    def tools(self) -> Tools:
        unused = cast("Any", None)
        return Tools(
            db=self.db,
            at_once=self.db,
            clients=cast("Any", NoClients()),
            http=unused,
            consequences=opened,
            readers=unused,
            audiences=unused,
            clock=lambda: datetime.now(UTC),
            new_id=lambda: f"id-{next(self.ids)}",
            backoff=lambda _: 1.0,
            posts_apart=0.0,
            sessions=unused,
            wake=self._wake,
            owner="me",
        )

    def _wake(self, tick: str) -> None:
        self.woken.append(tick)
        if tick == "deliver":
            self.more_is_due.set()

    async def claimed(self) -> list[Delivery]:
        async with self.db.write() as session:
            return await deliveries.claim_posts(session, owner="me/1", limit=100, lease_seconds=60)

    async def write_down(self, *claimed: Delivery, parts: int = 1) -> list[Exception | None]:
        return await write_down(self.tools, [Stands(one, f"{one.id}.0", parts) for one in claimed])

    async def now(self) -> dict[str, Delivery]:
        async with self.db.read() as session:
            found = (await session.execute(select(Delivery).order_by(Delivery.id))).scalars()
            return {one.token: one for one in found}


async def answers(db: Database, names: str, **values: Any) -> None:
    """Finished runs, each in a channel of its own, whose answers are owed."""
    for name in names:
        await seed(db, {"id": name, "state": RunState.FINISHED, **values}, channel=f"C{name}")
        await owe(db, name, channel=f"C{name}")


async def test_all_are_written_each_with_what_follows(db: Database) -> None:
    stage = Stage(db)
    await answers(db, "ab")
    await seed(db, {"id": "c"}, channel="Cc")
    await owe(db, "c", kind="opening", channel="Cc")
    async with db.write() as session:
        await watches.keep(session, [watches.New("a", "W", "t1", None)])
        await session.execute(update(Watch).values(rows="[]"))
    assert await stage.write_down(*await stage.claimed(), parts=2) == [None, None, None]
    now = await stage.now()
    for token in ("a-answer-0", "b-answer-0", "c-opening-0"):
        one = now.pop(token)
        assert (one.state, one.ts, one.lease_owner) == (DeliveryState.SENT, f"{one.id}.0", None)
        assert one.posted_at is not None
    assert sorted((one.run_id, one.kind, one.sequence) for one in now.values()) == [
        ("a", "answer", 1),
        ("a", "preview", 0),
        ("b", "answer", 1),
    ]
    async with db.read() as session:
        thread = await session.get_one(Thread, "t-c")
        assert thread.thread_ts is not None
        assert (await session.get_one(Run, "c")).state == RunState.SUBMITTING
    async with asyncio.timeout(60):
        await stage.more_is_due.wait()
    assert set(stage.woken) == {"submit", "deliver"}


async def test_one_that_lost_its_lease_does_not_undo_the_others(db: Database) -> None:
    stage = Stage(db)
    await answers(db, "abc")
    claimed = await stage.claimed()
    async with db.write() as session:
        await session.execute(
            update(Delivery).where(Delivery.run_id == "b").values(lease_owner="somebody else")
        )
    errors = await stage.write_down(*claimed)
    assert [type(one) for one in errors] == [type(None), LeaseLostError, type(None)]
    now = await stage.now()
    assert [one.state for one in now.values()] == ["sent", "sending", "sent"]
    assert now["b-answer-0"].ts is None


async def test_a_later_version_stays_owed_and_is_sent_at_once(db: Database) -> None:
    stage = Stage(db)
    await answers(db, "ab")
    claimed = await stage.claimed()
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.ANSWER)
    assert await stage.write_down(*claimed) == [None, None]
    assert [one.state for one in (await stage.now()).values()] == ["pending", "sent"]
    assert stage.woken == ["deliver"]


async def test_what_cannot_be_written_together_is_written_one_by_one(db: Database, monkeypatch: Any) -> None:
    stage, plain = Stage(db), opened.opening_posted

    async def posted(session: AsyncSession, delivery: Delivery, ts: str) -> None:
        if delivery.run_id == "bad":
            raise OSError("the disk is full")
        await plain(session, delivery, ts)

    monkeypatch.setattr(opened, "opening_posted", posted)
    for name in ("bad", "good"):
        await seed(db, {"id": name}, channel=f"C{name}")
        await owe(db, name, kind="opening", channel=f"C{name}")
    errors = await stage.write_down(*await stage.claimed())
    assert [type(one) for one in errors] == [OSError, type(None)]
    assert [one.state for one in (await stage.now()).values()] == ["sending", "sent"]


async def test_a_run_about_which_somebody_decides_holds_up_its_own_message_alone(postgresql_url: str) -> None:
    db = Database(postgresql_url)
    stage = Stage(db)
    await answers(db, "abc")
    claimed = await stage.claimed()
    async with db.write() as session:
        await runs.hold(session, "b")
        writing = asyncio.create_task(stage.write_down(*claimed))
        async with asyncio.timeout(60):
            while [one.state for one in (await stage.now()).values()] != ["sent", "sending", "sent"]:
                pass
        assert not writing.done()
    assert await writing == [None, None, None]
    assert {one.state for one in (await stage.now()).values()} == {"sent"}
    await db.close()
