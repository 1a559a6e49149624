"""From whose company a request comes, as its payload says it, or as Slack does when asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.workspaces.people import People
from handlers.outsiders import is_outsider

SHARED = {"is_ext_shared_channel": True}


class Slack:
    """Knows where one person is from, and counts how often it is asked."""

    def __init__(self, **user: Any) -> None:
        self.user, self.asked = user, 0

    async def users_info(self, *, user: str, include_locale: bool) -> Any:
        self.asked += 1
        return {"user": {"id": user, **self.user}}


def asked_in(slack: Slack, enterprise_id: str = "") -> Any:
    return SimpleNamespace(team_id="T1", enterprise_id=enterprise_id, user_id="U1", client=slack)


async def outside(body: dict[str, Any], slack: Slack, enterprise_id: str = "") -> bool:
    desk: Any = SimpleNamespace(people=People())
    return await is_outsider(desk, body, asked_in(slack, enterprise_id))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"command": "/origami", "user_id": "U1"}, False),
        ({"user": {"id": "U1", "team_id": "T1"}}, False),
        ({"user": {"id": "U1", "team_id": "T2"}}, True),
        ({"user": {"id": "U1"}}, False),
        ({"event": {"user": "U1", "team": "T1"}}, False),
        ({"event": {"user": "U1", "team": "T1"}, **SHARED}, False),
        ({"event": {"user": "U1", "team": "T2"}, **SHARED}, True),
        ({"event": {"user": "U1", "team": "T1", "user_team": "T2"}}, True),
        ({"event": {"user": "U1", "source_team": "T2"}}, True),
        ({"event": {"user": "U1"}}, False),
    ],
)
async def test_the_payload_tells_and_slack_is_not_asked(body: dict[str, Any], expected: bool) -> None:
    slack = Slack(team_id="T9")
    assert await outside(body, slack) is expected
    assert slack.asked == 0


@pytest.mark.parametrize(("team", "expected"), [("T1", False), ("T2", True)])
async def test_slack_is_asked_where_an_event_of_a_shared_channel_does_not_tell(
    team: str, expected: bool
) -> None:
    slack = Slack(team_id=team)
    assert await outside({"event": {"user": "U1"}, **SHARED}, slack) is expected
    assert slack.asked == 1


@pytest.mark.parametrize(("organisation", "expected"), [("E1", False), ("E2", True)])
async def test_people_of_the_same_organisation_are_ours(organisation: str, expected: bool) -> None:
    slack = Slack(team_id="T2", enterprise_user={"enterprise_id": organisation, "teams": ["T2"]})
    assert await outside({"user": {"id": "U1", "team_id": "T2"}}, slack, "E1") is expected
    assert not await outside({"event": {"user": "U1", "user_team": "E1"}, **SHARED}, slack, "E1")
