"""Slack's requests on their way to Bolt: signed, recent, and in one of Slack's shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.response import SocketModeResponse
from starlette.responses import Response

from handlers import payloads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from starlette.requests import Request

log = structlog.get_logger(__name__)

NO_RETRY = {"X-Slack-No-Retry": "1"}
"""Slack: an event that is answered so is not sent again."""


class HttpRequests:
    """What Slack posts to our address.

    The signature is checked on the bytes that came, before anything reads them; so Bolt, which would
    check it once more after reading them, is told that it need not.
    """

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app, self._verifier = app, SignatureVerifier(signing_secret)

    async def hear(self, request: Request) -> Response:
        """Answer: 401 where Slack did not sign it lately, 400 where it is in none of Slack's shapes."""
        raw = await request.body()
        if raw.startswith(b"ssl_check=1&") or raw == b"ssl_check=1":
            # Slack: sent without a signature now and then, to see whether the certificate is good.
            return Response()
        if not self._is_signed(raw, request.headers):
            return Response(status_code=401)
        try:
            body = payloads.read(raw)
        except payloads.MalformedError as error:
            log.warning("request.malformed", where=str(error), bytes=len(raw))
            return Response(status_code=400, headers=NO_RETRY)
        heard = AsyncBoltRequest(body=body, headers=_headers(request), mode="socket_mode")
        return to_starlette_response(await self._app.async_dispatch(heard))

    def _is_signed(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        stamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        try:
            return len(stamp) <= 12 and self._verifier.is_valid(raw, stamp, signature)
        except (ValueError, TypeError):
            # The SDK takes a number, a signature in ASCII and a body in UTF-8 for granted.
            return False


class SocketRequests(AsyncSocketModeHandler):
    """What Slack sends over Socket Mode."""

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Hand an envelope to Bolt; one in no shape of Slack's is acked, or it would come again and again."""
        if not isinstance(req.envelope_id, str):
            log.warning("request.malformed", where="envelope_id")
            return
        try:
            req.payload = payloads.read_envelope(req.payload)
        except payloads.MalformedError as error:
            log.warning("request.malformed", where=str(error))
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            return
        await super().handle(client, req)  # type: ignore[arg-type]  # Bolt narrows what its base promises


def _headers(request: Request) -> dict[str, Any]:
    return {name: value for name, value in request.headers.items() if name.startswith("x-slack-retry-")}
