"""Socket Mode: connections, redelivery and everything that can go wrong with a socket."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import LocalSlack
from tests.integration.local_slack.fake_app import FakeApp, SilentError


async def test_a_ticket_opens_one_connection(slack: LocalSlack, session: ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.app.app_token}"}
    async with session.post(f"{slack.url}apps.connections.open", headers=headers) as answer:
        url = (await answer.json())["url"]
    async with session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["connection_info"]["app_id"]) == ("hello", slack.app.app_id)
    async with session.get(url.replace("ws://", "http://")) as again:
        assert again.status == 401


async def test_only_the_app_token_opens_connections(slack: LocalSlack, session: ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.token()}"}
    async with session.post(f"{slack.url}apps.connections.open", headers=headers) as answer:
        assert (await answer.json())["error"] == "invalid_auth"


async def test_an_event_that_is_not_acknowledged_comes_again_three_times(
    slack: LocalSlack, app: FakeApp
) -> None:
    def never(_: Any) -> None:
        raise SilentError

    slack.core.dispatcher.ack_seconds = 0.05
    app.answer = never
    slack.person("rep").say("#leads", "hello?")
    await slack.until(lambda: len(slack.deliveries) == 4 and slack.core.dispatcher.idle)
    assert [frame["retry_attempt"] for frame in app.frames] == [0, 1, 2, 3]
    assert [frame["retry_reason"] for frame in app.frames[1:]] == ["http_timeout"] * 3
    assert len({frame["payload"]["event_id"] for frame in app.frames}) == 1


async def test_any_one_connection_gets_a_payload(slack: LocalSlack, app: FakeApp) -> None:
    async with FakeApp(slack) as other:
        for i in range(4):
            slack.person("rep").say("#leads", str(i))
        await slack.until(lambda: len(app.frames) + len(other.frames) == 4)
        assert app.frames
        assert other.frames


async def test_after_a_disconnect_frame_payloads_go_to_the_new_connection(
    slack: LocalSlack, app: FakeApp
) -> None:
    await slack.socket.disconnect("warning")
    await slack.socket.disconnect("refresh_requested")
    async with FakeApp(slack) as fresh:
        for i in range(3):
            slack.person("rep").say("#leads", str(i))
        await slack.until(lambda: len(fresh.events("message")) == 3)
    assert [frame["reason"] for frame in app.frames] == ["warning", "refresh_requested"]


async def test_what_was_unacknowledged_on_a_cut_connection_is_sent_again(
    slack: LocalSlack, app: FakeApp
) -> None:
    def never(_: Any) -> None:
        raise SilentError

    app.answer = never
    slack.person("rep").say("#leads", "hello")
    await slack.until(lambda: app.frames)
    async with FakeApp(slack) as fresh:
        slack.core.socket.connections[0].transport.abort()  # type: ignore[union-attr]
        await slack.until(lambda: fresh.events("message"))
        assert fresh.frames[0]["retry_reason"] == "connection_failed"


async def test_a_silent_connection_answers_no_ping_and_hears_no_ack(
    slack: LocalSlack, session: ClientSession
) -> None:
    headers = {"Authorization": f"Bearer {slack.app.app_token}"}
    async with session.post(f"{slack.url}apps.connections.open", headers=headers) as answer:
        url = (await answer.json())["url"]
    async with session.ws_connect(url, autoping=False) as socket:
        await socket.receive_json()
        await socket.ping(b"before")
        assert (await socket.receive()).data == b"before"
        slack.socket.silence()
        await socket.ping(b"after")
        outcome = await slack.person("rep").command("#leads", "/origami")
        assert outcome.error == "operation_timeout"
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)


async def test_bolt_reconnects_after_its_connection_was_dropped(slack: LocalSlack) -> None:
    bolt = AsyncApp(client=AsyncWebClient(token=slack.token(), base_url=slack.url))

    @bolt.command("/origami")
    async def origami(ack: Any) -> None:
        await ack("on it")

    handler = AsyncSocketModeHandler(bolt, slack.app.app_token, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.until(lambda: slack.socket.connections)
        slack.socket.drop()
        await slack.until(lambda: slack.socket.connections)
        outcome = await slack.person("rep").command("#leads", "/origami")
        assert outcome.ephemeral is not None
        assert outcome.ephemeral.text == "on it"
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await asyncio.gather(
            *(t for t in asyncio.all_tasks() if "monitor" in str(t.get_coro())), return_exceptions=True
        )
