"""The tokens of many workspaces are those that each would be given alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store.models.installation import Installation

from storage.installations import Installations
from storage.sealing import Seal

if TYPE_CHECKING:
    from storage.database import Database

PLACES = [("", "T1"), ("", "T2"), ("", "T9"), ("E1", "T3"), ("E1", "T4"), ("E2", "T5")]


@pytest.fixture
async def store(db: Database) -> Installations:
    """Installed in two workspaces, in an organisation, and in one of its workspaces by itself."""
    made = Installations(db, "client", Seal([Fernet.generate_key().decode()]))

    async def install(token: str, **where: Any) -> None:
        await made.async_save(Installation(app_id="A1", user_id="U1", bot_token=token, **where))

    await install("xoxb-1", team_id="T1")
    await install("xoxb-2", team_id="T2")
    await install("xoxb-E1", enterprise_id="E1", is_enterprise_install=True)
    await install("xoxb-3", enterprise_id="E1", team_id="T3")
    await install("xoxb-other-client", team_id="T9")
    made_by_another = Installations(db, "another client", made._seal)
    await made_by_another.async_save(
        Installation(app_id="A2", user_id="U1", team_id="T1", bot_token="xoxb-x")
    )
    return made


async def test_each_has_its_own_or_its_organisations(db: Database, store: Installations) -> None:
    async with db.read() as session:
        found = await store.bots_in(session, PLACES)
    assert {place: bot.bot_token for place, bot in found.items()} == {
        ("", "T1"): "xoxb-1",
        ("", "T2"): "xoxb-2",
        ("", "T9"): "xoxb-other-client",
        ("E1", "T3"): "xoxb-3",
        ("E1", "T4"): "xoxb-E1",
    }
    for enterprise_id, team_id in PLACES:
        alone = await store.bot_in(enterprise_id=enterprise_id, team_id=team_id)
        together = found.get((enterprise_id, team_id))
        assert (alone and alone.bot_token) == (together and together.bot_token)


async def test_a_workspace_of_the_same_id_elsewhere_has_none(db: Database, store: Installations) -> None:
    async with db.read() as session:
        assert await store.bots_in(session, [("", "T3"), ("E2", "T1")]) == {}
