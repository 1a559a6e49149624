"""The doctor's lines: all is well, and each failure by itself, against the local Slack and Origami."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from bot.app import running
from bot.doctor import NAMES, Line, Verdict, examine
from bot.features import FEATURES, FILES
from bot.sandbox.local_origami import DEFAULT_KEY, Fault
from bot.sandbox.local_slack import Fault as SlackFault
from bot.sandbox.local_slack.default_world import HOME_TEAM
from bot.settings import Settings
from storage.database import Database
from tests.end_to_end.bot_process import ROOT, servers
from tests.end_to_end.conftest import PACE, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Clinic:
    """A Slack, an Origami, a database, and the settings to be looked at."""

    stage: Stage
    environ: dict[str, str]

    async def lines(self, **changes: str | None) -> dict[str, Line]:
        environ = {**self.environ, **changes}
        lines = await examine({name: value for name, value in environ.items() if value is not None})
        assert {line.name for line in lines} <= set(NAMES)
        return {line.name: line for line in lines}

    async def fails(self, name: str, words: str, **changes: str | None) -> Line:
        """The line fails with these words, and says what to do; returns it."""
        line = (await self.lines(**changes))[name]
        assert (line.verdict, words in line.words, bool(line.to_do)) == (Verdict.FAIL, True, True), line
        return line


@pytest.fixture
async def clinic(each_way: tuple[str, str]) -> AsyncIterator[Clinic]:
    async with servers(*each_way) as stage:
        yield Clinic(stage, stage.environ)


async def test_all_is_well(clinic: Clinic) -> None:
    lines = await clinic.lines()
    assert list(lines) == [name for name in NAMES if name in lines]
    assert set(lines) == set(NAMES)
    assert {line.verdict for line in lines.values()} == {Verdict.OK, Verdict.SKIP}
    skipped = {name for name, line in lines.items() if line.verdict is Verdict.SKIP}
    if clinic.stage.mode == "socket":
        assert skipped == {"slack.events", "slack.request_url", "encryption_keys", "metrics_port"}
        await clinic.stage.slack.until(lambda: not clinic.stage.slack.socket.connections)
    else:
        assert {"slack.app_token", "slack.socket_mode"} <= skipped
        assert lines["slack.signing_secret"].verdict is Verdict.OK
    assert lines["origami.credits"].words == "2,000.00."
    assert "1 s, by Origami and Slack" in lines["clock"].words


async def test_a_dead_token(clinic: Clinic) -> None:
    line = await clinic.fails("slack.token", "invalid_auth", SLACK_BOT_TOKEN="xoxb-not-this-one")
    assert "SLACK_BOT_TOKEN" in line.to_do


async def test_a_revoked_token(clinic: Clinic) -> None:
    clinic.stage.slack.core.installation(HOME_TEAM).state = "revoked"
    await clinic.fails("slack.token", "token_revoked")


async def test_slack_out_of_reach(clinic: Clinic) -> None:
    await clinic.fails("slack.token", "cannot be reached", SLACK_API_URL="http://127.0.0.1:9/api/")


async def test_a_missing_scope(clinic: Clinic) -> None:
    installed = clinic.stage.slack.core.installation(HOME_TEAM)
    without = {"users:read", "im:write", "files:write"}
    installed.scopes = tuple(scope for scope in installed.scopes if scope not in without)
    line = await clinic.fails("slack.scopes", "Missing: im:write, users:read.")
    assert "reinstall" in line.to_do


async def test_what_is_off_for_want_of_an_optional_scope(clinic: Clinic) -> None:
    installed = clinic.stage.slack.core.installation(HOME_TEAM)
    installed.scopes = tuple(scope for scope in installed.scopes if scope != "files:write")
    line = (await clinic.lines())["slack.scopes"]
    assert line.verdict is Verdict.WARN
    assert line.words == f"Not granted, and so off: files:write ({FILES.what})."


async def test_a_wrong_app_token(clinic: Clinic) -> None:
    await clinic.fails("slack.app_token", "invalid_auth", SLACK_APP_TOKEN="xapp-1-A0-not-this-one")


async def test_an_app_token_of_another_app(clinic: Clinic) -> None:
    slack = clinic.stage.slack
    slack.app.mode, slack.socket._app_id = "socket", "A0OTHER"
    line = await clinic.fails("slack.app_token", "of the app A0OTHER", SLACK_APP_TOKEN=slack.app.app_token)
    assert "same app" in line.to_do


async def test_socket_mode_is_off(clinic: Clinic) -> None:
    clinic.stage.slack.app.mode = "http"
    token = clinic.stage.slack.app.app_token
    await clinic.fails("slack.app_token", "Socket Mode is off", SLACK_APP_TOKEN=token)


async def test_no_websocket_gets_through(clinic: Clinic) -> None:
    slack = clinic.stage.slack
    slack.app.mode, ticket = "socket", slack.socket.ticket
    slack.socket.ticket = lambda: f"{ticket()}-spoiled"  # type: ignore[method-assign]
    await clinic.fails("slack.socket_mode", "No connection", SLACK_APP_TOKEN=slack.app.app_token)


async def test_a_signing_secret_that_cannot_be_one(clinic: Clinic) -> None:
    line = (await clinic.lines(SLACK_SIGNING_SECRET="xoxb-pasted-by-mistake"))["slack.signing_secret"]
    assert (line.verdict, "32 hexadecimal" in line.words) == (Verdict.WARN, True)


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(-400, Verdict.FAIL), (400, "fail"), (60, "warn"), (5, "ok")]
)
async def test_a_clock_that_is_wrong(clinic: Clinic, seconds: float, verdict: str) -> None:
    clinic.stage.slack.faults.add(SlackFault(kind="skew", method="auth.test", seconds=-seconds))
    line = (await clinic.lines())["clock"]
    assert line.verdict == verdict
    if verdict == "fail":
        assert ("ahead of Slack" if seconds > 0 else "behind Slack") in line.words
        assert "5 minutes" in line.words


async def test_a_refused_key(clinic: Clinic) -> None:
    line = await clinic.fails("origami.key", "refuses", ORIGAMI_API_KEY="og_live_revoked")
    assert "ORIGAMI_API_KEY" in line.to_do


async def test_origami_out_of_reach(clinic: Clinic) -> None:
    await clinic.fails("origami.key", "does not answer", ORIGAMI_BASE_URL="http://127.0.0.1:9/api/v2")


async def test_the_minute_is_spent(clinic: Clinic) -> None:
    clinic.stage.origami.faults.add(Fault(kind="answer", status=429, body={}), on="GET /account")
    line = (await clinic.lines())["origami.key"]
    assert line.verdict is Verdict.WARN


async def test_a_plan_without_the_api(clinic: Clinic) -> None:
    account = {"plan": {"id": "free", "name": "Free"}, "capabilities": {"canUseApi": False}}
    clinic.stage.origami.faults.add(Fault(kind="answer", status=200, body=account), on="GET /account")
    await clinic.fails("origami.plan", "No API access with the plan Free")
    refusal = {"error": "Upgrade", "code": "SUBSCRIPTION_REQUIRED"}
    clinic.stage.origami.faults.add(Fault(kind="answer", status=402, body=refusal), on="GET /account")
    await clinic.fails("origami.plan", "No API access with this plan")


async def test_no_credits(clinic: Clinic) -> None:
    clinic.stage.origami.add_key("og_live_poor", org="poor", credits=0.0)
    line = await clinic.fails("origami.credits", "None left", ORIGAMI_API_KEY="og_live_poor")
    assert "Top up" in line.to_do


async def test_slots_are_full(clinic: Clinic) -> None:
    clinic.stage.origami.hold_slots(1_000)
    async with running(clinic.stage.settings, pace=PACE) as app:
        if clinic.stage.mode == "http":
            clinic.stage.slack.app.request_url = f"{app.url}/slack/events"
        opening = await clinic.stage.ask("find 50 roofers")
        await clinic.stage.shows(opening, "line")
        line = (await clinic.lines())["origami.slots"]
    assert (line.verdict, "1 wait in line" in line.words) == (Verdict.WARN, True)


async def test_the_database_is_down(clinic: Clinic, tmp_path: Path) -> None:
    await clinic.fails("database", "does not answer", DATABASE_URL="postgresql://u:secret@127.0.0.1:9/none")
    (tmp_path / "text.sqlite3").write_text("this is no database at all, " * 100, "utf-8")
    await clinic.fails("database", "does not answer", DATABASE_URL=f"sqlite:///{tmp_path}/text.sqlite3")
    await clinic.fails("database", "no folder", DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/a.sqlite3")
    lines = await clinic.lines(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert lines["database"].verdict is Verdict.SKIP
    assert not (tmp_path / "new.sqlite3").exists()


async def _sql(url: str, statement: str) -> None:
    db = Database(url)
    try:
        async with db.engine.connect() as connection:
            await connection.exec_driver_sql(statement)
            await connection.commit()
    finally:
        await db.close()


async def test_a_schema_that_is_behind_or_ahead(clinic: Clinic) -> None:
    url = clinic.stage.database_url
    await _sql(url, "UPDATE alembic_version SET version_num = '9999'")
    await clinic.fails("database.schema", "Newer")
    await _sql(url, "UPDATE alembic_version SET version_num = '0001'")
    if "sqlite" in url:
        assert (await clinic.lines())["database.schema"].verdict is Verdict.SKIP
    else:
        line = await clinic.fails("database.schema", "Behind")
        assert "origami-slack migrate" in line.to_do


async def test_a_database_that_cannot_be_written(sqlite_url: str, postgresql_url: str) -> None:
    async with servers("socket", sqlite_url) as stage:
        path = sqlite_url.partition(":///")[2]
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        clinic = Clinic(stage, stage.environ)
        address = f"sqlite:///file:{path}?mode=ro&uri=true"
        await clinic.fails("database.write", "cannot be written", DATABASE_URL=address)
        name = make_url(postgresql_url).database
        await _sql(postgresql_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await clinic.fails("database.write", "cannot be written", DATABASE_URL=postgresql_url)


async def test_secrets_that_no_key_opens(clinic: Clinic) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    sealed = Fernet(old).encrypt(b"og_live_x").decode()
    columns = "id, team_id, enterprise_id, sealed_key, settings, created_at"
    values = f"'w', 'T9', '', '{sealed}', '{{}}', '2026-01-01'"
    statement = f"INSERT INTO workspaces ({columns}) VALUES ({values})"
    await _sql(clinic.stage.database_url, statement)
    await clinic.fails("encryption_keys", "no key")
    line = await clinic.fails("encryption_keys", "1 of 1 secrets", ENCRYPTION_KEYS=new.decode())
    assert "ENCRYPTION_KEYS" in line.to_do
    lines = await clinic.lines(ENCRYPTION_KEYS=f"{new.decode()},{old.decode()}")
    assert lines["encryption_keys"].verdict is Verdict.OK
    await _sql(clinic.stage.database_url, "UPDATE workspaces SET key_refused_at = '2026-01-01'")
    line = (await clinic.lines())["workspaces"]
    assert (line.verdict, "key of 1" in line.words) == (Verdict.WARN, True)


async def test_which_scopes_were_left_out_at_how_many_installations(clinic: Clinic) -> None:
    for scopes in ("", "files:write"):
        granted = {feature.scope for feature in FEATURES} - {scopes}
        columns = "client_id, app_id, bot_token, bot_id, bot_user_id, bot_scopes, is_enterprise_install"
        values = f"'1.2', 'A1', 'x', 'B1', 'U1', '{','.join(sorted(granted))}', false, '2026-01-01'"
        statement = f"INSERT INTO slack_bots ({columns}, installed_at) VALUES ({values})"
        await _sql(clinic.stage.database_url, statement)
    many: dict[str, str | None] = {
        "SLACK_BOT_TOKEN": None,
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "client-secret",
        "PUBLIC_URL": "https://bot.example",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    line = (await clinic.lines(**many))["workspaces"]
    assert line.words.endswith("; not granted, and what needs it off: files:write at 1.")


def free_port() -> int:
    with socket.socket() as knock:
        knock.bind(("127.0.0.1", 0))
        return int(knock.getsockname()[1])


async def test_the_metrics_port(clinic: Clinic) -> None:
    port = free_port()
    more = {"METRICS_PORT": str(port)}
    assert "free" in (await clinic.lines(**more))["metrics_port"].words
    settings = Settings.load({**clinic.stage.environ, **more})
    async with running(settings, pace=PACE):
        assert "running origami-slack" in (await clinic.lines(**more))["metrics_port"].words
    with socket.create_server(("127.0.0.1", port), reuse_port=False):
        pass
    other = web.AppRunner(web.Application())
    await other.setup()
    await web.TCPSite(other, "127.0.0.1", port).start()
    await clinic.fails("metrics_port", "another program", **more)
    await other.cleanup()


async def test_the_request_url(postgresql_url: str) -> None:
    async with servers("http", postgresql_url) as stage:
        clinic = Clinic(stage, stage.environ)
        nobody = f"http://127.0.0.1:{free_port()}"
        line = (await clinic.lines(PUBLIC_URL=nobody))["slack.request_url"]
        assert (line.verdict, "does not answer" in line.words) == (Verdict.WARN, True)
        async with running(stage.settings, pace=PACE) as app:
            line = (await clinic.lines(PUBLIC_URL=app.url))["slack.request_url"]
            assert line.verdict is Verdict.OK, line
            other = {"PUBLIC_URL": app.url, "SLACK_SIGNING_SECRET": "0" * 32}
            await clinic.fails("slack.request_url", "refuses the signature", **other)
        await clinic.fails("slack.request_url", "answers 404", PUBLIC_URL=stage.origami.origin)


async def test_broken_settings_are_lines_and_the_rest_is_looked_at(clinic: Clinic) -> None:
    lines = await clinic.lines(PORT="ninety", ORIGAMI_API_KEY=None)
    assert lines["settings"].verdict is Verdict.FAIL
    broken = await examine({**clinic.stage.environ, "PORT": "ninety", "ORIGAMI_API_KEY": ""})
    words = [(line.words, line.to_do) for line in broken if line.name == "settings"]
    assert any(wrong.startswith("PORT ") and "1 to 65535" in to_do for wrong, to_do in words)
    assert any(wrong == "ORIGAMI_API_KEY is missing." and "og_live_" in to_do for wrong, to_do in words)
    assert lines["slack.token"].verdict is Verdict.OK
    nothing = {line.name: line for line in await examine({"DATABASE_URL": "mysql://x"})}
    assert nothing["settings"].verdict is Verdict.FAIL


async def test_no_line_holds_a_secret(clinic: Clinic) -> None:
    environ = clinic.stage.environ | {"ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    text = "\n".join(f"{line.words} {line.to_do}" for line in (await clinic.lines(**environ)).values())
    names = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "ENCRYPTION_KEYS")
    assert [environ[name] for name in names if environ[name] in text] == []
    assert DEFAULT_KEY not in text


async def doctor(stage: Stage, *options: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot", "doctor", *options],
        env={"PATH": "/usr/bin:/bin", **stage.environ, **changes},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def test_the_command_says_it_in_lines_and_in_json_and_by_its_exit(clinic: Clinic) -> None:
    well = await doctor(clinic.stage)
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.startswith("ok    settings: Complete, for one workspace")
    ill = await doctor(clinic.stage, "--json", ORIGAMI_API_KEY="og_live_revoked")
    told: dict[str, Any] = json.loads(ill.stdout)
    assert (ill.returncode, told["ok"]) == (1, False)
    [key] = [line for line in told["lines"] if line["name"] == "origami.key"]
    assert key["verdict"] == "fail"
    assert key["to_do"]
