"""Messages that are to be posted are claimed before all else, and what changes goes on, slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.deliveries import claiming
from bot.deliveries.claiming import MANY_POSTS, UPDATES_AT_ONCE, UPDATES_MEANWHILE
from storage.records import Delivery, DeliveryKind
from tests.integration.deliveries.test_standing import Stage
from tests.integration.storage.test_claims import owe, seed

if TYPE_CHECKING:
    from storage.database import Database

CHANGED = 40
LIMIT = 50


@pytest.fixture
async def changed(db: Database) -> Stage:
    """Many messages that stand in Slack and have changed."""
    for number in range(CHANGED):
        await seed(db, {"id": f"r{number}"}, channel=f"C{number}")
        await owe(db, f"r{number}", kind=DeliveryKind.OPENING, channel=f"C{number}")
    async with db.write() as session:
        await session.execute(update(Delivery).values(ts="1.0"))
    return Stage(db)


async def test_there_is_always_room_for_what_is_to_be_posted(changed: Stage) -> None:
    claimed = await claiming.claim(changed.tools, LIMIT, posting=0, updating=0)
    assert (len(claimed.deliveries), claimed.held_back) == (UPDATES_AT_ONCE, True)
    assert set(claimed.records) == {one.id for one in claimed.deliveries}
    rest = await claiming.claim(changed.tools, LIMIT, posting=0, updating=0)
    assert (len(rest.deliveries), rest.held_back) == (CHANGED - UPDATES_AT_ONCE, False)


async def test_while_many_are_posted_what_changes_goes_on_slowly(changed: Stage) -> None:
    claimed = await claiming.claim(changed.tools, LIMIT, posting=MANY_POSTS, updating=2)
    assert (len(claimed.deliveries), claimed.held_back) == (UPDATES_MEANWHILE - 2, True)
    claimed = await claiming.claim(changed.tools, LIMIT, posting=MANY_POSTS, updating=UPDATES_MEANWHILE)
    assert (claimed.deliveries, claimed.held_back) == ([], True)


async def test_what_is_claimed_to_be_posted_counts_at_once(changed: Stage) -> None:
    for number in range(MANY_POSTS):
        await owe(changed.db, f"r{number}", channel=f"C{number}")
    claimed = await claiming.claim(changed.tools, LIMIT, posting=0, updating=0)
    posts = [one for one in claimed.deliveries if one.ts is None]
    assert (len(posts), len(claimed.deliveries)) == (MANY_POSTS, MANY_POSTS + UPDATES_MEANWHILE)
