"""The product for many workspaces: installed by OAuth, behind one public address."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import aiohttp
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.sandbox.local_origami import LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.local_slack.default_world import HOME_TEAM
from bot.settings import Settings
from storage import workspaces
from storage.records import Workspace
from storage.sealing import Seal
from tests.end_to_end.conftest import ACK_SECONDS, BOTH, Stage, registered_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bot.app import Role
    from bot.sandbox.local_slack import World

PUBLIC_URL = "http://localhost:9"
"""Nothing listens there: the browser below brings its requests to one of the replicas."""


@dataclass
class ManyStage(Stage):
    """Our application as many workspaces install it."""

    encryption_keys: str = field(default_factory=lambda: Fernet.generate_key().decode())

    @property
    def settings(self) -> Settings:
        environ = {
            "SLACK_CLIENT_ID": self.slack.app.client_id,
            "SLACK_CLIENT_SECRET": self.slack.app.client_secret,
            "SLACK_SIGNING_SECRET": self.slack.app.signing_secret,
            "PUBLIC_URL": PUBLIC_URL,
            "ENCRYPTION_KEYS": self.encryption_keys,
            "SLACK_API_URL": self.slack.url,
            "ORIGAMI_BASE_URL": self.origami.url,
            "DATABASE_URL": self.database_url,
            "PORT": "0",
        }
        if self.mode == "socket":
            environ["SLACK_APP_TOKEN"] = self.slack.app.app_token
        return Settings.load(environ)


@dataclass
class Page:
    """What a browser shows: the HTTP status and the text."""

    status: int
    text: str


class Browser:
    """A person's browser: follows redirects and keeps our cookie, also where it is only for https."""

    def __init__(self, *replicas: str) -> None:
        self._replicas = replicas
        self.cookies: dict[str, str] = {}
        self.came_back_to = ""
        self._turns = 0

    async def install(
        self,
        *,
        team: str = HOME_TEAM,
        user: str = "",
        decision: str = "allow",
        withhold: str = "",
        more: Mapping[str, str] | None = None,
    ) -> Page:
        """Open the install page, decide on Slack's, and see where that leads.

        ``team`` may be an organisation; ``withhold`` lists scopes that are not granted; ``more`` changes the
        query with which the browser comes back.
        """
        await self.decide(team=team, user=user, decision=decision, withhold=withhold)
        return await self.open(self.came_back_to, more)

    async def decide(
        self, *, team: str = HOME_TEAM, user: str = "", decision: str = "allow", withhold: str = ""
    ) -> None:
        """The same, until Slack sends the browser back."""
        consent = await self.begin(team) + (f"&user={user}" if user else "")
        async with aiohttp.ClientSession() as http:
            data = {"decision": decision, "withhold": withhold}
            async with http.post(consent, data=data, allow_redirects=False) as answer:
                self.came_back_to = answer.headers["Location"]

    async def begin(self, team: str) -> str:
        """Open the install page; returns the address of Slack's own."""
        async with aiohttp.ClientSession() as http:
            opened = http.get(f"{self._replica()}/slack/install", allow_redirects=False)
            async with opened as answer:
                assert answer.status == 302, await answer.text()
                self.cookies = {name: cookie.value for name, cookie in answer.cookies.items()}
                return f"{answer.headers['Location']}&team={team}"

    async def open(self, address: str, more: Mapping[str, str] | None = None) -> Page:
        """Open one of our pages; ``more`` changes its query."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | dict(more or {})
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with aiohttp.ClientSession() as http:
            url = f"{self._replica()}{parts.path}"
            async with http.get(url, params=query, headers={"Cookie": cookie}) as answer:
                return Page(answer.status, await answer.text())

    def _replica(self) -> str:
        self._turns += 1
        return self._replicas[self._turns % len(self._replicas)]


async def connect(stage: ManyStage, team_id: str, key: str) -> None:
    """Keep an Origami key for a workspace, as the connect form does."""
    assert stage.app is not None
    seal = Seal(stage.encryption_keys.split(","))
    async with stage.app.context.db.write() as session:
        statement = select(Workspace).where(Workspace.team_id == team_id)
        workspace = (await session.execute(statement)).scalar_one()
        await workspaces.connect(session, workspace.id, seal.seal(key))


@contextlib.asynccontextmanager
async def installable(
    mode: str, database_url: str, world: World | None = None, *, role: Role = BOTH
) -> AsyncIterator[ManyStage]:
    """The product as many install it; nobody has yet."""
    quick = LocalOrigamiSettings(retry_after_seconds=0.1, step_seconds=0.03, requests_per_minute=10_000)
    origami = LocalOrigami(quick)
    app = registered_app(mode)
    slack = LocalSlack(app, world, rate_limits="off", installed=(), ack_seconds=ACK_SECONDS)
    async with slack, origami:
        for org in ("Northwind", "Contoso"):
            origami.add_key(f"og_live_{org.lower()}", org=org)
        stage = ManyStage(slack, origami, mode, database_url, role=role)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.stop()
