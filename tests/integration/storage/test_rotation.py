"""All that is sealed is sealed anew, whatever else happens meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store.models.installation import Installation
from sqlalchemy import select

from storage import rotation, workspaces
from storage.installations import Installations
from storage.records import Workspace
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    from storage.database import Database

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def quiet(done: int, total: int) -> None:
    """Tell nobody."""


async def seed(db: Database, seal: Seal, count: int) -> Installations:
    store = Installations(db, "client", seal)
    for number in range(count):
        team = f"T{number:010}"
        await store.async_save(
            Installation(app_id="A1", team_id=team, user_id="U1", bot_token=f"xoxb-{number}")
        )
        async with db.write() as session:
            workspace = await workspaces.ensure(session, new_id=f"w{number}", team_id=team)
            await workspaces.connect(session, workspace.id, seal.seal(f"og_live_{number}"))
    return store


async def test_every_secret_opens_with_the_newest_key_alone(db: Database) -> None:
    count = 3
    await seed(db, Seal([OLD]), count)
    assert await rotation.unopened(db, Seal([NEW])) == 3 * count
    told: list[tuple[int, int]] = []
    assert await rotation.renew(db, Seal([NEW, OLD]), lambda *step: told.append(step)) == 3 * count
    assert told[-1] == (3 * count, 3 * count)
    assert await rotation.unopened(db, Seal([NEW])) == 0
    bot = await Installations(db, "client", Seal([NEW])).bot_in(enterprise_id="", team_id="T0000000001")
    assert bot is not None
    assert bot.bot_token == "xoxb-1"
    async with db.read() as session:
        keys = (await session.execute(select(Workspace.sealed_key))).scalars().all()
    assert sorted(Seal([NEW]).open(str(key)) for key in keys) == ["og_live_0", "og_live_1", "og_live_2"]


async def test_a_missing_key_is_said_and_nothing_is_lost(db: Database) -> None:
    await seed(db, Seal([OLD]), 1)
    with pytest.raises(SealBrokenError):
        await rotation.renew(db, Seal([NEW]), quiet)
    assert await rotation.unopened(db, Seal([OLD])) == 0
