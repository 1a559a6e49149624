"""A running local Slack, a client of Slack's own SDK, and a bare app."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import App, LocalSlack, Shortcut
from tests.integration.local_slack.fake_app import FakeApp

SHORTCUTS = (
    Shortcut("new_run", "New lead run", "global"),
    Shortcut("use_as_brief", "Use as brief", "message"),
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[LocalSlack]:
    registered = App(shortcuts=SHORTCUTS)
    async with LocalSlack(
        registered, now=clock, rate_limits="off", speed=100_000, ack_seconds=0.3
    ) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def client(slack: LocalSlack, session: ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=slack.token(), base_url=slack.url, session=session, retry_handlers=[])


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[FakeApp]:
    async with FakeApp(slack) as connected:
        yield connected
