"""Signed delivery over HTTP."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import App, Fault, LocalSlack


class Receiver:
    """An HTTP app that keeps what it got and answers what the test says."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        self.answers: list[web.Response] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.requests.append((dict(request.headers), body))
        if '"url_verification"' in body:
            return web.Response(text=json.loads(body)["challenge"])
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/slack/events", receiver.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def slack(receiver: Receiver) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(App(mode="http", request_url=receiver.url), speed=100_000) as running:
        yield running


async def test_every_delivery_is_signed_and_in_its_encoding(slack: LocalSlack, receiver: Receiver) -> None:
    rep = slack.person("rep")
    receiver.answers = [web.json_response({"text": "on it"})]
    outcome = await rep.command("#leads", "/origami find")
    assert outcome.ephemeral is not None
    assert outcome.ephemeral.text == "on it"
    rep.open_home()
    await slack.until(lambda: slack.core.dispatcher.idle and len(receiver.requests) == 2)
    (command_headers, command), (event_headers, event) = receiver.requests
    assert parse_qs(command)["command"] == ["/origami"]
    assert json.loads(event)["event"]["type"] == "app_home_opened"
    for headers, body in ((command_headers, command), (event_headers, event)):
        assert SignatureVerifier(slack.app.signing_secret).is_valid_request(body, headers)
    assert event_headers["Content-Type"] == "application/json"


async def test_a_plain_text_ack_is_shown_too(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers = [web.Response(text="usage: /origami <brief>")]
    outcome = await slack.person("rep").command("#leads", "/origami")
    assert outcome.ephemeral is not None
    assert outcome.ephemeral.text == "usage: /origami &lt;brief&gt;"


async def test_a_failed_event_is_retried_with_its_reason(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=302)]
    slack.person("rep").say("#leads", "hello")
    await slack.until(lambda: len(receiver.requests) == 3 and slack.core.dispatcher.idle)
    retries = [
        (headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason"))
        for headers, _ in receiver.requests
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert [delivery.status for delivery in slack.deliveries] == [500, 302, 200]


async def test_an_app_can_decline_retries(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})]
    slack.person("rep").say("#leads", "hello")
    await slack.until(lambda: receiver.requests and slack.core.dispatcher.idle)
    assert [delivery.error for delivery in slack.deliveries] == ["no_retry"]


async def test_an_app_that_is_down_is_a_failed_connection(slack: LocalSlack, receiver: Receiver) -> None:
    slack.app.request_url = "http://127.0.0.1:9/slack/events"
    assert (await slack.person("rep").command("#leads", "/origami")).error == "dispatch_failed"
    assert slack.deliveries[0].error == "connection_failed"
    assert not await slack.verify_request_url()


async def test_the_request_url_is_verified_by_its_challenge(slack: LocalSlack, receiver: Receiver) -> None:
    assert await slack.verify_request_url()


async def test_a_duplicate_is_the_same_event_twice(slack: LocalSlack, receiver: Receiver) -> None:
    slack.faults.add(Fault(kind="duplicate", method="delivery:events_api"))
    slack.person("rep").say("#leads", "hello")
    await slack.until(lambda: len(receiver.requests) == 2)
    assert len({json.loads(body)["event_id"] for _, body in receiver.requests}) == 1


async def test_bolt_accepts_what_is_sent(slack: LocalSlack) -> None:
    bolt = AsyncApp(
        signing_secret=slack.app.signing_secret,
        client=AsyncWebClient(token=slack.token(), base_url=slack.url),
    )

    @bolt.command("/origami")
    async def origami(ack: Any, command: dict[str, str]) -> None:
        await ack(f"got {command['text']}")

    runner = web.AppRunner(bolt.server(port=0).web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.app.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        assert await slack.verify_request_url()
        outcome = await slack.person("rep").command("#leads", "/origami find")
        assert outcome.ephemeral is not None
        assert outcome.ephemeral.text == "got find"
    finally:
        await runner.cleanup()
