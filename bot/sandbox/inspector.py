"""What went to and fro: Slack's deliveries, the bot's calls, Origami's requests, and the bot's records."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.records import Delivery, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.local_origami import LocalOrigami, RequestRecord
    from bot.sandbox.local_slack import LocalSlack

Json = dict[str, Any]
ENTRIES_SHOWN: Final = 150
"""Of each kind; older ones stay in the servers' own logs."""
RUNS_SHOWN: Final = 20


class Inspector:
    """Reads the logs of both servers and, where it may, the bot's database; changes nothing."""

    def __init__(self, slack: LocalSlack, origami: LocalOrigami, database_url: str | None) -> None:
        self._slack, self._origami = slack, origami
        self._db = Database(database_url, pool_size=1) if database_url else None

    @property
    def reads_records(self) -> bool:
        """Whether the bot's database is ours to read."""
        return self._db is not None

    async def close(self) -> None:
        """Let go of the database."""
        if self._db is not None:
            await self._db.close()

    def entries(self) -> dict[str, Json]:
        """The newest entries of the three logs, by an id that `detail` takes."""
        found: dict[str, Json] = {}
        logs: tuple[tuple[str, list[Any], Callable[[Any], Json]], ...] = (
            ("delivery", self._slack.deliveries, _delivery_line),
            ("call", self._slack.calls, _call_line),
            ("request", self._origami.requests, _request_line),
        )
        for kind, log, line in logs:
            first = max(0, len(log) - ENTRIES_SHOWN)
            for number, item in enumerate(log[first:], first):
                found[f"{kind}/{number}"] = {"kind": kind, **line(item)}
        return found

    def detail(self, kind: str, number: int) -> Json:
        """Everything about one entry; KeyError or IndexError if there is no such one."""
        if kind == "request":
            record = self._origami.requests[number]
            return {**dataclasses.asdict(record), "body": _readable(record.body)}
        logs: dict[str, list[Any]] = {"delivery": self._slack.deliveries, "call": self._slack.calls}
        shown: Json = logs[kind][number].as_json()
        return shown

    async def runs(self) -> list[Json]:
        """The bot's newest runs with their deliveries, newest first; none while there is no schema yet."""
        if self._db is None:
            return []
        try:
            async with self._db.read() as session:
                newest = select(Run).order_by(Run.created_at.desc()).limit(RUNS_SHOWN)
                runs = (await session.execute(newest)).scalars().all()
                owed = select(Delivery).where(Delivery.run_id.in_([run.id for run in runs]))
                deliveries = (await session.execute(owed.order_by(Delivery.id))).scalars().all()
        except DBAPIError:
            return []
        return [_run_line(run, [d for d in deliveries if d.run_id == run.id]) for run in runs]


def _delivery_line(delivery: Any) -> Json:  # noqa: ANN401 - local Slack's own class, which it does not export
    return {
        "at": delivery.at,
        "title": _what_slack_sent(delivery.kind, delivery.payload),
        "ok": delivery.ok,
        "pending": delivery.latency is None and not delivery.error,
        "milliseconds": None if delivery.latency is None else round(delivery.latency * 1_000),
        "note": f"retry {delivery.attempt}" if delivery.attempt else "",
        "error": delivery.error,
    }


def _what_slack_sent(kind: str, payload: Json) -> str:
    if kind == "slash_commands":
        return f"{payload['command']} {payload['text']}"
    if kind == "events_api":
        event = payload["event"]
        return f"event: {event.get('subtype') or event['type']}"
    if payload["type"] == "block_actions":
        action = payload["actions"][0]
        chosen = action.get("selected_option") or action
        label = chosen.get("text", {}).get("text") if isinstance(chosen.get("text"), dict) else None
        return f"click: {label or action['action_id']}"
    return str(payload["type"]).replace("_", " ")


def _call_line(call: Any) -> Json:  # noqa: ANN401 - as above
    return {
        "at": call.at,
        "title": call.method,
        "ok": call.ok,
        "pending": call.status == 0,
        "note": "" if call.status in (0, 200) else str(call.status),
        "error": call.error,
    }


def _request_line(record: RequestRecord) -> Json:
    parts = record.path.removeprefix("/api/v2").split("/")
    # Ids are of no use to a person who reads along.
    path = "/".join("…" if len(part) > 20 else part for part in parts)
    return {
        "at": record.time,
        "title": f"{record.method} {path}",
        "ok": record.status is not None and record.status < 400,
        "pending": record.status is None,
        "note": " ".join(filter(None, [str(record.status or ""), "replayed" if record.replay else ""])),
        "error": record.fault or "",
    }


def _run_line(run: Run, deliveries: list[Delivery]) -> Json:
    return {
        "id": run.id,
        "prompt": run.prompt,
        "requester": run.requester_id,
        "source": run.source,
        "state": run.state,
        "status": run.status,
        "reason": (run.reason or {}).get("code"),
        "steps": [run.steps_completed, run.steps_max],
        "attempts": run.attempts,
        "leased": run.lease_until is not None,
        "deliveries": [
            {
                "kind": d.kind,
                "sequence": d.sequence,
                "state": d.state,
                "revision": d.revision,
                "attempts": d.attempts,
                "dropped": d.dropped_reason,
            }
            for d in deliveries
        ],
    }


def _readable(body: str) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
