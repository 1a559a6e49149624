"""What is known of a token's scopes: from each answer, and not for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot import grants
from bot.features import FEATURES, FILES, JOINING, off
from bot.grants import KEEP_SECONDS, Grants, may, note
from bot.manifest import manifest

if TYPE_CHECKING:
    import pytest


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Client:
    """A client as far as it is looked at."""

    def __init__(self, *handlers: object, token: str | None = "xoxb-1") -> None:
        self.retry_handlers, self.token = handlers, token


async def answer(known: Grants, headers: dict[str, object], token: str = "xoxb-1") -> bool:
    request = HttpRequest(method="POST", url="", headers={"Authorization": f"Bearer {token}"})
    return await known.can_retry_async(
        state=RetryState(), request=request, response=HttpResponse(status_code=200, headers=headers)
    )


async def test_an_answer_tells_what_its_token_may_and_is_not_repeated() -> None:
    known = Grants()
    client = Client(known)
    assert may(client, FILES)
    assert not await answer(known, {"X-OAuth-Scopes": "chat:write, channels:join"})
    assert (may(client, FILES), may(client, JOINING)) == (False, True)
    assert may(Client(known, token="xoxb-2"), FILES)
    assert not await answer(known, {"x-oauth-scopes": ["chat:write,files:write"]})
    assert (may(client, FILES), may(client, JOINING)) == (True, False)


async def test_an_answer_without_the_header_and_no_answer_change_nothing() -> None:
    known = Grants()
    await answer(known, {"x-oauth-scopes": "chat:write"})
    await answer(known, {})
    request = HttpRequest(method="POST", url="", headers={"Authorization": "Bearer xoxb-1"})
    assert not await known.can_retry_async(state=RetryState(), request=request, error=OSError())
    assert not may(Client(known), FILES)


def test_what_was_said_long_ago_is_tried_again() -> None:
    clock = Clock()
    known = Grants(clock)
    note(Client(known), "xoxb-1", ["chat:write"])
    assert not may(Client(known), FILES)
    clock.now = KEEP_SECONDS
    assert may(Client(known), FILES)


def test_a_client_that_hears_nothing_tries_everything() -> None:
    note(Client(), "xoxb-1", ["chat:write"])
    assert may(Client(), FILES)
    assert may(object(), FILES)


def test_of_so_many_tokens_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "MOST_TOKENS", 2)
    known = Grants()
    for token in ("xoxb-1", "xoxb-2", "xoxb-3"):
        known.note(token, ["chat:write"])
    assert known.of("xoxb-1") is None
    assert known.of("xoxb-3") == {"chat:write"}


def test_each_feature_needs_a_scope_of_the_manifest() -> None:
    asked = manifest()["oauth_config"]["scopes"]
    assert off([*asked["bot"], *asked["bot_optional"]]) == []
    assert off([]) == list(FEATURES)
    assert len({feature.scope for feature in FEATURES}) == len(FEATURES)
