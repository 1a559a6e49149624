from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.local_origami import LocalOrigami, LocalOrigamiSettings
from tests.integration.local_origami.caller import Caller

NOON = 1_790_000_000.0


@pytest.fixture
async def origami() -> AsyncIterator[LocalOrigami]:
    """A local Origami whose time stands still: only `origami.clock.advance` moves it; a step is a second."""
    settings = LocalOrigamiSettings(step_seconds=1, requests_per_minute=1_000, now=lambda: NOON)
    async with LocalOrigami(settings) as server:
        yield server


@pytest.fixture
async def caller(origami: LocalOrigami) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        yield Caller(http, origami)
