"""The control API, as the sandbox's page and other processes use it."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import App, LocalSlack
from tests.integration.local_slack.fake_app import FakeApp

BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}


class Control:
    def __init__(self, slack: LocalSlack, session: ClientSession) -> None:
        self.base, self.session = f"{slack.base}_control/", session

    async def get(self, path: str) -> Any:
        async with self.session.get(self.base + path) as answer:
            return await answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        async with self.session.post(self.base + path, json=body) as answer:
            return await answer.json()


@pytest.fixture
def control(slack: LocalSlack, session: ClientSession) -> Control:
    return Control(slack, session)


async def test_people_speak_command_and_click_over_http(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, control: Control
) -> None:
    said = await control.post("people/rep/say", channel="#leads", text="hello @origami")
    reply = await control.post(
        "people/colleague/say", channel="#leads", text="hi", thread_ts=said["message"]["ts"]
    )
    thread = await control.get(f"channels/leads?thread_ts={said['message']['ts']}")
    assert [m["ts"] for m in thread] == [said["message"]["ts"], reply["message"]["ts"]]
    app.answer = lambda _: {"text": "on it"}
    commanded = await control.post("people/rep/command", channel="#leads", text="/origami find")
    assert commanded["ephemeral"]["text"] == "on it"
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="x", blocks=blocks))["ts"]
    assert (await control.post("people/rep/click", channel="#leads", ts=ts, control="Go"))["ok"]
    assert app.payloads("block_actions")[0]["message"]["ts"] == ts
    assert [m["text"] for m in (await control.get("people/rep"))["ephemerals"]] == ["on it"]


async def test_a_modal_is_seen_filled_and_submitted_over_http(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, control: Control
) -> None:
    await control.post("people/rep/shortcut", name="New lead run")
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "T"},
        "submit": {"type": "plain_text", "text": "S"},
        "blocks": [
            {
                "type": "input",
                "block_id": "b",
                "label": {"type": "plain_text", "text": "Why"},
                "element": {"type": "plain_text_input", "action_id": "a"},
            }
        ],
    }
    await client.views_open(trigger_id=app.payloads("shortcut")[0]["trigger_id"], view=view)
    assert (await control.get("people/rep"))["modal"]["title"]["text"] == "T"
    refused = await control.post("people/rep/submit")
    assert (refused["ok"], "is required" in refused["error"]) == (False, True)
    await control.post("people/rep/fill", values={"Why": "because"})
    assert (await control.post("people/rep/submit"))["ok"]
    assert (await control.get("people/rep"))["modal"] is None


async def test_the_state_the_logs_and_the_faults_are_reachable(
    slack: LocalSlack, app: FakeApp, control: Control
) -> None:
    state = await control.get("state")
    assert {"rep", "colleague", "admin", "outsider"} <= {person["alias"] for person in state["people"]}
    assert state["connections"] == 1
    await control.post("faults", kind="refuse", method="auth.test", error="fatal_error")
    async with control.session.post(f"{slack.url}auth.test", data={"token": slack.token()}) as refused:
        assert (await refused.json())["error"] == "fatal_error"
    assert (await control.get("calls"))[-1]["method"] == "auth.test"
    assert (await control.post("faults", kind="refuse", colour="red"))["ok"] is False
    await control.post("people/rep/open_home", tab="messages")
    await slack.until(lambda: app.events("app_home_opened"))
    assert (await control.get("deliveries"))[-1]["kind"] == "events_api"


async def test_the_socket_and_the_installation_are_steered_over_http(
    slack: LocalSlack, app: FakeApp, control: Control
) -> None:
    await control.post("workspaces/T0NORTHWND1/uninstall")
    await slack.until(lambda: app.events("app_uninstalled"))
    installed = await control.post("workspaces/T0NORTHWND1/install")
    assert installed["bot_token"] == slack.token()
    await control.post("socket/drop")
    assert slack.socket.connections == []
    assert (await control.post("socket/explode"))["ok"] is False
    assert (await control.post("people/nobody/say", channel="#leads", text="x"))["ok"] is False
    assert (await control.post("people/rep/fly"))["ok"] is False


async def test_changes_stream_as_server_sent_events(slack: LocalSlack, control: Control) -> None:
    async with control.session.get(f"{control.base}changes") as stream:
        await stream.content.readuntil(b"\n\n")
        slack.person("rep").say("#leads", "hello")
        event = await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 5)
    name, data = event.decode().strip().split("\n")
    assert name == "event: message"
    assert json.loads(data.removeprefix("data: "))["data"]["message"]["text"] == "hello"


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Origin": "http://evil.example"}]
)
async def test_other_sites_cannot_steer_it_through_a_browser(
    control: Control, headers: dict[str, str]
) -> None:
    async with control.session.get(f"{control.base}state", headers=headers) as answer:
        assert answer.status == 403


async def test_waiting_ends_with_the_change_or_with_a_timeout(slack: LocalSlack) -> None:
    rep = slack.person("rep")
    waiting = asyncio.create_task(slack.until(lambda: slack.channel("#leads").messages, timeout=5))
    await asyncio.sleep(0)
    said = rep.say("#leads", "hello")
    assert await waiting == [said]
    with pytest.raises(TimeoutError):
        await slack.until(lambda: False, timeout=0.01)


async def test_subscribers_get_every_change_until_the_server_stops() -> None:
    seen: list[str] = []
    async with LocalSlack() as slack:

        async def follow() -> None:
            seen.extend([change.kind async for change in slack.subscribe()])

        following = asyncio.create_task(follow())
        await asyncio.sleep(0)
        slack.person("rep").say("#general", "one")
        slack.person("rep").say("#general", "two")
    await asyncio.wait_for(following, 5)
    assert seen == ["message", "message"]


async def test_a_shared_file_can_be_saved_and_no_other(slack: LocalSlack, control: Control) -> None:
    message = slack.person("rep").say("#leads", "look", files={"Café 1.csv": b"a,b"})
    [file] = message.files
    async with control.session.get(f"{control.base}files/{file.file_id}") as answer:
        assert (answer.status, await answer.read()) == (200, b"a,b")
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Caf%C3%A9%201.csv"
    file.channels.clear()
    for unknown in (file.file_id, "F0NONE"):
        async with control.session.get(f"{control.base}files/{unknown}") as answer:
            assert answer.status == 404


def test_an_app_is_registered_from_its_manifest() -> None:
    manifest = {
        "display_information": {"name": "Origami"},
        "features": {
            "slash_commands": [{"command": "/origami", "should_escape": True}],
            "shortcuts": [{"name": "New", "type": "global", "callback_id": "new"}],
            "agent_view": {},
        },
        "oauth_config": {"scopes": {"bot": ["chat:write"], "bot_optional": ["channels:join"]}},
        "settings": {
            "event_subscriptions": {"bot_events": ["app_mention"]},
            "socket_mode_enabled": True,
        },
    }
    app = App.from_manifest(manifest, app_id="A1")
    assert (app.mode, app.scopes, app.commands) == (
        "socket",
        ("chat:write", "channels:join"),
        {"/origami": True},
    )
    assert (app.is_agent, app.events, app.app_id) == (True, frozenset({"app_mention"}), "A1")
    assert app.shortcut("New", "global") is app.shortcuts[0]
