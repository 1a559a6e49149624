"""The whole product between a local Slack and a local Origami, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import Application, Role, running
from bot.manifest import manifest
from bot.runs.context import Pace
from bot.sandbox.local_origami import DEFAULT_KEY, LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_slack import App, LocalSlack, Shortcut
from bot.settings import Settings
from bot.socket_mode import Rhythm
from tests.conftest import IN_TURNS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Select

    from bot.sandbox.local_slack import Message

PACE = Pace(
    tick=0.3,
    posts_apart=0.05,
    dead_token=1.0,
    slack_call=3.0,
    lease=5.0,
    first_poll=0.1,
    polls_a_minute=100_000,
    stop_poll=0.05,
    slot_retry=0.2,
    refused_key_retry=0.3,
    backoff_base=0.05,
    backoff_cap=0.5,
    progress_apart=0.1,
    watch_first=0.1,
    watch_slowest=0.2,
    watch_limit=10.0,
    minute=1.0,
    share_shows=0.1,
)
BOTH = Role.RECEIVE | Role.WORK
ACK_SECONDS = 20.0
"""Slack: 3. How fast we are is measured, not tested: a busy machine must not fail a test of what we do."""
IMPATIENT = Rhythm(ping=0.2, check=0.2, connect=2.0, give_up=2.0)
"""For tests of a connection that falls silent."""


OURS = manifest()


def registered_app(mode: str) -> App:
    """The app as Slack knows it from our own manifest: its scopes, events and commands, and no others."""
    made = OURS
    events = made["settings"].get("event_subscriptions", {}).get("bot_events", [])
    return App(
        mode="http" if mode == "http" else "socket",
        scopes=tuple(
            scope for kind in ("bot", "bot_optional") for scope in made["oauth_config"]["scopes"][kind]
        ),
        events=frozenset(events),
        shortcuts=tuple(
            Shortcut(shortcut["callback_id"], shortcut["name"], shortcut["type"])
            for shortcut in made["features"].get("shortcuts", [])
        ),
    )


@dataclass
class Stage:
    """A Slack, an Origami, and our application between them."""

    slack: LocalSlack
    origami: LocalOrigami
    mode: str
    database_url: str
    pace: Pace = PACE
    rhythm: Rhythm | None = None
    role: Role = BOTH
    app: Application | None = None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    @property
    def settings(self) -> Settings:
        return Settings.load(self.environ)

    @property
    def environ(self) -> dict[str, str]:
        environ = {
            "SLACK_BOT_TOKEN": self.slack.token(),
            "SLACK_SIGNING_SECRET": self.slack.app.signing_secret,
            "SLACK_API_URL": self.slack.url,
            "ORIGAMI_API_KEY": DEFAULT_KEY,
            "ORIGAMI_BASE_URL": self.origami.url,
            "DATABASE_URL": self.database_url,
            "PORT": "0",
        }
        if self.mode == "socket":
            environ["SLACK_APP_TOKEN"] = self.slack.app.app_token
        return environ

    async def start(self) -> None:
        """Start the bot."""
        self._stack = contextlib.AsyncExitStack()
        self.app = await self._stack.enter_async_context(
            running(self.settings, self.role, pace=self.pace, rhythm=self.rhythm)
        )
        if self.mode == "http" and Role.RECEIVE in self.role:
            self.slack.app.request_url = f"{self.app.url}/slack/events"

    async def stop(self) -> None:
        """Stop the bot, and leave Slack, Origami and the database as they are."""
        await self._stack.aclose()

    async def ask(self, brief: str, *, who: str = "rep", where: str = "#leads") -> Message:
        """Type a brief; returns the opening message once it stands in the channel."""
        channel = self.slack.channel(where)
        before = len(channel.messages)
        outcome = await self.slack.person(who).command(where, f"/origami {brief}")
        assert outcome.ok, outcome
        await self.slack.until(lambda: len(channel.messages) > before)
        return channel.messages[before]

    async def replies(self, opening: Message, count: int = 1, *, within: float = 60) -> list[Message]:
        """The messages in the thread below the opening, but for previews, once there are so many."""

        def below() -> list[Message]:
            thread = self.slack.thread(opening)
            return [one for one in thread if one.ts != opening.ts and not is_preview(one)]

        await self.slack.until(lambda: len(below()) >= count, within)
        return below()

    async def previews(self, opening: Message, count: int = 1) -> list[Message]:
        """The previews in the thread below the opening, once there are so many."""

        def below() -> list[Message]:
            return [message for message in self.slack.thread(opening) if is_preview(message)]

        await self.slack.until(lambda: len(below()) >= count)
        return below()

    async def answer(self, brief: str, *, who: str = "rep", where: str = "#leads") -> tuple[Message, Message]:
        """Type a brief and wait for its end: the opening, and the answer in the thread."""
        opening = await self.ask(brief, who=who, where=where)
        return opening, (await self.replies(opening))[0]

    async def none_left(self, statement: Select[Any]) -> None:
        """Wait until a query of the bot's database finds nothing."""
        assert self.app is not None
        async with asyncio.timeout(60):
            while True:
                async with self.app.context.db.read() as session:
                    if (await session.execute(statement)).first() is None:
                        return
                await asyncio.sleep(0.02)

    async def shows(self, message: Message, words: str, *, within: float = 60) -> str:
        """Wait until a message shows some words; returns all that it shows."""
        try:
            await self.slack.until(lambda: words in shown(message), within)
        except TimeoutError:
            raise AssertionError(f"{words!r} is not in {shown(message)!r}") from None
        return shown(message)


def is_preview(message: Message) -> bool:
    """Whether a message shows the first rows of a table: it comes beside whatever else a thread holds."""
    return message.text.startswith("*Preview* of ")


def shown(message: Message) -> str:
    """Everything that a person reads in a message: its text, and each text in its blocks."""
    return "\n".join([message.text, *_texts(message.blocks)])


def _texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for value in part.values() for text in _texts(value) if not isinstance(value, str)]
    if isinstance(part, list | tuple):
        return [text for value in part for text in _texts(value)]
    return []


def marked_up(message: Message) -> str:
    """The parts of a message in which Slack looks for mentions and links: its text, and mrkdwn."""
    found = [message.text]

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") in {"mrkdwn", "markdown"}:
                found.append(part["text"])
            if part.get("type") in {"user", "broadcast", "usergroup", "channel"}:
                found.append(f"<@{part.get('user_id', '!')}>")
            for value in part.values():
                look(value)
        elif isinstance(part, list | tuple):
            for value in part:
                look(value)

    look(message.blocks)
    return "\n".join(found)


def labels(message: Message) -> list[str]:
    """What the buttons and options of a message say."""
    found: list[str] = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") == "button" or ("value" in part and "text" in part):
                found.append(part["text"]["text"])
            for value in part.values():
                look(value)
        elif isinstance(part, list | tuple):
            for value in part:
                look(value)

    look(message.blocks)
    return found


def _combination(request: pytest.FixtureRequest) -> tuple[str, str]:
    mode, database = request.param.split("-")
    return mode, str(request.getfixturevalue(f"{database}_url"))


@pytest.fixture(params=IN_TURNS["each_way"])
def each_way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Each way in and each database once, in turns: Socket Mode on SQLite, HTTP on PostgreSQL."""
    return _combination(request)


@pytest.fixture(params=["socket-sqlite", "socket-postgresql", "http-sqlite", "http-postgresql"])
def every_way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Both ways in on both databases."""
    return _combination(request)


@contextlib.asynccontextmanager
async def staged(
    mode: str, database_url: str, *, pace: Pace = PACE, rhythm: Rhythm | None = None
) -> AsyncIterator[Stage]:
    """Slack, Origami and our application, quick and otherwise as they are."""
    quick = LocalOrigamiSettings(retry_after_seconds=0.1, step_seconds=0.03, requests_per_minute=10_000)
    slack = LocalSlack(registered_app(mode), rate_limits="off", ack_seconds=ACK_SECONDS)
    async with slack, LocalOrigami(quick) as origami:
        stage = Stage(slack, origami, mode, database_url, pace, rhythm)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.stop()


@pytest.fixture
async def stage(each_way: tuple[str, str]) -> AsyncIterator[Stage]:
    """The product on each way in and each database once."""
    async with staged(*each_way) as made:
        yield made


@pytest.fixture
async def every_stage(every_way: tuple[str, str]) -> AsyncIterator[Stage]:
    """The product on both ways in and both databases."""
    async with staged(*every_way) as made:
        yield made
