"""Who has left and who is an admin, where nobody of the workspace is asking."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.workspaces.colleagues import MOST_ADMINS, MOST_PAGES, Colleagues
from bot.workspaces.people import People
from storage.records import Workspace

WORKSPACE = Workspace(id="w", team_id="T1")
ADMIN = {"team_id": "T1", "is_admin": True}


class Slack:
    """A workspace's people, two a page."""

    def __init__(self, users=(), error=None):
        self.users, self.error, self.asked = list(users), error, 0

    async def __call__(self, workspace):
        assert workspace is WORKSPACE
        return self

    async def users_info(self, *, user, include_locale):
        if self.error:
            raise self.error
        return {"user": {"id": user, "team_id": "T1", **self.users[0]}}

    async def users_list(self, *, limit, cursor, team_id):
        self.asked += 1
        if self.error:
            raise self.error
        start = int(cursor or 0)
        page = [{"id": f"U{start + at}"} | user for at, user in enumerate(self.users[start : start + 2])]
        more = str(start + 2) if start + 2 < len(self.users) else ""
        return {"members": page, "response_metadata": {"next_cursor": more}}


def refusal(code, status=200):
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data={"ok": False, "error": code},
        headers={},
        status_code=status,
    )
    return SlackApiError("no", response)


async def admins(slack):
    return await Colleagues(People(), slack).admins(WORKSPACE)


async def has_left(slack):
    return await Colleagues(People(), slack).has_left(WORKSPACE, "U1")


async def test_admins_are_found_on_every_page():
    slack = Slack([{}, ADMIN, {}, {}, ADMIN | {"deleted": True}, ADMIN | {"is_bot": True}, ADMIN])
    assert await admins(slack) == ["U1", "U6"]
    assert slack.asked == 4


async def test_a_few_admins_are_enough():
    slack = Slack([ADMIN] * 100)
    assert len(await admins(slack)) == MOST_ADMINS
    assert slack.asked == 3


async def test_a_workspace_of_very_many_people_is_not_read_to_its_end():
    slack = Slack([{}] * 1_000)
    assert await admins(slack) == []
    assert slack.asked == MOST_PAGES


@pytest.mark.parametrize("error", [refusal("ratelimited", 429), refusal("x", 503), TimeoutError()])
async def test_where_slack_does_not_tell_now_it_can_be_asked_again(error):
    assert await admins(Slack(error=error)) is None


async def test_a_refusal_stays_one():
    assert await admins(Slack(error=refusal("missing_scope"))) == []


@pytest.mark.parametrize("user", [{"deleted": True}, {"is_stranger": True}])
async def test_somebody_deactivated_or_of_elsewhere_has_left(user):
    assert await has_left(Slack([user]))


async def test_somebody_whom_slack_does_not_know_has_left():
    assert await has_left(Slack(error=refusal("user_not_found")))


async def test_somebody_who_is_there_has_not_left():
    assert not await has_left(Slack([{"is_admin": False}]))


@pytest.mark.parametrize("error", [refusal("missing_scope"), refusal("x", 503), TimeoutError()])
async def test_a_failing_look_up_is_not_a_leaving(error):
    assert not await has_left(Slack(error=error))


async def test_where_the_app_is_not_installed_nobody_has_left_and_nobody_is_told():
    async def clients(workspace):
        raise RuntimeError("not_installed")

    assert not await has_left(clients)
    assert await admins(clients) is None
