"""Workspaces that get the app: noted, and whoever installed it is told once what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliveries.slack import direct_message
from bot.slack_app import web_client
from bot.views.connect import welcome
from bot.workspaces.arrivals import arrived, given

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp
    from slack_sdk.oauth.installation_store.models.installation import Installation

    from bot.settings import Settings
    from bot.tasks import Tasks
    from storage.database import Database
    from storage.installations import Installations


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Notes workspaces as they come."""

    settings: Settings
    session: aiohttp.ClientSession
    db: Database
    store: Installations | None
    tasks: Tasks
    new_id: Callable[[], str]

    async def installed(self, installation: Installation) -> None:
        """The app was installed; in an organisation as a whole, its workspaces are still to be given it."""
        if installation.team_id and await arrived(
            self.db,
            team_id=installation.team_id,
            enterprise_id=installation.enterprise_id or "",
            installer_id=installation.user_id,
            new_id=self.new_id,
        ):
            self._greet(installation.bot_token or "", installation.team_id, installation.user_id)

    async def given(self, *, team_ids: list[str], enterprise_id: str) -> None:
        """An organisation has given the app to some of its workspaces."""
        if self.store is None:
            return
        greeted = await given(self.db, team_ids=team_ids, enterprise_id=enterprise_id, new_id=self.new_id)
        bot = await self.store.in_place(enterprise_id=enterprise_id, team_id="")
        if greeted is not None and bot is not None:
            workspace, installer_id = greeted
            self._greet(bot.bot_token, workspace.team_id, installer_id)

    def _greet(self, token: str, team_id: str, user_id: str) -> None:
        client = web_client(self.settings, self.session, repeats=True)
        client.token, client.default_params["team_id"] = token, team_id
        greeting = direct_message(client, user_id, self.new_id(), welcome())
        self.tasks.hold(greeting, what="greet who installed the app")
