from collections.abc import AsyncIterator

import pytest

from bot.origami import Http, Origami, http_client
from tests.unit.origami.fake import KEY, FakeOrigami, listening


@pytest.fixture
async def fake() -> AsyncIterator[FakeOrigami]:
    async with listening(FakeOrigami()) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with http_client(timeout_seconds=5, connect_seconds=2) as client:
        yield client


@pytest.fixture
def origami(fake, http) -> Origami:
    return Origami(http, base_url=fake.base_url, key=KEY)
