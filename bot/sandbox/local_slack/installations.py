"""Where the app is installed, and with which token."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.sandbox.local_slack.app import App, Installation
from bot.sandbox.local_slack.errors import CannotDoError, SlackError
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.world import User, World


@dataclass(eq=False)
class Installations:
    """Every installation there ever was."""

    app: App
    world: World
    ids: Ids
    every: list[Installation] = field(default_factory=list)

    def install(
        self, place_id: str, installed_by: str, scopes: tuple[str, ...] | None = None
    ) -> Installation:
        """Install, or install again with a new token; the bot keeps its user id and its channels.

        `place_id` is a workspace's, or an organisation's: that one has yet to be given workspaces.
        """
        bot = self._bot_user(place_id)
        organisation = self.world.organisation(place_id)
        installation = Installation(
            team_id=place_id,
            bot_token=f"xoxb-{place_id[-4:]}-{secrets.token_hex(12)}",
            bot_user_id=bot.user_id,
            bot_id=bot.bot_id,
            scopes=self.app.scopes if scopes is None else scopes,
            installed_by=installed_by,
            enterprise_id=organisation.enterprise_id if organisation else None,
            org_wide=place_id in self.world.organisations,
        )
        given = [one for one in self.active() if one.org_wide and one.enterprise_id == place_id]
        for earlier in self.active():
            if earlier.team_id == place_id or earlier in given:
                earlier.state = "revoked"
        self.every.append(installation)
        for workspace in given:
            if not workspace.is_organisation:
                self.grant(place_id, workspace.team_id)
        return installation

    def grant(self, enterprise_id: str, team_id: str) -> Installation:
        """Give an organisation's installation one more of its workspaces."""
        whole = self.active_in(enterprise_id)
        if whole is None or self.world.workspaces[team_id].enterprise_id != enterprise_id:
            raise CannotDoError(f"{enterprise_id} cannot give the app to {team_id}")
        given = replace(whole, team_id=team_id)
        self.every.append(given)
        return given

    def active(self) -> Iterator[Installation]:
        """Those that are live, oldest first."""
        return (installation for installation in list(self.every) if installation.active)

    def active_in(self, place_id: str) -> Installation | None:
        """The live installation of a workspace, or of an organisation as such."""
        return next((one for one in self.active() if one.team_id == place_id), None)

    def with_token(self, token: str) -> list[Installation]:
        """All that a token was ever good for."""
        return [installation for installation in self.every if installation.bot_token == token]

    def authed(self, token: str) -> Installation:
        """The live installation behind a bot token; of an organisation's, the organisation's own.

        Raises SlackError `not_authed`, `invalid_auth`, `token_revoked` or `account_inactive`.
        """
        if not token:
            raise SlackError("not_authed")
        known = self.with_token(token)
        if not known:
            raise SlackError("invalid_auth")
        if not known[0].active:
            raise SlackError("token_revoked" if known[0].state == "revoked" else "account_inactive")
        return known[0]

    def end(self, place_id: str, state: str) -> Installation:
        """The app leaves a workspace, or an organisation with all its workspaces."""
        gone = self.active_in(place_id)
        if gone is None:
            raise CannotDoError(f"the app is not installed in {place_id}")
        for one in self.active():
            if one is gone or (gone.is_organisation and one.bot_token == gone.bot_token):
                one.state = "revoked" if state == "revoked" else "uninstalled"
        return gone

    def _bot_user(self, place_id: str) -> User:
        handle = self.app.name.lower().replace(" ", "")
        for user in self.world.users.values():
            if user.is_bot and user.team_id == place_id:
                return user
        # Within an organisation ids may begin with W.
        prefix = "W0B" if self.world.organisation(place_id) else "U0B"
        bot = User(
            user_id=self.ids.make(prefix),
            team_id=place_id,
            alias=f"bot:{place_id}",
            name=handle,
            real_name=self.app.name,
            is_bot=True,
            bot_id=self.ids.make("B0"),
        )
        self.world.users[bot.user_id] = bot
        return bot
