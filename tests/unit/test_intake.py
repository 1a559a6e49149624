"""What is noted of a request before anybody has looked at its signature."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.response import BoltResponse
from structlog.contextvars import get_contextvars

from bot import intake
from bot.metrics import Metrics
from bot.precedence import Precedence

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
NAMES = ("type", "command", "team", "team_id", "event_id", "trigger_id")
KINDS = {*intake.KINDS.values(), "command", "other"}


@given(body=st.dictionaries(st.sampled_from(NAMES), anything), value=anything)
def test_whatever_comes_has_one_of_few_kinds_and_short_ids(body: dict[str, Any], value: Any) -> None:
    assert intake.kind(body) in KINDS
    noted = intake.ids({"x-slack-retry-num": value}, body)
    assert all(isinstance(one, str) and len(one) <= 100 for one in noted.values())
    assert set(noted) <= {"team", "slack_event", "slack_trigger", "slack_request", "slack_retry"}


class FakeRequest:
    def __init__(self, body: Any) -> None:
        self.body, self.headers = body, {"x-slack-retry-num": ["2"]}


class FakeApp:
    """Bolt's dispatch and nothing else."""

    def __init__(self, status: int | Exception) -> None:
        self._status, self.seen = status, {}

    async def async_dispatch(self, _request: FakeRequest) -> BoltResponse:
        self.seen = get_contextvars()
        if isinstance(self._status, Exception):
            raise self._status
        return BoltResponse(status=self._status)


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "acked"), (404, "unmatched"), (401, "refused"), (500, "failed")]
)
async def test_an_answer_is_counted_and_its_ids_are_gone_afterwards(status: int, outcome: str) -> None:
    metrics, app = Metrics.create(), FakeApp(status)
    intake.watch(app, metrics, Precedence())
    assert (await app.async_dispatch(FakeRequest({"command": "/origami", "team_id": "T1"}))).status == status
    assert app.seen == {"team": "T1", "slack_retry": "2"}
    assert get_contextvars() == {}
    wanted = f'ack_seconds_count{{kind="command",outcome="{outcome}"}} 1.0'
    assert wanted in metrics.page().decode()


@pytest.mark.parametrize("body", [{}, {"type": "event_callback"}, [1, 2], "text", None])
async def test_what_raises_is_counted_as_failed_whatever_its_body(body: Any) -> None:
    metrics, app = Metrics.create(), FakeApp(OSError("gone"))
    intake.watch(app, metrics, Precedence())
    with pytest.raises(OSError, match="gone"):
        await app.async_dispatch(FakeRequest(body))
    assert 'outcome="failed"' in metrics.page().decode()
