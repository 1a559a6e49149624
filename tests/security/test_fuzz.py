"""Ten thousand requests that Slack signed and would never send: none fails us, and none stops us."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.app import Role, running
from bot.settings import Settings
from tests.end_to_end.conftest import PACE
from tests.security.agreeable import agreeable_slack
from tests.security.corpus import Place, encoded
from tests.security.mutations import mutated
from tests.security.signing import signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

CASES = 2_500
AT_ONCE = 4
SECRET = "signing-secret"
FORM = "application/x-www-form-urlencoded"
TYPES = (FORM, "application/json", "text/plain; charset=latin-1")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured  # type: ignore[misc]


@pytest.fixture
async def slack() -> AsyncIterator[str]:
    async with agreeable_slack() as address:
        yield address


@pytest.fixture
async def ears(url: str, slack: str, logs: list[Any]) -> AsyncIterator[str]:
    """Where a process hears, over HTTP; what it takes is worked by nobody."""
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack}api/",
        "ORIGAMI_API_KEY": "og_live_1",
        "ORIGAMI_BASE_URL": f"{slack}origami",
        "DATABASE_URL": url,
        "PORT": "0",
    }
    async with running(Settings.load(environ), Role.RECEIVE, over_http=True, pace=PACE) as app:
        yield f"{app.url}/slack/events"


@pytest.mark.parametrize(
    ("seed", "url"),
    [(1, "sqlite"), (2, "sqlite"), (3, "sqlite"), (4, "postgresql")],
    indirect=["url"],
)
async def test_whatever_is_signed_is_answered_and_nothing_raises(
    ears: str, slack: str, seed: int, logs: list[Any]
) -> None:
    random = Random(seed)
    place = Place(respond=f"{slack}respond/1", own_keys=False)
    payloads = list(place.everything())
    bodies = [(mutated(random, *random.choice(payloads)), random.choice(TYPES)) for _ in range(CASES)]
    statuses: Counter[int] = Counter()
    failures: list[Any] = []

    async def post(http: aiohttp.ClientSession, some: list[tuple[bytes, str]]) -> None:
        for body, kind in some:
            headers = signed(SECRET, body) | {"Content-Type": kind}
            try:
                async with http.post(ears, data=body, headers=headers) as answer:
                    status = answer.status
            except aiohttp.ClientError as error:
                failures.append((repr(error), len(body), body[:2_000]))
                continue
            statuses[status] += 1
            if status >= 500:
                failures.append((status, body[:2_000]))

    # A connection each: an idle one that is closed just as it is taken up again would fail its request.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        await asyncio.gather(*(post(http, bodies[turn::AT_ONCE]) for turn in range(AT_ONCE)))
        before = statuses.copy()
        sound = [(encoded(kind, payload), FORM) for kind, payload in place.everything()]
        await post(http, sound)
    assert failures == []
    assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == []
    # Clicks in places where such a button never stands are refused; what is sound is taken after all that.
    assert set(statuses - before) <= {200, 400}
    assert (statuses - before)[200] > 0.9 * len(sound)
    assert {200, 400} <= set(statuses)
