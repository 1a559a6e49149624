"""The parts of the local Slack, put together."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.local_slack.app import App, Installation
from bot.sandbox.local_slack.changes import ChangeFeed
from bot.sandbox.local_slack.default_world import WITH_BOT
from bot.sandbox.local_slack.delivery import ACK_SECONDS, Delivery, Dispatcher
from bot.sandbox.local_slack.elements import Forms
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.events import Events
from bot.sandbox.local_slack.faults import Faults
from bot.sandbox.local_slack.http_delivery import HttpDelivery
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.installations import Installations
from bot.sandbox.local_slack.interactions import Interactions
from bot.sandbox.local_slack.messaging import Messaging
from bot.sandbox.local_slack.modals import Views
from bot.sandbox.local_slack.oauth_codes import OAuthCodes
from bot.sandbox.local_slack.rate_limits import RateLimitMode, RateLimits
from bot.sandbox.local_slack.response_urls import ResponseUrls
from bot.sandbox.local_slack.socket_mode import SocketMode
from bot.sandbox.local_slack.triggers import Triggers
from bot.sandbox.local_slack.world import Channel, World

Json = dict[str, Any]


@dataclass(kw_only=True, eq=False)
class ApiCall:
    """One Web API call: `at` in seconds since the epoch; `error` is Slack's code, empty when it was ok."""

    at: float
    method: str
    args: Json
    team_id: str = ""
    status: int = 0
    error: str = ""
    response: Json = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the work was done."""
        return bool(self.response.get("ok"))

    def as_json(self) -> Json:
        """The call for the log."""
        return dict(vars(self)) | {"ok": self.ok}


class Core:
    """All parts around one world and one app.

    `now` gives seconds since the epoch. `speed` divides the waits between event retries. `ack_seconds` is how
    long an app may take to acknowledge.
    """

    def __init__(
        self,
        world: World,
        app: App,
        *,
        now: Callable[[], float] = time.time,
        rate_limits: RateLimitMode = "on",
        speed: float = 1.0,
        ack_seconds: float = ACK_SECONDS,
        seed: int = 1,
    ) -> None:
        self.world, self.app, self.now = world, app, now
        self.base = ""
        self.calls: list[ApiCall] = []
        self.forms = Forms()
        self.ids = Ids(now, seed)
        self.feed = ChangeFeed(now)
        self.faults = Faults()
        self.limits = RateLimits(now, rate_limits)
        self.installations = Installations(app, world, self.ids)
        self.oauth = OAuthCodes(self.ids, now)
        self.triggers = Triggers(self.ids, now)
        self.views = Views(self.ids, self.feed, app.app_id)
        self.socket = SocketMode(self.ids, self.feed, app.app_id, now)
        self.http = HttpDelivery(app, now)
        self.dispatcher = Dispatcher(
            feed=self.feed,
            faults=self.faults,
            now=now,
            transport=self.socket if app.mode == "socket" else self.http,
            ack_seconds=ack_seconds,
            speed=speed,
        )
        self.events = Events(
            app=app,
            world=world,
            installations=self.installations,
            dispatcher=self.dispatcher,
            ids=self.ids,
            now=now,
        )
        self.messaging = Messaging(app=app, world=world, events=self.events, ids=self.ids, feed=self.feed)
        self.response_urls = ResponseUrls(
            messaging=self.messaging, ids=self.ids, now=now, base=lambda: self.base
        )
        self.interactions = Interactions(
            app=app,
            world=world,
            installations=self.installations,
            triggers=self.triggers,
            response_urls=self.response_urls,
            ids=self.ids,
            now=now,
        )

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was sent to the app, oldest first."""
        return self.dispatcher.log

    def installation(self, team_id: str) -> Installation:
        """The live installation of a workspace; CannotDoError where there is none."""
        found = self.installations.active_in(team_id)
        if found is None:
            raise CannotDoError(f"the app is not installed in {team_id}")
        return found

    def install(self, team_id: str, scopes: tuple[str, ...] | None = None) -> Installation:
        """Install the app without OAuth, by the workspace's admin and with the bot in its usual channels."""
        installation = self.installations.install(team_id, self.admin_of(team_id), scopes)
        self._enter_channels(installation)
        self.feed.publish("installation", what="installed", team=team_id)
        return installation

    def admin_of(self, place_id: str) -> str:
        """The user id of somebody who may install the app in a workspace, or in an organisation."""
        teams = {
            place_id,
            *(w.team_id for w in self.world.workspaces.values() if w.enterprise_id == place_id),
        }
        for user in self.world.users.values():
            if user.team_id in teams and user.is_admin:
                return user.user_id
        raise CannotDoError(f"nobody can install the app in {place_id}")

    def grant(self, enterprise_id: str, team_ids: list[str]) -> None:
        """Give an organisation's installation more workspaces; the app is told with team_access_granted."""
        for team_id in team_ids:
            self._enter_channels(self.installations.grant(enterprise_id, team_id))
        self.events.access_changed("team_access_granted", enterprise_id, team_ids)
        self.feed.publish("installation", what="granted", team=enterprise_id)

    def withdraw(self, enterprise_id: str, team_ids: list[str]) -> None:
        """Take workspaces away again; the app is told with team_access_revoked."""
        for team_id in team_ids:
            self.installations.end(team_id, "uninstalled")
        self.events.access_changed("team_access_revoked", enterprise_id, team_ids)
        self.feed.publish("installation", what="withdrawn", team=enterprise_id)

    def uninstall(self, place_id: str, *, told: bool = True, revoked_first: bool = False) -> None:
        """Take the app out of a workspace, or of an organisation with all its workspaces.

        It is told with app_uninstalled and tokens_revoked, in either order, or not at all.
        """
        gone = self.installations.end(place_id, "uninstalled")
        tellers = [self.events.uninstalled, self.events.revoked]
        for tell in tellers[:: -1 if revoked_first else 1] if told else []:
            tell(gone)
        self.feed.publish("installation", what="uninstalled", team=place_id)

    def share(self, channel: Channel, team_id: str) -> None:
        """Share a channel with another company: it has another id from then on, and the app is told."""
        old, channel.channel_id = channel.channel_id, self.ids.make("C0")
        self.world.channels[channel.channel_id] = self.world.channels.pop(old)
        for message in channel.posted.values():
            message.channel_id = channel.channel_id
        channel.shared_with = (*channel.shared_with, team_id)
        self.events.renamed(old, channel)
        self.feed.publish("channel", what="shared", channel=channel.channel_id)

    def _enter_channels(self, installation: Installation) -> None:
        for channel in self.world.channels.values():
            if channel.channel_id in WITH_BOT and channel.team_id == installation.team_id:
                channel.members.add(installation.bot_user_id)
