"""Which dropped messages are owed again, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update

from bot.runs.redeliver import Redelivery, redeliver
from storage.audit import OPERATOR
from storage.records import AuditEntry, Delivery, DeliveryState, Run, RunState, Thread, Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from storage.database import Database


async def dropped(db: Database, kind: str, **values: Any) -> None:
    async with db.write() as session:
        ours: dict[str, Any] = {"workspace_id": "w", "requester_id": "U1"}
        session.add(Workspace(id="w", team_id="T1"))
        await session.flush()
        session.add(Thread(id="t", channel_id="C1", **ours))
        await session.flush()
        session.add(Run(id="r", thread_id="t", source="command", prompt="p", state=RunState.FINISHED, **ours))
        await session.flush()
        row = {"token": "x", "workspace_id": "w", "run_id": "r", "kind": kind, "channel_id": "C1"}
        more = {"subject": "", "sequence": 0, "payload": {}, "attempts": 3, "dropped_reason": "is_archived"}
        state = {"state": DeliveryState.DROPPED}
        await session.execute(insert(Delivery).values({**row, **more, **state, **values}))


async def retried(db: Database) -> tuple[Redelivery, Delivery, list[str]]:
    async with db.write() as session:
        done = await redeliver(session, await session.get_one(Run, "r"), actor_id=OPERATOR)
    async with db.read() as session:
        delivery = (await session.execute(select(Delivery))).scalar_one()
        acts = list((await session.execute(select(AuditEntry.action))).scalars())
    return done, delivery, acts


async def test_what_was_never_posted_is_looked_for_first(db: Database) -> None:
    await dropped(db, "answer")
    done, delivery, acts = await retried(db)
    assert len(done.again) == 1
    assert (delivery.state, delivery.uncertain, delivery.attempts) == ("pending", True, 0)
    assert delivery.dropped_reason is None
    assert acts == ["retry_delivery"]


async def test_what_stands_is_only_updated(db: Database) -> None:
    await dropped(db, "opening", ts="1.2", shown="what it read before")
    _, delivery, _ = await retried(db)
    assert (delivery.state, delivery.uncertain, delivery.ts) == ("pending", False, "1.2")
    assert delivery.shown is None, "an update that came to nothing may have come through"


async def test_a_notice_goes_by_direct_message(db: Database) -> None:
    await dropped(db, "notice", payload={"code": "stop_late", "response_url": "https://hooks.slack.com/x"})
    _, delivery, _ = await retried(db)
    assert delivery.attempts == 1, "with none it would go to the response_url, which is over"


@pytest.mark.parametrize(
    ("kind", "values", "why"),
    [
        ("opening", {}, "without being started"),
        ("preview", {"dropped_reason": "nothing_to_say"}, "nothing left to say"),
    ],
)
async def test_what_can_come_to_nothing_is_left(
    db: Database, kind: str, values: dict[str, Any], why: str
) -> None:
    await dropped(db, kind, **values)
    done, delivery, acts = await retried(db)
    [(_, told)] = done.left
    assert why in told
    assert (delivery.state, acts) == ("dropped", [])


async def test_nothing_is_owed_to_a_workspace_that_has_left(db: Database) -> None:
    await dropped(db, "answer")
    async with db.write() as session:
        await session.execute(update(Workspace).values(left_at=database_now()))
    done, _, _ = await retried(db)
    [(_, told)] = done.left
    assert "not installed" in told


@pytest.mark.parametrize("state", ["pending", "sending", "sent"])
async def test_what_was_not_dropped_is_left_alone(db: Database, state: str) -> None:
    await dropped(db, "answer", state=state)
    done, delivery, acts = await retried(db)
    assert (done, delivery.state, acts) == (Redelivery(), state, [])
