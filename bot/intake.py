"""What is noted of each request from Slack: how long its ack took, and the ids for the lines it logs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from structlog.contextvars import bind_contextvars, clear_contextvars

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
    from slack_bolt.response import BoltResponse

    from bot.metrics import Metrics
    from bot.precedence import Precedence

KINDS = {
    "event_callback": "event",
    "block_actions": "click",
    "view_submission": "form",
    "view_closed": "form",
    "block_suggestion": "options",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "url_verification": "check",
}


def watch(app: AsyncApp, metrics: Metrics, precedence: Precedence) -> None:
    """From now on each request that the app is given goes first, and is timed, counted and named in the log.

    Bolt's dispatch is the one place that both ways in pass; its listeners and middleware see less.
    """
    dispatch = app.async_dispatch

    async def watched(request: AsyncBoltRequest) -> BoltResponse:
        began = time.perf_counter()
        outcome = "failed"
        # Nobody has looked at the signature yet: it may be anything.
        body = request.body if isinstance(request.body, dict) else {}
        bind_contextvars(**ids(request.headers, body))
        try:
            with precedence.answering():
                answer = await dispatch(request)
            outcome = _outcome(answer.status)
            return answer
        finally:
            metrics.acks.labels(kind(body), outcome).observe(time.perf_counter() - began)
            # Over Socket Mode the next request may come in the same task.
            clear_contextvars()

    app.async_dispatch = watched  # type: ignore[assignment,method-assign]


def kind(body: dict[str, Any]) -> str:
    """What sort of request it is, one of a few words."""
    return "command" if "command" in body else KINDS.get(str(body.get("type")), "other")


def ids(headers: dict[str, Any], body: dict[str, Any]) -> dict[str, str]:
    """Slack's own ids of a request, where it has them; nothing that a person wrote."""
    team = body.get("team")
    found = {
        "team": body.get("team_id") or (team.get("id") if isinstance(team, dict) else None),
        "slack_event": body.get("event_id"),
        "slack_trigger": body.get("trigger_id"),
        "slack_request": _first(headers, "x-slack-request-id"),
        "slack_retry": _first(headers, "x-slack-retry-num"),
    }
    return {name: str(value)[:100] for name, value in found.items() if value}


def _first(headers: dict[str, Any], name: str) -> str | None:
    values = headers.get(name)
    return values[0] if isinstance(values, list) and values else None


def _outcome(status: int) -> str:
    if status == 200:
        return "acked"
    if status == 404:
        return "unmatched"
    return "refused" if status < 500 else "failed"
