"""Where the app is installed, and with which token."""

import secrets
from dataclasses import dataclass, field

from bot.sandbox.local_slack.app import App, Installation
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.world import User, World


@dataclass(eq=False)
class Installations:
    """Every installation there ever was, by bot token."""

    app: App
    world: World
    ids: Ids
    by_token: dict[str, Installation] = field(default_factory=dict)

    def install(self, team_id: str, installed_by: str, scopes: tuple[str, ...] | None = None) -> Installation:
        """Install, or install again with a new token; the bot keeps its user id and its channels."""
        bot = self._bot_user(team_id)
        granted = self.app.scopes if scopes is None else scopes
        token = f"xoxb-{team_id[-4:]}-{secrets.token_hex(12)}"
        installation = Installation(
            team_id=team_id,
            bot_token=token,
            bot_user_id=bot.user_id,
            bot_id=bot.bot_id,
            scopes=granted,
            installed_by=installed_by,
        )
        for earlier in self.by_token.values():
            if earlier.team_id == team_id and earlier.active:
                earlier.state = "revoked"
        self.by_token[token] = installation
        return installation

    def active_in(self, team_id: str) -> Installation | None:
        """The workspace's live installation."""
        for installation in self.by_token.values():
            if installation.team_id == team_id and installation.active:
                return installation
        return None

    def authed(self, token: str) -> Installation:
        """The live installation behind a bot token.

        Raises SlackError `not_authed`, `invalid_auth`, `token_revoked` or `account_inactive`.
        """
        if not token:
            raise SlackError("not_authed")
        installation = self.by_token.get(token)
        if installation is None:
            raise SlackError("invalid_auth")
        if not installation.active:
            raise SlackError("token_revoked" if installation.state == "revoked" else "account_inactive")
        return installation

    def _bot_user(self, team_id: str) -> User:
        handle = self.app.name.lower().replace(" ", "")
        for user in self.world.users.values():
            if user.is_bot and user.team_id == team_id:
                return user
        bot = User(
            user_id=self.ids.make("U0B"),
            team_id=team_id,
            alias=f"bot:{team_id}",
            name=handle,
            real_name=self.app.name,
            is_bot=True,
            bot_id=self.ids.make("B0"),
        )
        self.world.users[bot.user_id] = bot
        return bot
