"""How soon a rep has the answer, and sees that their click was taken: ``python -m tests.benchmarks.ends``.

From the moment that Origami's terminal answer leaves until the thread's message, or the update without
buttons, arrives at Slack. The whole bot runs in one process; each run is in a channel and a workspace of its
own, so that Slack's one message a second in a channel, and its 50 updates a minute, do not bind.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

import aiohttp
import orjson
import uvloop
from sqlalchemy import func, insert, select

from storage.records import IS_OWED, Choice, Delivery, DeliveryKind, DeliveryState, Watch
from storage.times import database_now
from tests.benchmarks import stand
from tests.benchmarks.quick_http import as_json, served
from tests.benchmarks.report import Row, at_most, main

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.database import Database

ENDS = 300
CLICKS = 30
SECRET = "a signing secret"
TABLE = {
    "object": "table",
    "id": "77777777-0000-4000-8000-000000000001",
    "name": "Founders in Austin",
    "slug": "founders",
    "leadCount": 50,
    "columns": [],
    "credits": {"lifetimeUsed": 12.5},
    "cells": {"running": 0, "errored": 0},
    "url": "https://origami.chat/workspace/1?table=2",
    "createdAt": "2026-07-21T09:00:00.000Z",
    "updatedAt": "2026-07-21T09:00:30.000Z",
}
TEXT = (
    "I found **50 founders** of SaaS companies in Austin who raised a seed round this year.\n\n"
    "* 38 have a verified work email\n* 12 are hiring in sales\n\n"
    "The table is sorted by the date of the round."
)
QUESTION = {
    "question": "Which of them shall I look at first?",
    "type": "single-choice",
    "suggestedAnswers": ["The newest rounds", "The largest teams", "Those that hire"],
    "freeformOption": "Something else",
}


def ended(run: int) -> dict[str, object]:
    """A finished run with a table and a question, in the size of a common one."""
    return {
        "object": "run",
        "id": f"o{run}",
        "agentId": f"a{run}",
        "status": "needs_input",
        "prompt": "find 50 founders of SaaS companies in Austin who raised a seed round this year",
        "steps": {"completed": 12, "max": 40},
        "startedAt": "2026-07-21T09:00:00.000Z",
        "completedAt": "2026-07-21T09:03:00.000Z",
        "response": {
            "text": TEXT,
            "actions": [{"type": "table_created", "tableId": TABLE["id"], "tableName": TABLE["name"]}],
            "tables": [TABLE],
        },
        "todo": {"pendingQuestions": [QUESTION], "nextActions": []},
    }


@dataclass
class World:
    """An Origami whose runs are all over, and a Slack that notes when what arrives."""

    served_at: dict[int, float] = field(default_factory=dict)
    posted_at: dict[int, float] = field(default_factory=dict)
    updated_at: dict[int, float] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)
    """The timestamp of each answer."""

    def origami(self, method: str, path: str, _body: bytes) -> bytes:
        if method == "POST":
            return as_json({"run": {"id": "o", "agentId": "a", "status": "running"}})
        kind, _, name = path.partition("?")[0].removeprefix("/api/v2/").rpartition("/")
        if name == "o":
            return as_json({"run": {"id": "o", "agentId": "a", "status": "running"}}, b"Retry-After: 15")
        if kind.startswith("agents"):
            run = int(name[1:])
            self.served_at.setdefault(run, time.perf_counter())
            return as_json({"run": ended(run)})
        return as_json({"table": TABLE} if kind == "tables" else {"rows": [], "pagination": {}})

    def slack(self, _method: str, path: str, body: bytes) -> bytes:
        now, method = time.perf_counter(), path.partition("?")[0].rpartition("/")[2]
        if method == "chat.postMessage":
            said = _said(body)
            run = int(said["channel"][1:])
            ts = f"1800000000.{run:06}"
            if run not in self.posted_at and said.get("thread_ts"):
                self.posted_at[run], self.answers[run] = now, ts
            return as_json({"ok": True, "channel": said["channel"], "ts": ts, "message": {}})
        if method == "chat.update":
            said = _said(body)
            run = int(said["channel"][1:])
            if said["ts"] == self.answers.get(run):
                self.updated_at.setdefault(run, now)
            return as_json({"ok": True, "channel": said["channel"], "ts": said["ts"]})
        if method == "conversations.info":
            return as_json({"ok": True, "channel": {"id": "C0", "is_channel": True}})
        if method == "users.info":
            user = _said(path.partition("?")[2].encode() or body)["user"]
            person = {"id": user, "team_id": f"T{user[1:]}", "tz": "Europe/Berlin", "locale": "en-US"}
            return as_json({"ok": True, "user": person})
        return as_json(
            {"ok": True, "team_id": "T0", "user_id": "UB", "bot_id": "BB", "url": "https://t.slack.com/"}
        )


def _said(body: bytes) -> Mapping[str, str]:
    if body.startswith(b"{"):
        return orjson.loads(body)  # type: ignore[no-any-return]
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


async def openings(db: Database, count: int) -> None:
    """The message of each run that stands in its channel."""
    made = [
        {
            "token": f"d{n}",
            "workspace_id": f"W{n}",
            "run_id": f"r{n}",
            "kind": DeliveryKind.OPENING,
            "subject": "",
            "sequence": 0,
            "channel_id": f"C{n}",
            "payload": {},
            "state": DeliveryState.SENT,
            "ts": f"1700000000.{n:06}",
        }
        for n in range(count)
    ]
    async with db.write() as session:
        posted = {"posted_at": database_now(-60), "sent_at": database_now(-60)}
        await session.execute(insert(Delivery).values(**posted), made)


async def until_all_is_told(db: Database) -> None:
    """Wait until nothing is owed to Slack, and each table has been read."""
    owed = select(func.count()).select_from(Delivery).where(IS_OWED).scalar_subquery()
    watched = select(func.count()).select_from(Watch).where(Watch.due_at.is_not(None)).scalar_subquery()
    async with asyncio.timeout(60):
        while True:
            async with db.read() as session:
                if not (await session.execute(select(owed + watched))).scalar_one():
                    return
            await asyncio.sleep(0.2)


@dataclass(frozen=True)
class Told:
    """How long it took, and what it cost the bot, in seconds."""

    ends: list[float]
    """From each end to its message."""
    cpu: float
    """Its processor time for one end, with all that follows from it."""
    clicks: list[float]


async def delays(server: stand.Server, over: float) -> Told:
    """What comes of ends that are spread ``over`` so many seconds, and then of clicks."""
    world = World()
    url = server.fresh("ends")
    async with (
        stand.database(url) as db,
        served(world.origami) as origami,
        served(world.slack) as slack,
        stand.whole_bot(url, origami=origami, slack=slack, secret=SECRET) as (bot, process),
    ):
        await stand.seed_workspaces(db, ENDS)
        await stand.seed_runs(db, ENDS, workspaces=ENDS)
        await openings(db, ENDS)
        await stand.until_it_answers(f"{bot}/readyz")
        await stand.due_spread(db, ENDS, begins=2, over=over)
        before = stand.cpu_seconds(process)
        await stand.until(lambda: len(world.posted_at) == ENDS, 60 + over)
        ends = [world.posted_at[run] - world.served_at[run] for run in world.posted_at]
        await until_all_is_told(db)
        cpu = (stand.cpu_seconds(process) - before) / ENDS
        clicks = [await click(db, world, bot, run) for run in range(CLICKS)] if over else []
        return Told(ends, cpu, clicks)


async def click(db: Database, world: World, bot: str, run: int) -> float:
    """Seconds from a click until the answer without that question's buttons is in Slack."""
    world.updated_at.pop(run, None)
    async with db.read() as session:
        first = select(Choice.id).where(Choice.run_id == f"r{run}").order_by(Choice.position).limit(1)
        choice = (await session.execute(first)).scalar_one()
    payload = {
        "type": "block_actions",
        "team": {"id": f"T{run}", "domain": "bench"},
        "user": {"id": f"U{run}", "team_id": f"T{run}"},
        "api_app_id": "A1",
        "trigger_id": f"{time.time()}.{run}",
        "container": {"type": "message", "channel_id": f"C{run}", "message_ts": world.answers[run]},
        "channel": {"id": f"C{run}", "name": "leads"},
        "message": {"ts": world.answers[run], "thread_ts": f"1700000000.{run:06}", "blocks": []},
        "response_url": "https://hooks.slack.com/actions/1",
        "actions": [
            {
                "type": "button",
                "action_id": f"choose:{choice}",
                "block_id": "b",
                "value": choice,
                "action_ts": "1.0",
            }
        ],
    }
    body = b"payload=" + quote(orjson.dumps(payload)).encode()
    stamp = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signed}",
    }
    began = time.perf_counter()
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{bot}/slack/events", data=body, headers=headers) as ack,
    ):
        assert ack.status == 200, await ack.text()
    await stand.until(lambda: run in world.updated_at, 20)
    return world.updated_at[run] - began


async def measure() -> list[Row]:
    """Ends that are spread, ends at one instant, and clicks: half a minute."""
    stand.pinned(stand.OTHER_CORE)
    told: list[Row] = []
    with stand.postgresql() as server:
        for case, over, limit in (
            (f"{ENDS} ends over 15 s", 15.0, 200.0),
            (f"{ENDS} ends at one instant", 0.0, 1_000.0),
        ):
            found = await delays(server, over)
            told += _rows(case, "answer to thread", found.ends, limit)
            told.append(Row("ends", case, "ours", "processor time of an end", 1000 * found.cpu, "ms"))
            if found.clicks:
                told += _rows(f"{CLICKS} clicks", "click to buttons replaced", found.clicks, 300.0)
    return told


def _rows(case: str, what: str, seconds: list[float], limit: float) -> list[Row]:
    half, most = (1000 * stand.percentile(seconds, share) for share in (0.5, 0.95))
    return [
        Row("ends", case, "ours", f"{what}, p50", half, "ms"),
        Row("ends", case, "ours", f"{what}, p95", most, "ms", **at_most(limit, most)),  # type: ignore[arg-type]
    ]


if __name__ == "__main__":
    uvloop.install()
    sys.exit(main(measure, __doc__))
