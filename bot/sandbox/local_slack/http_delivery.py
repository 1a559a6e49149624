"""Signed delivery over HTTP to the app's request URL."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientConnectionError, ClientError, ClientSession
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.local_slack.app import App
from bot.sandbox.local_slack.delivery import Ack, Delivery
from bot.sandbox.local_slack.errors import NoAckError

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class HttpDelivery:
    """Posts to `app.request_url`, signed with `v0:timestamp:body`; `now` gives seconds since the epoch."""

    def __init__(self, app: App, now: Callable[[], float]) -> None:
        self._app, self._now = app, now
        self._session: ClientSession | None = None

    async def send(self, delivery: Delivery) -> Ack:
        """Deliver one payload; anything but HTTP 200 counts as not acknowledged."""
        content_type, body = encoded(delivery)
        headers = self.signed(body) | {"Content-Type": content_type}
        if delivery.attempt:
            headers |= {
                "X-Slack-Retry-Num": str(delivery.attempt),
                "X-Slack-Retry-Reason": delivery.retry_reason,
            }
        try:
            async with self._client().post(
                self._app.request_url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.text()
                if answer.status != 200:
                    retry = answer.headers.get("X-Slack-No-Retry") != "1"
                    raise NoAckError("http_error", retry=retry, status=answer.status)
        except ClientConnectionError as error:
            raise NoAckError("connection_failed") from error
        except ClientError as error:
            raise NoAckError("unknown_error") from error
        return Ack(parsed(content), 200)

    async def verify_url(self, challenge: str) -> bool:
        """Slack's check of the request URL: it must answer with the challenge."""
        body = json.dumps(
            {"token": self._app.verification_token, "challenge": challenge, "type": "url_verification"}
        )
        headers = self.signed(body) | {"Content-Type": JSON}
        try:
            async with self._client().post(self._app.request_url, data=body, headers=headers) as answer:
                return answer.status == 200 and challenge in await answer.text()
        except ClientError:
            return False

    def signed(self, body: str) -> dict[str, str]:
        """The headers that prove who sends `body`."""
        timestamp = str(int(self._now()))
        signature = SignatureVerifier(self._app.signing_secret).generate_signature(
            timestamp=timestamp, body=body
        )
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature or "",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }

    async def close(self) -> None:
        """Close the client session."""
        if self._session is not None:
            await self._session.close()

    def _client(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession()
        return self._session


def encoded(delivery: Delivery) -> tuple[str, str]:
    """Content type and body: commands as a form, interactions as JSON in a form, events as JSON."""
    if delivery.kind == "slash_commands":
        return FORM, urlencode(delivery.payload)
    text = json.dumps(delivery.payload)
    return (JSON, text) if delivery.kind == "events_api" else (FORM, urlencode({"payload": text}))


def parsed(content: str) -> Any:  # noqa: ANN401 - whatever the app answered
    """The ack's body as JSON where it is JSON, else its text, else None."""
    try:
        return json.loads(content)
    except ValueError:
        return content or None
