"""Ten thousand requests that Slack signed and would never send: none fails us, and none stops us."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from traceback import format_exception
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store.models.installation import Installation
from structlog.testing import capture_logs

from bot.oauth import installations
from bot.settings import Settings
from bot.web import EVENTS_PATH
from storage.sealing import Seal
from tests.security.agreeable import agreeable_slack
from tests.security.corpus import Place, encoded
from tests.security.in_process import hearing, post
from tests.security.mutations import mutated
from tests.security.signing import signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from starlette.types import ASGIApp

    from bot.app import Application

CASES = 1_250
"""In each of eight parts, so that they can run side by side."""
AT_ONCE = 8
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


def settings_of(slack: str, url: str, *, many: bool) -> Settings:
    """The settings of one workspace, or of ``many`` that install the app."""
    one = {"SLACK_BOT_TOKEN": "xoxb-1", "ORIGAMI_API_KEY": "og_live_1"}
    installed = {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "client-secret",
        "PUBLIC_URL": "https://bot.example",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    shared = {
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack}api/",
        "ORIGAMI_BASE_URL": f"{slack}origami",
        "DATABASE_URL": url,
    }
    return Settings.load(shared | (installed if many else one))


async def install(app: Application, settings: Settings, place: Place) -> None:
    """Keep a bot token for the workspace, as an installation does."""
    seal = Seal([key.get_secret_value() for key in settings.encryption_keys])
    made = Installation(
        app_id="A0LOCALAPP1",
        team_id=place.team,
        user_id=place.user,
        bot_token="xoxb-1",
        bot_id="B0BOT",
        bot_user_id=place.bot,
        installed_at=1_700_000_000.0,
    )
    await installations(settings, app.context.db, seal).async_save(made)


async def answers(site: ASGIApp, bodies: Sequence[tuple[bytes, str]]) -> tuple[Counter[int], list[Any]]:
    """How often each status was answered, and what failed."""
    statuses: Counter[int] = Counter()
    failures: list[Any] = []

    async def send(some: Sequence[tuple[bytes, str]]) -> None:
        for body, kind in some:
            try:
                status = await post(site, EVENTS_PATH, body, signed(SECRET, body) | {"Content-Type": kind})
            except Exception as error:  # noqa: BLE001  (whatever it is, it is what we look for)
                failures.append((format_exception(error)[-3:], body[:4_000]))
                continue
            statuses[status] += 1
            if status >= 500:
                failures.append((status, body[:4_000]))

    await asyncio.gather(*(send(bodies[turn::AT_ONCE]) for turn in range(AT_ONCE)))
    return statuses, failures


@pytest.mark.parametrize("many", [False, True], ids=["one workspace", "many workspaces"])
@pytest.mark.parametrize(
    ("seed", "url"),
    [(1, "sqlite"), (2, "sqlite"), (3, "sqlite"), (4, "postgresql")],
    indirect=["url"],
)
async def test_whatever_is_signed_is_answered_and_nothing_raises(
    url: str, slack: str, logs: list[Any], *, seed: int, many: bool
) -> None:
    random = Random(2 * seed + many)
    place = Place(respond=f"{slack}respond/1", own_keys=many)
    settings = settings_of(slack, url, many=many)
    unheard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: unheard.append(told))
    payloads = list(place.everything())
    chosen = random.choices(payloads, k=CASES)
    wrong = [(mutated(random, kind, payload), random.choice(TYPES)) for kind, payload in chosen]
    sound = [(encoded(*one), FORM) for one in place.everything()]
    async with hearing(settings) as (app, site):
        if many:
            await install(app, settings, place)
        refused, failures = await answers(site, wrong)
        if many:
            # Among what was sent may be that the app was removed.
            await install(app, settings, place)
        taken, others = await answers(site, sound)
    assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == []
    assert failures + others + unheard == []
    assert {200, 400} <= set(refused)
    # Clicks in places where such a button never stands are refused; what is sound is taken after all that,
    # or Slack is to deliver it again, where an admin has had everything deleted just then.
    assert set(taken) <= {200, 400, 409}
    assert taken[200] > 0.9 * len(sound)
