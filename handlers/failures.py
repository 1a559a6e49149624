"""What becomes of a listener's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import structlog
from slack_bolt import BoltResponse

from bot import views
from bot.workspaces.leaving import was_deleted
from handlers.desk import ephemeral, say
from handlers.payloads import MalformedError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext

    from handlers.desk import Desk

log = structlog.get_logger(__name__)


class Failures:
    """Answers for a listener that raised: nothing of its request was kept."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def failed(self, error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Tell malformed requests, and those whose ground was deleted meanwhile, from failures of ours."""
        if isinstance(error, MalformedError):
            log.warning("request.malformed", where=str(error))
            return BoltResponse(status=400)
        kind = str(body.get("type") or "command")
        if was_deleted(error):
            log.warning("request.overtaken", error=repr(error)[:300], kind=kind)
            return self._gone(kind, context)
        log.error("handler.failed", error=repr(error), exc_info=error, kind=kind)
        if "command" not in body:
            # Slack shows its own warning for a click, and delivers an event again.
            return BoltResponse(status=500)
        return _not_accepted()

    def _gone(self, kind: str, context: AsyncBoltContext) -> BoltResponse:
        if kind == "view_submission":
            return _said({"response_action": "update", "view": views.gone_modal()})
        if kind == "event_callback":
            # Slack delivers again what was not taken, and then it finds things as they are.
            return BoltResponse(status=409)
        if kind == "command":
            # It is about nothing that was there before: the next one finds the workspace as it is then.
            return _not_accepted()
        if kind in {"block_actions", "message_action"}:
            words = views.notice({"code": "not_found"})
            self._desk.tasks.hold(say(context, words), what="say that something was deleted")
        return BoltResponse(status=200)


def _not_accepted() -> BoltResponse:
    return _said(ephemeral(views.notice({"code": "not_accepted"})))


def _said(answer: dict[str, Any]) -> BoltResponse:
    return BoltResponse(
        status=200, body=orjson.dumps(answer).decode(), headers={"content-type": ["application/json"]}
    )
