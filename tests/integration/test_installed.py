"""Which token a workspace's messages are sent with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store.models.bot import Bot

from bot.installed import InstalledClients
from bot.sandbox.local_slack import HOME_TEAM, LocalSlack
from bot.settings import Need, Settings
from bot.slack_session import shared_session
from storage.records import Workspace
from tests.end_to_end.conftest import registered_app

if TYPE_CHECKING:
    from storage.installations import Installations


@dataclass
class Store:
    """One workspace's installation, which another process may replace."""

    token: str
    version: int = 0

    async def bot_in(self, **_: Any) -> Bot:
        return Bot(bot_token=self.token, bot_id="B1", bot_user_id="U1", installed_at=0.0)


async def test_a_token_that_was_refused_is_read_again_for_the_next_message() -> None:
    refused: list[str | None] = []
    store: Any = Store("xoxb-of-an-earlier-installation")
    async with LocalSlack(registered_app("socket")) as slack, shared_session(20) as session:
        settings = Settings.load({"SLACK_API_URL": slack.url}, need=Need.LOOK)
        installations: Installations = store
        clients = InstalledClients(
            settings, session, installations, lambda _workspace, token: refused.append(token)
        )
        workspace = Workspace(id="w", team_id=HOME_TEAM)
        client = await clients(workspace)
        assert await clients(workspace) is client
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await client.chat_postMessage(channel="#leads", text="Found")
        assert refused == [store.token]
        store.token = slack.token()
        assert (await (await clients(workspace)).auth_test())["ok"]
