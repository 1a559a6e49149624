"""The local Slack over a real socket."""

import time
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.local_slack.app import App, Installation
from bot.sandbox.local_slack.changes import Change
from bot.sandbox.local_slack.control import control_routes
from bot.sandbox.local_slack.core import ApiCall, Core
from bot.sandbox.local_slack.default_world import HOME_TEAM, default_world
from bot.sandbox.local_slack.delivery import ACK_SECONDS, Delivery
from bot.sandbox.local_slack.endpoints import endpoint_routes
from bot.sandbox.local_slack.faults import Faults
from bot.sandbox.local_slack.people import Person
from bot.sandbox.local_slack.rate_limits import RateLimitMode
from bot.sandbox.local_slack.socket_mode import SocketMode
from bot.sandbox.local_slack.world import Channel, Message, World

LOOPBACK = "127.0.0.1"
SHUTDOWN_SECONDS = 0.2


class LocalSlack:
    """A Slack with one registered app; use as an async context manager.

    `installed` lists the workspaces in which the app is installed from the start. `port` 0 takes a free one.
    `now` gives seconds since the epoch, `speed` divides the waits between event retries, `ack_seconds` is the
    time an app has to acknowledge (Slack: three).
    """

    def __init__(
        self,
        app: App | None = None,
        world: World | None = None,
        *,
        installed: Iterable[str] = (HOME_TEAM,),
        port: int = 0,
        now: Callable[[], float] = time.time,
        rate_limits: RateLimitMode = "on",
        speed: float = 1.0,
        ack_seconds: float = ACK_SECONDS,
        seed: int = 1,
    ) -> None:
        self.core = Core(
            world or default_world(),
            app or App(),
            now=now,
            rate_limits=rate_limits,
            speed=speed,
            ack_seconds=ack_seconds,
            seed=seed,
        )
        self._port, self._runner = port, None
        for team_id in installed:
            self.install(team_id)

    _runner: web.AppRunner | None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on the loopback interface."""
        application = web.Application(client_max_size=64 * 1024**2)
        application.add_routes(endpoint_routes(self.core))
        application.add_routes(control_routes(self.core))
        self._runner = web.AppRunner(
            application, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS, access_log=None
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self._port)
        await site.start()
        self.core.base = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Stop delivering, close every connection and the socket."""
        await self.core.dispatcher.close()
        self.core.feed.close()
        await self.core.socket.close()
        await self.core.http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """What an app sets as its Slack API URL: `http://127.0.0.1:PORT/api/`."""
        return f"{self.core.base}api/"

    @property
    def base(self) -> str:
        """The server's root URL, with a slash at the end."""
        return self.core.base

    @property
    def app(self) -> App:
        """The registered app, with its secrets."""
        return self.core.app

    @property
    def world(self) -> World:
        """Everything that Slack remembers."""
        return self.core.world

    @property
    def calls(self) -> list[ApiCall]:
        """Every Web API call, oldest first."""
        return self.core.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything sent to the app, oldest first."""
        return self.core.deliveries

    @property
    def faults(self) -> Faults:
        """Misbehaviour on demand."""
        return self.core.faults

    @property
    def socket(self) -> SocketMode:
        """The Socket Mode connections."""
        return self.core.socket

    def called(self, method: str) -> list[ApiCall]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    def person(self, alias: str) -> Person:
        """The person called `rep`, `colleague`, `admin`, `outsider`, … or with this user id."""
        return Person(self.core, self.world.person(alias))

    def channel(self, wanted: str) -> Channel:
        """The channel with this name or id."""
        return self.world.channel(wanted)

    def thread(self, message: Message) -> list[Message]:
        """The whole thread that a message stands in, oldest first."""
        return self.world.channels[message.channel_id].thread(message.thread_ts or message.ts)

    def token(self, team_id: str = HOME_TEAM) -> str:
        """The bot token of a workspace."""
        return self.core.installation(team_id).bot_token

    def install(self, team_id: str, scopes: tuple[str, ...] | None = None) -> Installation:
        """Install the app without OAuth, with the bot in its usual channels."""
        return self.core.install(team_id, scopes)

    def uninstall(self, place_id: str = HOME_TEAM, *, told: bool = True, revoked_first: bool = False) -> None:
        """Uninstall the app from a workspace or an organisation; it is told, unless the events get lost."""
        self.core.uninstall(place_id, told=told, revoked_first=revoked_first)

    def grant(self, enterprise_id: str, *team_ids: str) -> None:
        """Give an organisation's installation more workspaces; the app is told."""
        self.core.grant(enterprise_id, list(team_ids))

    def withdraw(self, enterprise_id: str, *team_ids: str) -> None:
        """Take workspaces away from an organisation's installation; the app is told."""
        self.core.withdraw(enterprise_id, list(team_ids))

    def share(self, name: str, team_id: str) -> Channel:
        """Share a channel with another company, by which its id changes; the app is told."""
        channel = self.world.channel(name)
        self.core.share(channel, team_id)
        return channel

    def other_bot_says(self, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """A message by some other app in the same workspace; `text` is stored text."""
        return self.core.messaging.other_bot_says(channel, text, thread_ts)

    async def verify_request_url(self) -> bool:
        """Send Slack's url_verification to the app's request URL."""
        return await self.core.http.verify_url(self.core.ids.hex(32))

    async def until(self, condition: Callable[[], object], timeout: float = 60) -> Any:  # noqa: ASYNC109, ANN401 - see ChangeFeed.until
        """Wait until `condition()` is true, asked at each change; TimeoutError after `timeout` seconds."""
        return await self.core.feed.until(condition, timeout)

    def subscribe(self) -> AsyncIterator[Change]:
        """Every change from now on."""
        return self.core.feed.subscribe()
