"""What is secret stands nowhere: not in logs, errors, messages, pages, nor open in the database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from bot.app import running
from bot.runs import answer
from bot.sandbox.local_origami import DEFAULT_KEY
from bot.settings import Settings, SettingsError
from tests.end_to_end.conftest import PACE, staged
from tests.end_to_end.installing import Browser, installable
from tests.end_to_end.test_metrics import free_port
from tests.end_to_end.test_workspaces import connect
from tests.security.loud import loudly

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from bot.app import Application
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"
PLANTED = {
    "SLACK_BOT_TOKEN": "xoxb-planted-bot-token",
    "SLACK_APP_TOKEN": "xapp-planted-app-token",
    "SLACK_SIGNING_SECRET": "planted-signing-secret",
    "SLACK_CLIENT_SECRET": "planted-client-secret",
    "ORIGAMI_API_KEY": "og_live_planted_key",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://bot:planted-password@127.0.0.1:9/origami",
    "SENTRY_DSN": "https://plantedsentrykey@127.0.0.1:9/1",
}
WORDS = {
    value.partition("://")[2].partition("@")[0].partition(":")[2] or value for value in PLANTED.values()
} | {"plantedsentrykey"}


@pytest.fixture(params=["json", "console"])
def everything_is_logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """As a process logs at its loudest, in each format."""
    with loudly(request.param) as said:
        yield said


def secrets_of(stage: Stage) -> set[str]:
    app, sealing = stage.slack.app, stage.settings.encryption_keys
    return {
        stage.slack.token(),
        app.app_token,
        app.signing_secret,
        app.client_secret,
        *(key.get_secret_value() for key in sealing),
    }


async def a_life(stage: Stage, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """A run that works, a handler that crashes, a key that is refused."""
    slack, rep = stage.slack, stage.slack.person("rep")
    _, asked = await stage.answer(f"{BRIEF} [three questions]")
    with monkeypatch.context() as broken:

        async def fail(*_: object, **__: object) -> None:
            raise RuntimeError(f"with {key} and {slack.token()}")

        broken.setattr(answer, "open_questions", fail)
        assert not (await rep.click(asked, "own_words")).ok
    stage.origami.revoke_key(key)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "did not accept")


def kept_by(stage: Stage) -> bytes:
    """The database's files as they lie on the disk."""
    path = Path(urlsplit(stage.database_url).path)
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def shown_by(stage: Stage) -> str:
    """Whatever was sent to Slack, and stands there."""
    calls = [{name: arg for name, arg in call.args.items() if name != "token"} for call in stage.slack.calls]
    return repr(calls)


async def test_of_one_workspace_nothing_secret_is_logged_said_or_kept(
    sqlite_url: str,
    everything_is_logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with staged("socket", sqlite_url) as stage:
        secrets = {*secrets_of(stage), DEFAULT_KEY}
        await a_life(stage, monkeypatch, DEFAULT_KEY)
        told = shown_by(stage) + repr(stage.settings) + repr(stage.app)
    told += "".join(capfd.readouterr()) + caplog.text + everything_is_logged.getvalue()
    assert "handler.failed" in told
    kept = kept_by(stage)
    assert [secret for secret in secrets if secret in told or secret.encode() in kept] == []


async def test_of_many_workspaces_nothing_secret_is_logged_said_or_kept_open(
    sqlite_url: str,
    everything_is_logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with installable("http", sqlite_url) as stage:
        assert stage.app is not None
        pages = [await Browser(str(stage.app.url)).install()]
        await connect(stage)
        secrets = {*secrets_of(stage), "og_live_northwind"}
        await a_life(stage, monkeypatch, "og_live_northwind")
        pages.append(await Browser(str(stage.app.url)).open("/slack/oauth_redirect?code=x&state=y"))
        told = shown_by(stage) + repr(stage.settings) + repr(stage.app) + repr(pages)
        async with aiohttp.ClientSession() as http:
            for path in ("/healthz", "/readyz", "/nothing"):
                async with http.get(f"{stage.app.url}{path}") as page:
                    told += await page.text() + repr(page.headers)
    told += "".join(capfd.readouterr()) + caplog.text + everything_is_logged.getvalue()
    assert "handler.failed" in told
    kept = kept_by(stage)
    assert b"gAAAA" in kept
    assert [secret for secret in secrets if secret in told or secret.encode() in kept] == []


@contextlib.contextmanager
def out_of_reach(server: str, database: str) -> Iterator[None]:
    """A database that nobody is connected to, or can be."""
    with psycopg.connect(server, autocommit=True) as operator:
        operator.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database]
        )
        yield
        operator.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')


async def pages_of(app: Application) -> str:
    """What the public and the operators' pages show, with their headers."""
    told = ""
    async with aiohttp.ClientSession() as http:
        for url in (f"{app.url}/readyz", *(f"{app.metrics_url}/{page}" for page in ("metrics", "readyz"))):
            async with http.get(url) as page:
                told += f"{url} {page.status} {await page.text()} {page.headers!r}"
    return told


async def test_with_the_database_down_and_a_token_refused_nothing_secret_is_said(
    postgresql_url: str,
    postgresql_server: str,
    everything_is_logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The server asks for no password, and takes any.
    url = postgresql_url.replace("postgres:@", "postgres@").replace("postgres@", "postgres:planted-password@")
    assert "planted-password" in url
    async with installable("http", url) as stage:
        await stage.stop()
        settings = stage.settings.model_copy(update={"metrics_port": free_port()})
        async with running(settings, pace=PACE) as app:
            stage.app, stage.slack.app.request_url = app, f"{app.url}/slack/events"
            pages = [await Browser(str(app.url)).install()]
            await connect(stage)
            rep, token = stage.slack.person("rep"), stage.slack.token()
            secrets = {*secrets_of(stage), "og_live_northwind", "planted-password"}
            name = make_url(url).database or ""
            with out_of_reach(postgresql_server, name):
                told = await pages_of(app)
                assert "does not answer" in told
                await rep.command("#leads", f"/origami {BRIEF}")
                pages.append(await Browser(str(app.url)).open("/slack/oauth_redirect?code=x&state=y"))
            told += await pages_of(app)
            opening = await stage.ask(f"{BRIEF} [forever]")
            await stage.shows(opening, "Working")
            stage.slack.uninstall(told=False)
            await stage.slack.until(lambda: stage.origami.runs[-1].status == "cancelled", 30)
            told += await pages_of(app) + shown_by(stage) + repr(settings) + repr(app) + repr(pages)
    told += "".join(capfd.readouterr()) + caplog.text + everything_is_logged.getvalue()
    assert "workspace.token_lost" in told
    assert [secret for secret in {*secrets, token} if secret in told] == []


def test_settings_show_nothing_secret_and_neither_do_their_errors() -> None:
    environ = {name: value for name, value in PLANTED.items() if name != "SLACK_APP_TOKEN"}
    told = repr(Settings(**environ)) + str(Settings(**environ)) + Settings(**environ).model_dump_json()
    for name, value in PLANTED.items():
        with pytest.raises(SettingsError) as caught:
            Settings.load({"PORT": "no", "HOST": "x", name: f"?{value}"})
        told += f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert [word for word in WORDS if word in told] == []


@pytest.mark.parametrize("command", [["run"], ["migrate"], ["rotate-keys"], ["forget", "--team", "T1"]])
async def test_a_command_that_fails_tells_nothing_secret(command: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *command),
        env={**os.environ, **PLANTED, "LOG_LEVEL": "debug", "SLACK_API_URL": "http://127.0.0.1:9/api"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told = "".join(part.decode() for part in await process.communicate())
    assert process.returncode
    assert [word for word in WORDS if word in told] == []
