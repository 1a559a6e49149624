"""Modals: opened by a trigger, filled in, submitted, and changed by the app."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import CannotDoError, LocalSlack
from tests.integration.local_slack.conftest import Clock
from tests.integration.local_slack.fake_app import FakeApp

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


def text_block(label: str, action_id: str, *, optional: bool = False, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": action_id, **more}
    return {
        "type": "input",
        "block_id": action_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [text_block("Why", "why")],
        **more,
    }


async def trigger(app: FakeApp, slack: LocalSlack) -> str:
    await slack.person("rep").command("#leads", "/origami")
    return str(app.frames[-1]["payload"]["trigger_id"])


async def open_modal(slack: LocalSlack, client: AsyncWebClient, app: FakeApp, view: Json) -> Json:
    opened = await client.views_open(trigger_id=await trigger(app, slack), view=view)
    return dict(opened["view"])


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, clock: Clock
) -> None:
    first = await trigger(app, slack)
    await client.views_open(trigger_id=first, view=modal())
    assert await error_of(client.views_open(trigger_id=first, view=modal())) == "exchanged_trigger_id"
    late = await trigger(app, slack)
    clock.seconds += 3.1
    assert await error_of(client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.x", view=modal())) == "invalid_trigger_id"


async def test_an_invalid_view_says_why_and_leaves_the_trigger_unused(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    trigger_id = await trigger(app, slack)
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=trigger_id, view=modal(title=plain("x" * 25)))
    answer = caught.value.response
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    await client.views_open(trigger_id=trigger_id, view=modal())


async def test_a_submission_carries_the_values_of_every_input(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    view = modal(
        text_block("Why", "why"),
        text_block("Note", "note", optional=True),
        {
            "type": "input",
            "block_id": "kind",
            "label": plain("Kind"),
            "element": {
                "type": "checkboxes",
                "action_id": "kind",
                "options": options("A", "B"),
                "initial_options": options("A"),
            },
        },
        {
            "type": "input",
            "block_id": "where",
            "label": plain("Where"),
            "element": {
                "type": "conversations_select",
                "action_id": "where",
                "response_url_enabled": True,
            },
        },
        {
            "type": "input",
            "block_id": "more",
            "label": plain("More"),
            "optional": True,
            "element": {"type": "checkboxes", "action_id": "more", "options": options("C")},
        },
        private_metadata="secret",
    )
    await open_modal(slack, client, app, view)
    outcome = await slack.person("rep").submit({"Why": "because", "Where": "#leads"})
    (payload,) = app.payloads("view_submission")
    values = payload["view"]["state"]["values"]
    assert outcome.ok
    assert values["why"]["why"] == {"type": "plain_text_input", "value": "because"}
    assert values["note"]["note"]["value"] is None
    assert [option["value"] for option in values["kind"]["kind"]["selected_options"]] == ["a"]
    assert values["more"]["more"]["selected_options"] == []
    assert values["where"]["where"]["selected_conversation"] == "C0LEADS0001"
    assert payload["response_urls"][0]["channel_id"] == "C0LEADS0001"
    assert payload["view"]["private_metadata"] == "secret"
    assert slack.person("rep").modal() is None


@pytest.mark.parametrize(
    ("element", "value", "reason"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab", "needs 3"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "3 characters at most"),
        ({"type": "plain_text_input"}, "", "is required"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "whole number"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "5"}, "6", "at most 5"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "5"}, "4", "at least 5"),
        ({"type": "number_input", "is_decimal_allowed": True}, "many", "must be a number"),
    ],
)
async def test_the_client_does_not_submit_what_a_field_does_not_take(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, element: Json, value: str, reason: str
) -> None:
    block = {
        "type": "input",
        "block_id": "b",
        "label": plain("Field"),
        "element": {"action_id": "a", **element},
    }
    await open_modal(slack, client, app, modal(block))
    with pytest.raises(CannotDoError, match=reason):
        await slack.person("rep").submit({"Field": value})
    assert app.payloads("view_submission") == []


async def test_errors_in_the_ack_stay_on_the_modal(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    rep = slack.person("rep")
    await open_modal(slack, client, app, modal())
    app.answer = lambda _: {"response_action": "errors", "errors": {"why": "Say more"}}
    outcome = await rep.submit({"Why": "x"})
    view = rep.modal()
    assert outcome.errors == {"why": "Say more"}
    assert view is not None
    assert view.errors == outcome.errors
    app.answer = lambda _: {"response_action": "errors", "errors": {"nowhere": "x"}}
    assert not (await rep.submit()).ok


async def test_an_ack_can_update_push_or_clear(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    rep = slack.person("rep")
    await open_modal(slack, client, app, modal())
    app.answer = lambda _: {"response_action": "update", "view": modal(title=plain("Second"))}
    await rep.submit({"Why": "kept"})
    view = rep.modal()
    assert view is not None
    assert (view.title, view.as_json()["state"]["values"]["why"]["why"]["value"]) == ("Second", "kept")
    app.answer = lambda _: {"response_action": "push", "view": modal(title=plain("Third"))}
    await rep.submit()
    pushed = rep.modal()
    assert pushed is not None
    assert (pushed.title, pushed.previous_view_id, pushed.root_view_id) == (
        "Third",
        view.view_id,
        view.view_id,
    )
    await rep.submit({"Why": "x"})
    assert not (await rep.submit({"Why": "x"})).ok, "a fourth modal does not fit"
    app.answer = lambda _: {"response_action": "clear"}
    await rep.submit()
    assert rep.modal() is None


async def test_pushing_needs_a_trigger_from_inside_a_modal(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    press = {"type": "button", "action_id": "more", "text": plain("More")}
    await open_modal(slack, client, app, modal({"type": "actions", "elements": [press]}, submit=None))
    view = slack.person("rep").modal()
    assert view is not None
    await slack.person("rep").click(view, "More")
    (payload,) = app.payloads("block_actions")
    assert payload["container"] == {"type": "view", "view_id": view.view_id}
    await client.views_push(trigger_id=payload["trigger_id"], view=modal(title=plain("On top")))
    top = slack.person("rep").modal()
    assert top is not None
    assert top.title == "On top"
    outside = client.views_push(trigger_id=await trigger(app, slack), view=modal())
    assert await error_of(outside) == "invalid_trigger_id"


async def test_an_update_with_an_old_hash_is_a_conflict(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    opened = await open_modal(slack, client, app, modal(external_id="mine"))
    await client.views_update(external_id="mine", view=modal(title=plain("New")), hash=opened["hash"])
    stale = client.views_update(view_id=opened["id"], view=modal(), hash=opened["hash"])
    assert await error_of(stale) == "hash_conflict"
    await slack.person("rep").close_modal()
    assert await error_of(client.views_update(view_id=opened["id"], view=modal())) == "not_found"


async def test_the_app_hears_of_a_closed_modal_only_when_it_asked(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    await open_modal(slack, client, app, modal())
    await slack.person("rep").close_modal()
    assert app.payloads("view_closed") == []
    await open_modal(slack, client, app, modal(notify_on_close=True))
    await slack.person("rep").close_modal(whole_stack=True)
    assert app.payloads("view_closed")[0]["is_cleared"] is True


PNG = b"\x89PNG\r\n\x1a\n"


def picture(**source: Any) -> Json:
    return {"type": "image", "alt_text": "A chart", **source}


async def test_a_picture_of_the_apps_own_is_shown_once_its_upload_is_complete(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    announced = await client.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    early = modal(picture(slack_file={"id": announced["file_id"]}))
    refused = client.views_open(trigger_id=await trigger(app, slack), view=early)
    assert await error_of(refused) == "invalid_arguments"
    uploaded = await client.files_upload_v2(filename="chart.png", file=PNG)
    shown = picture(slack_file={"id": uploaded["file"]["id"]})
    view = await open_modal(slack, client, app, modal(shown))
    assert view["blocks"][0]["slack_file"] == shown["slack_file"]
    await client.views_update(view_id=view["id"], view=modal(shown))
    await client.chat_postMessage(channel="C0LEADS0001", text="A chart", blocks=[shown])


async def test_no_other_file_is_shown_as_a_picture(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    table = await client.files_upload_v2(filename="leads.csv", file=b"a,b")
    theirs = await client.files_upload_v2(filename="chart.png", file=PNG)
    slack.world.files[theirs["file"]["id"]].user_id = slack.person("rep").id
    view = await open_modal(slack, client, app, modal())
    for source in (
        {"slack_file": {"id": "F0UNKNOWN"}},
        {"slack_file": {"id": table["file"]["id"]}},
        {"slack_file": {"id": theirs["file"]["id"]}},
        {"slack_file": "F0"},
        {"slack_file": {"id": table["file"]["id"], "url": "https://files.slack.com/x.png"}},
    ):
        wrong = picture(**source)
        assert (
            await error_of(client.views_update(view_id=view["id"], view=modal(wrong))) == "invalid_arguments"
        )
        post = client.chat_postMessage(channel="C0LEADS0001", text="A chart", blocks=[wrong])
        assert await error_of(post) == "invalid_blocks"
