"""What is put by while somebody lets the channel see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.deliveries.aside import Occasion, put_by
from bot.deliveries.audience import UNKNOWN
from bot.deliveries.tools import lease_of
from storage import discretion
from storage.records import Delivery, DeliveryState, Run, Workspace
from tests.integration.deliveries.test_standing import Stage, answers

if TYPE_CHECKING:
    from storage.database import Database


async def states(db: Database) -> list[tuple[str, str]]:
    async with db.read() as session:
        found = await session.execute(select(Delivery.kind, Delivery.state).order_by(Delivery.id))
        return [(kind, state) for kind, state in found]


async def test_what_its_requester_has_let_the_channel_see_meanwhile_is_owed_to_it(db: Database) -> None:
    stage = Stage(db)
    await answers(db, "a")
    [claimed] = await stage.claimed()
    async with db.write() as session:
        run, workspace = await session.get_one(Run, "a"), await session.get_one(Workspace, "W")
    occasion = Occasion(workspace, run, UNKNOWN)
    async with db.write() as session:
        await discretion.release(session, run, shown_by="U")
    async with db.write() as session:
        await put_by(session, claimed, occasion, lease=lease_of(claimed), new_id=stage.tools.new_id)
    assert await states(db) == [("answer", DeliveryState.PENDING)]
    [again] = await stage.claimed()
    assert not again.uncertain


async def test_until_then_its_requester_alone_is_given_it_and_asked(db: Database) -> None:
    stage = Stage(db)
    await answers(db, "a")
    [claimed] = await stage.claimed()
    async with db.write() as session:
        run, workspace = await session.get_one(Run, "a"), await session.get_one(Workspace, "W")
        occasion = Occasion(workspace, run, UNKNOWN)
        await put_by(session, claimed, occasion, lease=lease_of(claimed), new_id=stage.tools.new_id)
    assert await states(db) == [("answer", "held"), ("answer", "pending"), ("consent", "pending")]
