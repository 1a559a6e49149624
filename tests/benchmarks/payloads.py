"""Slack's requests as bytes, signed: made before anything is measured."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "0123456789abcdef0123456789abcdef"
TEAM, APP = "T00000001", "A00000001"
CHANNELS = 10
"""Slack takes one message a second in each: so many openings a second are posted meanwhile."""
REPS = 50


@dataclass(slots=True)
class Payloads:
    """Endless commands, and a click for each choice that was seeded."""

    choices: Iterator[str]
    vendors: str
    """Where the stand-ins listen: the requests' response_url."""
    made: int = 0

    def make(self, kind: str) -> dict[str, Any]:
        """A ``command`` or a ``click``, from one rep after the other, in one channel after the other."""
        self.made += 1
        number = self.made
        shared = {"trigger_id": f"{number}.1700000000.{id(self):x}", "api_app_id": APP, "token": "legacy"}
        shared["response_url"] = f"{self.vendors}/hook/{number}"
        return shared | (self._command(number) if kind == "command" else self._click(number))

    def _command(self, number: int) -> dict[str, Any]:
        return {
            "team_id": TEAM,
            "team_domain": "acme",
            "channel_id": f"C{number % CHANNELS:08}",
            "channel_name": "leads",
            "user_id": f"U{number % REPS:08}",
            "user_name": "rep",
            "command": "/origami",
            "text": f"find 50 SaaS founders in Austin who raised seed since 2024 number {number}",
            "is_enterprise_install": "false",
        }

    def _click(self, number: int) -> dict[str, Any]:
        choice = next(self.choices)
        button = {"type": "button", "text": {"type": "plain_text", "text": "Find their mobile numbers"}}
        blocks = [
            {
                "type": "section",
                "block_id": f"b{place}",
                "text": {"type": "mrkdwn", "text": "Some words of the answer. " * 8},
            }
            for place in range(8)
        ]
        clicked = {"action_id": f"choose:{choice}", "block_id": "b9", "value": choice}
        return {
            "type": "block_actions",
            "team": {"id": TEAM, "domain": "acme"},
            "user": {"id": f"U{number % REPS:08}", "team_id": TEAM, "username": "rep"},
            "channel": {"id": f"C{number % CHANNELS:08}", "name": "leads"},
            "container": {"type": "message", "message_ts": "1.2", "thread_ts": "1.1"},
            "message": {"ts": "1.2", "thread_ts": "1.1", "text": "The answer", "blocks": blocks},
            "state": {"values": {}},
            "actions": [{**button, **clicked, "action_ts": "1.3"}],
        }


def signed(payload: dict[str, Any], host: str) -> bytes:
    """The whole HTTP request, signed now: it is good for five minutes."""
    if "command" in payload:
        body = urlencode(payload).encode()
    else:
        body = b"payload=" + quote_plus(orjson.dumps(payload)).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        f"Accept-Encoding: gzip,deflate\r\nAccept: application/json,*/*\r\n"
        f"X-Slack-Signature: v0={digest}\r\nX-Slack-Request-Timestamp: {stamp}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def enveloped(payload: dict[str, Any]) -> tuple[str, str]:
    """The same as an envelope of Socket Mode: its id, and the frame."""
    envelope = f"{payload['trigger_id']}-{payload.get('command', 'click').strip('/')}"
    frame = {
        "envelope_id": envelope,
        "payload": payload,
        "type": "slash_commands" if "command" in payload else "interactive",
        "accepts_response_payload": True,
    }
    return envelope, orjson.dumps(frame).decode()
