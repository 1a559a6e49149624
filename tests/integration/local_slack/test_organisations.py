"""An organisation's installation: one token, the workspaces that it was given, and what it refuses."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import LocalSlack, enterprise_world
from bot.sandbox.local_slack.default_world import ENTERPRISE, NORTH_TEAM, SOUTH_TEAM


@pytest.fixture
async def slack():
    async with LocalSlack(world=enterprise_world(), rate_limits="off", installed=(ENTERPRISE,)) as server:
        yield server


def client_of(slack, team_id=None):
    client = AsyncWebClient(slack.token(ENTERPRISE), base_url=slack.url)
    if team_id:
        client.default_params["team_id"] = team_id
    return client


async def refusal(call):
    with pytest.raises(SlackApiError) as raised:
        await call
    return raised.value.response["error"]


async def test_it_has_no_workspace_until_one_is_given_to_it(slack):
    client = client_of(slack)
    who = await client.auth_test()
    assert (who["team_id"], who["enterprise_id"], who["is_enterprise_install"]) == (
        ENTERPRISE,
        ENTERPRISE,
        True,
    )
    north = slack.channel("#north-leads").channel_id
    assert await refusal(client.chat_postMessage(channel=north, text="hello")) == "team_access_not_granted"
    slack.grant(ENTERPRISE, NORTH_TEAM)
    assert (await client.chat_postMessage(channel=north, text="hello"))["ok"]
    assert [team["id"] for team in (await client.auth_teams_list())["teams"]] == [NORTH_TEAM]


async def test_one_token_serves_each_workspace_that_it_was_given(slack):
    slack.grant(ENTERPRISE, NORTH_TEAM, SOUTH_TEAM)
    assert slack.token(NORTH_TEAM) == slack.token(SOUTH_TEAM) == slack.token(ENTERPRISE)
    for team_id, channel in ((NORTH_TEAM, "#north-leads"), (SOUTH_TEAM, "#south-leads")):
        posted = await client_of(slack).chat_postMessage(channel=slack.channel(channel).channel_id, text="hi")
        assert posted["message"]["team"] == team_id


async def test_what_lists_a_workspace_must_be_told_which(slack):
    slack.grant(ENTERPRISE, NORTH_TEAM)
    assert await refusal(client_of(slack).users_list()) == "missing_argument"
    assert await refusal(client_of(slack).conversations_list()) == "missing_argument"
    assert await refusal(client_of(slack, SOUTH_TEAM).users_list()) == "team_access_not_granted"
    people = (await client_of(slack, NORTH_TEAM).users_list())["members"]
    assert {person["team_id"] for person in people} == {NORTH_TEAM}
    assert people[0]["enterprise_user"]["teams"] == [NORTH_TEAM]


async def test_a_workspace_that_is_taken_away_is_closed_and_the_others_stay(slack):
    slack.grant(ENTERPRISE, NORTH_TEAM, SOUTH_TEAM)
    slack.withdraw(ENTERPRISE, NORTH_TEAM)
    client = client_of(slack)
    north, south = (slack.channel(name).channel_id for name in ("#north-leads", "#south-leads"))
    assert await refusal(client.chat_postMessage(channel=north, text="x")) == "team_access_not_granted"
    assert (await client.chat_postMessage(channel=south, text="x"))["ok"]


async def test_uninstalled_its_token_is_dead_everywhere(slack):
    slack.grant(ENTERPRISE, NORTH_TEAM, SOUTH_TEAM)
    client = client_of(slack)
    slack.uninstall(ENTERPRISE)
    assert await refusal(client.auth_test()) == "account_inactive"
    assert slack.core.installations.active_in(SOUTH_TEAM) is None


async def test_installed_again_it_keeps_its_workspaces_under_a_new_token(slack):
    slack.grant(ENTERPRISE, NORTH_TEAM)
    old = slack.token(ENTERPRISE)
    slack.install(ENTERPRISE)
    assert slack.token(NORTH_TEAM) == slack.token(ENTERPRISE) != old
    assert await refusal(AsyncWebClient(old, base_url=slack.url).auth_test()) == "token_revoked"


async def test_its_payloads_name_the_organisation_and_the_workspace_where_slacks_do(slack):
    slack.grant(ENTERPRISE, NORTH_TEAM)
    rep = slack.person("north_rep")
    installation = slack.core.installation(NORTH_TEAM)
    command = slack.core.interactions.command(
        rep.user, slack.channel("#north-leads"), installation, "/origami", "help"
    )
    assert (command["team_id"], command["enterprise_id"], command["is_enterprise_install"]) == (
        NORTH_TEAM,
        ENTERPRISE,
        "true",
    )
    view = slack.core.views.publish(rep.id, {"type": "home", "blocks": []}, installation)
    clicked = slack.core.interactions.view_actions(rep.user, view, {})
    assert (clicked["team"], clicked["enterprise"]["id"], clicked["user"]["team_id"]) == (
        None,
        ENTERPRISE,
        NORTH_TEAM,
    )
    assert clicked["view"]["app_installed_team_id"] == ENTERPRISE
