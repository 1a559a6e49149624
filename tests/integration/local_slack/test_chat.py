"""chat.*: what is posted, and what is refused with which error."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import PARTNER_TEAM, LocalSlack
from tests.integration.local_slack.fake_app import FakeApp


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def test_a_post_is_stored_as_slack_would_and_answered_in_full(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}]
    answer = await client.chat_postMessage(channel="C0LEADS0001", text="a < b", blocks=blocks)
    (message,) = slack.channel("#leads").messages
    assert (answer["channel"], answer["ts"]) == ("C0LEADS0001", message.ts)
    assert answer["message"]["text"] == "a &lt; b"
    assert answer["message"]["bot_id"] == message.bot_id
    assert message.blocks[0]["block_id"]
    assert message.blocks[0]["text"]["verbatim"] is False


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0OLDLEADS1", "is_archived"),
        ("C0ANNOUNCE1", "restricted_action"),
        ("C0FINANCE01", "channel_not_found"),
        ("C0NOWHERE01", "channel_not_found"),
        ("C0EUROPE001", "channel_not_found"),
        ("U0DOVOUTSI1", "channel_not_found"),
    ],
)
async def test_a_post_where_the_bot_cannot_go_is_refused(
    client: AsyncWebClient, channel: str, error: str
) -> None:
    assert (await refused(client.chat_postMessage(channel=channel, text="x")))["error"] == error


async def test_a_public_channel_without_the_bot_needs_chat_write_public(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="#general", text="x")
    installation = slack.core.installation("T0NORTHWND1")
    installation.scopes = tuple(scope for scope in installation.scopes if scope != "chat:write.public")
    assert (await refused(client.chat_postMessage(channel="C0GENERAL01", text="x")))[
        "error"
    ] == "not_in_channel"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "e", "event_payload": {"a": "x" * 20_000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
    ],
)
async def test_content_that_slack_would_not_take_is_refused(
    client: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    post = client.api_call("chat.postMessage", json={"channel": "C0LEADS0001", **arguments})
    assert (await refused(post))["error"] == error


async def test_refused_blocks_say_where_and_why(client: AsyncWebClient) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    answer = await refused(client.chat_postMessage(channel="C0LEADS0001", text="x", blocks=blocks))
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_replies_join_their_thread_even_when_they_name_another_reply(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    parent = await client.chat_postMessage(channel="C0LEADS0001", text="parent")
    reply = await client.chat_postMessage(channel="C0LEADS0001", text="reply", thread_ts=parent["ts"])
    await client.chat_postMessage(channel="C0LEADS0001", text="second", thread_ts=reply["ts"])
    shouted = await client.chat_postMessage(
        channel="C0LEADS0001", text="third", thread_ts=parent["ts"], reply_broadcast=True
    )
    channel = slack.channel("#leads")
    assert [m.text for m in channel.thread(parent["ts"])] == ["parent", "reply", "second", "third"]
    assert [m.text for m in channel.messages] == ["parent", "third"]
    assert shouted["message"]["subtype"] == "thread_broadcast"


async def test_a_user_id_as_channel_opens_the_persons_dm(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel="U0ANAREP001", text="psst")
    assert answer["channel"] == slack.person("rep").dm.channel_id
    assert [m.text for m in slack.person("rep").dm.messages] == ["psst"]


async def test_an_update_without_blocks_drops_them_and_keeps_the_metadata(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": "1"}}
    blocks = [{"type": "divider"}]
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="one", blocks=blocks, metadata=metadata))[
        "ts"
    ]
    await client.chat_update(channel="C0LEADS0001", ts=ts, text="two")
    (message,) = slack.channel("#leads").messages
    assert (message.text, message.blocks, message.metadata) == ("two", [], metadata)
    assert message.edited is not None
    await client.chat_update(channel="C0LEADS0001", ts=ts, text="two", metadata={})
    assert message.metadata is None


async def test_updates_are_refused_for_missing_foreign_and_long_messages(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    theirs = slack.person("rep").say("#leads", "mine")
    update = client.chat_update
    missing = await refused(update(channel="C0LEADS0001", ts="1.000001", text="x"))
    foreign = await refused(update(channel="C0LEADS0001", ts=theirs.ts, text="x"))
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="x"))["ts"]
    long = await refused(update(channel="C0LEADS0001", ts=ts, text="x" * 4001))
    assert (missing["error"], foreign["error"], long["error"]) == (
        "message_not_found",
        "cant_update_message",
        "msg_too_long",
    )


async def test_a_deleted_message_is_gone(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="x"))["ts"]
    await client.chat_delete(channel="C0LEADS0001", ts=ts)
    assert slack.channel("#leads").messages == []


async def test_an_ephemeral_message_is_seen_by_one_person_and_is_in_no_history(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel="C0LEADS0001", user="U0ANAREP001", text="only you")
    assert [m.text for m in slack.person("rep").ephemerals] == ["only you"]
    assert slack.person("colleague").ephemerals == []
    assert slack.channel("#leads").messages == []
    stranger = client.chat_postEphemeral(channel="C0SALES0001", user="U0BENCOLL01", text="x")
    assert (await refused(stranger))["error"] == "user_not_in_channel"


async def test_a_permalink_of_a_reply_names_its_thread(client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel="C0LEADS0001", text="x"))["ts"]
    reply = (await client.chat_postMessage(channel="C0LEADS0001", text="x", thread_ts=parent))["ts"]
    link = await client.chat_getPermalink(channel="C0LEADS0001", message_ts=reply)
    assert link["permalink"].endswith(f"p{reply.replace('.', '')}?thread_ts={parent}&cid=C0LEADS0001")


async def test_a_reaction_can_be_added_once(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="x"))["ts"]
    await client.reactions_add(channel="C0LEADS0001", timestamp=ts, name="eyes")
    again = await refused(client.reactions_add(channel="C0LEADS0001", timestamp=ts, name="eyes"))
    assert again["error"] == "already_reacted"
    assert list(slack.channel("#leads").messages[0].reactions) == ["eyes"]


async def test_text_without_blocks_stands_in_for_blocks_without_text(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "the gist"}}]
    await client.api_call("chat.postMessage", json={"channel": "C0LEADS0001", "blocks": blocks})
    assert slack.channel("#leads").messages[0].text == "the gist"


async def test_the_app_hears_of_its_own_posts_with_its_bot_id(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="x"))["ts"]
    await client.chat_update(channel="C0LEADS0001", ts=ts, text="y")
    await client.chat_delete(channel="C0LEADS0001", ts=ts)
    events = await slack.until(lambda: len(app.events("message")) == 3 and app.events("message"))
    by_kind = {event.get("subtype", "posted"): event for event in events}
    assert by_kind["posted"]["bot_id"]
    assert by_kind["message_changed"]["previous_message"]["text"] == "x"
    assert by_kind["message_changed"]["message"]["text"] == "y"
    assert by_kind["message_deleted"]["deleted_ts"] == ts


async def test_a_workspace_where_the_app_is_not_installed_has_no_token(slack: LocalSlack) -> None:
    assert slack.core.installations.active_in(PARTNER_TEAM) is None
