"""Odd arguments get a refusal, never a crash."""

from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack import HOME_TEAM, App, LocalSlack, SlackError, default_world
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.web_api.call import Call
from bot.sandbox.local_slack.web_api.dispatch import METHODS
from tests.integration.local_slack.fake_app import FakeApp

PLACES = st.sampled_from(
    ["channel", "channel_id", "ts", "thread_ts", "user", "users", "user_id", "trigger_id"]
)
CONTENTS = st.sampled_from(["text", "blocks", "view", "files", "filename", "length", "metadata", "prompts"])
NAMES = (
    PLACES | CONTENTS | st.sampled_from(["status", "title", "cursor", "limit", "loading_messages", "file"])
)
KNOWN = st.sampled_from(["C0LEADS0001", "C0GENERAL01", "U0ANAREP001", "x", "processing", "1.0", "[]", "{}"])
VALUES = st.recursive(
    KNOWN | st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(METHODS)), args=st.dictionaries(NAMES, VALUES, max_size=7))
def test_a_method_answers_or_refuses_whatever_it_is_given(name: str, args: dict[str, Any]) -> None:
    core = Core(default_world(), App(events=frozenset()))
    installation = core.install(HOME_TEAM)
    call = Call(core=core, method=name, args=args, installation=installation)
    with suppress(SlackError):
        assert isinstance(METHODS[name].run(call), dict)


@pytest.mark.parametrize("body", ["[]", "null", "{", '{"thread_ts": {}, "text": "x"}', '{"text": {"a": 1}}'])
async def test_an_odd_answer_to_a_response_url_is_no_server_error(
    slack: LocalSlack, app: FakeApp, session: ClientSession, body: str
) -> None:
    await slack.person("rep").command("#leads", "/origami")
    async with session.post(app.frames[0]["payload"]["response_url"], data=body) as answer:
        assert answer.status < 500


@pytest.mark.parametrize("body", ["[]", "null", "{", '{"blocks": {}}'])
async def test_an_odd_body_of_a_call_is_no_server_error(
    slack: LocalSlack, session: ClientSession, body: str
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.token()}"}
    async with session.post(f"{slack.url}chat.postMessage", data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (200, "invalid_arguments")


@pytest.mark.parametrize("limit", ["many", {}, float("inf")])
async def test_an_odd_limit_is_an_invalid_argument(slack: LocalSlack, limit: object) -> None:
    call = Call(core=slack.core, method="users.list", args={"limit": limit})
    call.installation = slack.core.installation(HOME_TEAM)
    with pytest.raises(SlackError, match="invalid_arguments"):
        METHODS["users.list"].run(call)
