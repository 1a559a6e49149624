"""Answers as JSON, and refusals as Origami words them."""

import orjson
from aiohttp import web

from bot.sandbox.local_origami.idempotency import StoredAnswer
from bot.sandbox.local_origami.refusals import Json, RefusalError


def json_answer(content: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=orjson.dumps(content), status=status, headers=headers, content_type="application/json"
    )


def refusal(error: RefusalError) -> web.Response:
    """A refusal as Origami words it."""
    return json_answer(error.body, status=error.status, headers=error.headers)


def internal_error(status: int) -> web.Response:
    """A failure of Origami's own."""
    return json_answer({"error": "Internal server error", "code": "INTERNAL_ERROR"}, status=status)


def replayed(stored: StoredAnswer) -> web.Response:
    """A stored answer, word for word."""
    headers = {**stored.headers, "Idempotency-Replay": "true"}
    return web.Response(
        body=stored.body, status=stored.status, headers=headers, content_type=stored.content_type
    )


def body(response: web.Response) -> bytes:
    """The bytes of an answer that is not sent yet."""
    content = response.body
    return content if isinstance(content, bytes) else b""
