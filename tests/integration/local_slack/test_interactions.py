"""Commands, clicks, shortcuts and the Home tab, as people do them and as the app sees them."""

from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import PARTNER_TEAM, CannotDoError, LocalSlack, Message
from tests.integration.local_slack.conftest import Clock
from tests.integration.local_slack.fake_app import FakeApp, SilentError

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": {"text": plain("Good"), "value": "good"},
    "negative_button": {"text": plain("Bad"), "value": "bad"},
}
BLOCKS: list[Json] = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "go", "text": plain("Go"), "value": "42", "style": "primary"},
            {
                "type": "button",
                "action_id": "mine",
                "text": plain("Mine"),
                "visible_to_user_ids": ["U0ANAREP001"],
            },
            {
                "type": "static_select",
                "action_id": "pick",
                "placeholder": plain("Pick"),
                "options": options("A", "B"),
            },
            {"type": "overflow", "action_id": "more", "options": options("Stop", "Mute")},
            {"type": "external_select", "action_id": "table", "placeholder": plain("Table")},
            {"type": "multi_users_select", "action_id": "people", "placeholder": plain("People")},
        ],
    },
    {"type": "context_actions", "elements": [FEEDBACK]},
]


@pytest.fixture
async def message(slack: LocalSlack, client: AsyncWebClient) -> Message:
    await client.chat_postMessage(channel="C0LEADS0001", text="choose", blocks=BLOCKS)
    return slack.channel("#leads").messages[-1]


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_command_carries_all_of_slacks_fields(slack: LocalSlack, app: FakeApp) -> None:
    outcome = await slack.person("rep").command("#leads", "/origami find @ben & co")
    payload = app.frames[-1]["payload"]
    assert outcome.ok
    assert app.frames[-1]["accepts_response_payload"] is True
    assert payload["text"] == "find <@U0BENCOLL01|ben> &amp; co"
    assert set(payload) == {
        *("token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name"),
        *("command", "text", "api_app_id", "is_enterprise_install", "response_url", "trigger_id"),
    }


async def test_the_body_of_a_commands_ack_is_shown_to_the_person_alone(
    slack: LocalSlack, app: FakeApp
) -> None:
    rep = slack.person("rep")
    app.answer = lambda _: {"text": "on it"}
    outcome = await rep.command("#finance", "/origami help")
    assert outcome.ephemeral is rep.ephemerals[0]
    app.answer = lambda _: {"text": "look", "response_type": "in_channel"}
    await rep.command("#finance", "/origami help")
    assert [m.text for m in slack.channel("#finance").messages] == ["look"]


async def test_a_command_that_is_not_acknowledged_in_time_fails_before_the_persons_eyes(
    slack: LocalSlack, app: FakeApp
) -> None:
    def never(_: Json) -> None:
        raise SilentError

    app.answer = never
    outcome = await slack.person("rep").command("#leads", "/origami find")
    assert (outcome.ok, outcome.error) == (False, "operation_timeout")
    assert slack.person("rep").ephemerals[-1].text == '/origami failed with the error "operation_timeout"'


async def test_a_command_without_any_connection_fails_at_once(slack: LocalSlack) -> None:
    assert (await slack.person("rep").command("#leads", "/origami")).error == "dispatch_failed"


async def test_an_ack_that_slack_cannot_show_is_an_invalid_response(slack: LocalSlack, app: FakeApp) -> None:
    app.answer = lambda _: {"text": "x", "blocks": [{"type": "marquee"}]}
    outcome = await slack.person("rep").command("#leads", "/origami")
    assert (outcome.ok, outcome.error) == (False, "invalid_command_response: invalid_blocks")


async def test_people_cannot_do_what_the_client_does_not_offer(slack: LocalSlack, app: FakeApp) -> None:
    with pytest.raises(CannotDoError, match="not a valid command"):
        await slack.person("rep").command("#leads", "/oregano")
    with pytest.raises(CannotDoError, match="not a valid command"):
        await slack.person("outsider").command("#partners", "/origami")
    with pytest.raises(CannotDoError, match="is not in"):
        await slack.person("colleague").command("#sales", "/origami")
    with pytest.raises(CannotDoError, match="archived"):
        slack.person("rep").say("#old-leads", "anyone?")


async def test_a_click_carries_the_button_its_message_and_who_pressed_it(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    await slack.person("colleague").click(message, "Go")
    (payload,) = app.payloads("block_actions")
    (action,) = payload["actions"]
    assert action | {"action_ts": ""} == {
        "type": "button",
        "action_id": "go",
        "block_id": message.blocks[0]["block_id"],
        "text": {"type": "plain_text", "text": "Go", "emoji": True},
        "value": "42",
        "style": "primary",
        "action_ts": "",
    }
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == message.ts
    assert payload["user"]["id"] == "U0BENCOLL01"
    assert payload["response_url"].startswith(slack.base)
    assert payload["state"]["values"][action["block_id"]]["pick"]["selected_option"] is None


async def test_selects_menus_and_feedback_carry_what_was_chosen(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    rep = slack.person("rep")
    await rep.choose(message, "Pick", "B")
    await rep.click(message, "more", "Mute")
    await rep.click(message, "Bad")
    await rep.choose(message, "People", ["colleague", "admin"])
    chosen = [payload["actions"][0] for payload in app.payloads("block_actions")]
    assert chosen[0]["selected_option"]["value"] == "b"
    assert chosen[1]["selected_option"]["value"] == "mute"
    assert (chosen[2]["type"], chosen[2]["value"]) == ("feedback_buttons", "bad")
    assert chosen[3]["selected_users"] == ["U0BENCOLL01", "U0CLAADMIN1"]


async def test_an_external_select_shows_what_the_app_offers(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    def answer(envelope: Json) -> Json | None:
        asked = envelope["payload"]["type"] == "block_suggestion"
        return {"options": options("Founders")} if asked else None

    app.answer = answer
    await slack.person("rep").choose(message, "Table", "Founders")
    (asked,) = app.payloads("block_suggestion")
    assert (asked["action_id"], asked["value"]) == ("table", "Founders")
    assert app.payloads("block_actions")[0]["actions"][0]["selected_option"]["value"] == "founders"


async def test_only_those_who_see_a_button_can_press_it(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    assert (await slack.person("rep").click(message, "Mine")).ok
    with pytest.raises(CannotDoError, match="not shown"):
        await slack.person("colleague").click(message, "Mine")
    with pytest.raises(CannotDoError, match="nothing called 'Fly'"):
        await slack.person("rep").click(message, "Fly")


async def test_a_click_on_what_was_just_updated_reaches_the_button_that_stands_there_now(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    """An update names the blocks anew, and the person clicked on the message as they saw it."""
    assert (await slack.person("rep").click(message, "before-the-update/go")).ok
    (payload,) = app.payloads("block_actions")
    [action] = payload["actions"]
    assert (action["action_id"], action["block_id"]) == ("go", message.blocks[0]["block_id"])
    with pytest.raises(CannotDoError, match="nothing called"):
        await slack.person("rep").click(message, "before-the-update/gone")


async def test_the_buttons_of_an_app_that_is_gone_are_dead(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    slack.uninstall()
    with pytest.raises(CannotDoError, match="not installed"):
        await slack.person("rep").click(message, "Go")


async def test_an_outsider_in_a_shared_channel_can_press_buttons_and_is_recognisable(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    await client.chat_postMessage(channel="C0PARTNERS1", text="x", blocks=BLOCKS)
    await slack.person("outsider").click(slack.channel("#partners").messages[0], "Go")
    (payload,) = app.payloads("block_actions")
    assert payload["user"]["team_id"] == PARTNER_TEAM != payload["team"]["id"]


async def test_a_response_url_works_five_times_within_thirty_minutes(
    slack: LocalSlack, app: FakeApp, session: ClientSession, clock: Clock
) -> None:
    await slack.person("rep").command("#finance", "/origami")
    url = app.frames[-1]["payload"]["response_url"]
    for _ in range(5):
        async with session.post(url, json={"text": "x"}) as answer:
            assert await answer.text() == "ok"
    async with session.post(url, json={"text": "x"}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (404, "used_url")
    await slack.person("rep").command("#finance", "/origami")
    clock.seconds += 1801
    async with session.post(app.frames[-1]["payload"]["response_url"], json={"text": "x"}) as answer:
        assert (await answer.json())["error"] == "expired_url"
    assert len(slack.person("rep").ephemerals) == 5


async def test_a_response_url_replaces_deletes_or_adds_to_the_clicked_message(
    slack: LocalSlack, app: FakeApp, session: ClientSession, message: Message
) -> None:
    await slack.person("rep").click(message, "Go")
    url = app.payloads("block_actions")[0]["response_url"]
    await session.post(url, json={"text": "chosen", "replace_original": True})
    assert (message.text, message.blocks) == ("chosen", [])
    await session.post(url, json={"text": "all see", "response_type": "in_channel", "thread_ts": message.ts})
    assert [m.text for m in slack.thread(message)] == ["chosen", "all see"]
    async with session.post(url, json={"blocks": [{"type": "marquee"}]}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_blocks")
    await session.post(url, json={"delete_original": True})
    assert message not in slack.channel("#leads").messages


async def test_a_click_in_an_ephemeral_message_does_not_repeat_the_message(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, session: ClientSession
) -> None:
    await client.chat_postEphemeral(channel="C0LEADS0001", user="U0ANAREP001", text="x", blocks=BLOCKS)
    rep = slack.person("rep")
    await rep.click(rep.ephemerals[0], "Go")
    (payload,) = app.payloads("block_actions")
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    await session.post(payload["response_url"], json={"delete_original": True})
    assert rep.ephemerals == []


async def test_shortcuts_carry_their_callback_id_and_message(
    slack: LocalSlack, app: FakeApp, message: Message
) -> None:
    rep = slack.person("rep")
    await rep.shortcut("New lead run")
    await rep.message_shortcut(message, "use_as_brief")
    (anywhere,), (on_message,) = app.payloads("shortcut"), app.payloads("message_action")
    assert anywhere["callback_id"] == "new_run"
    assert "response_url" not in anywhere
    assert (on_message["callback_id"], on_message["message"]["ts"]) == ("use_as_brief", message.ts)
    with pytest.raises(CannotDoError):
        await rep.shortcut("use_as_brief")


async def test_the_home_tab_is_published_seen_and_clicked(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    rep = slack.person("rep")
    rep.open_home()
    opened = await slack.until(lambda: app.events("app_home_opened"))
    assert (opened[0]["tab"], opened[0]["channel"]) == ("home", rep.dm.channel_id)
    press = {"type": "button", "action_id": "new", "text": plain("New run")}
    view = {"type": "home", "blocks": [{"type": "actions", "elements": [press]}]}
    published = await client.views_publish(user_id=rep.id, view=view)
    assert rep.home is not None
    await rep.click(rep.home, "New run")
    assert app.payloads("block_actions")[0]["view"]["type"] == "home"
    await client.views_publish(user_id=rep.id, view=view, hash=published["view"]["hash"])
    stale = client.views_publish(user_id=rep.id, view=view, hash=published["view"]["hash"])
    assert await error_of(stale) == "hash_conflict"


async def test_the_stop_button_exists_while_a_session_is_processing(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, message: Message
) -> None:
    rep = slack.person("rep")
    with pytest.raises(CannotDoError):
        rep.stop_session(message)
    where = {"channel_id": message.channel_id, "thread_ts": message.ts}
    await client.agents_sessions_setStatus(status="processing", **where)
    rep.stop_session(message)
    (event,) = await slack.until(lambda: app.events("agent_session_stopped"))
    assert (event["thread_ts"], event["user"], event["streaming_message_ts"]) == (message.ts, rep.id, [])
