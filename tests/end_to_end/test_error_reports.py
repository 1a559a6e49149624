"""What Sentry is sent, over a real socket: which error, where and about what, and no words of people."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.local_origami import DEFAULT_KEY
from tests.end_to_end.bot_process import ROOT, process, servers

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

WORDS = "xylophone makers of Ouagadougou"


@dataclass
class FakeSentry:
    """Sentry's ingest: takes envelopes and keeps them as they came."""

    bodies: list[bytes] = field(default_factory=list)
    dsn: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        site = web.Application()
        site.add_routes([web.post("/api/7/envelope/", self._take)])
        self._runner = web.AppRunner(site)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.dsn = f"http://publickey@127.0.0.1:{self._runner.addresses[0][1]}/7"
        return self

    async def __aexit__(self, *_raised: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return web.json_response({"id": "1"})

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body.splitlines()[2]) for body in self.bodies]


def rename(database: str, table: str, to: str) -> None:
    with sqlite3.connect(database.partition(":///")[2], timeout=20) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {to}")


async def test_errors_of_handlers_and_ticks_arrive_with_ids_and_without_words(
    sqlite_url: str, tmp_path: Path
) -> None:
    more = {}
    async with FakeSentry() as sentry, servers("socket", sqlite_url) as stage:
        more["SENTRY_DSN"] = sentry.dsn
        async with process(stage, tmp_path, more) as log:
            rename(sqlite_url, "preferences", "elsewhere")
            refused = await stage.slack.person("rep").command("#leads", f"/origami find 50 {WORDS}")
            rename(sqlite_url, "elsewhere", "preferences")
            rename(sqlite_url, "choices", "elsewhere")
            await stage.ask(f"find 50 {WORDS} [one question]")
            await stage.slack.until(lambda: log.of("run.finish_failed"), 60)
            rename(sqlite_url, "elsewhere", "choices")
        text = b"\n".join(sentry.bodies).decode()
        secrets = [
            stage.slack.token(),
            stage.slack.app.app_token,
            stage.slack.app.signing_secret,
            DEFAULT_KEY,
        ]
        [accepted] = log.of("run.accepted")
    assert refused.ephemeral is not None
    handler, *ticks = sentry.events
    assert handler["tags"] | {"event": "handler.failed", "kind": "command"} == handler["tags"]
    assert handler["tags"]["team"] == accepted["team"]
    assert {event["tags"]["run"] for event in ticks} == {accepted["run"]}
    assert [raised["type"] for raised in handler["exception"]["values"]][-1] == "OperationalError"
    functions = {f["function"] for f in ticks[0]["exception"]["values"][-1]["stacktrace"]["frames"]}
    assert "_finish_together" in functions
    assert WORDS not in text
    assert [secret for secret in secrets if secret in text] == []
    assert {"extra", "user", "request", "breadcrumbs", "server_name", "contexts"} & set(handler) == set()
    assert WORDS not in log.text


def test_without_a_dsn_nothing_of_sentry_is_loaded() -> None:
    script = (
        "import sys; from bot import cli, error_reports; from bot.settings import Need, Settings;"
        "error_reports.start(Settings.load({}, need=Need.DATABASE)); error_reports.stop();"
        "sys.exit('sentry_sdk' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
