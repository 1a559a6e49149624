"""Tokens, scopes, rates, conversations, users, files, agents and OAuth."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import HOME_TEAM, PARTNER_TEAM, LocalSlack
from bot.sandbox.local_slack.world import Organisation
from tests.integration.local_slack.conftest import Clock
from tests.integration.local_slack.fake_app import FakeApp


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_auth_test_names_the_bot_and_its_scopes(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert answer["team_id"] == HOME_TEAM
    assert slack.world.users[answer["user_id"]].is_bot
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), ("", "not_authed")])
async def test_a_wrong_token_is_refused(client: AsyncWebClient, token: str, error: str) -> None:
    client.token = token
    assert await error_of(client.auth_test()) == error


async def test_a_revoked_token_and_an_uninstalled_app_are_told_apart(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    await client.auth_revoke(test=False)
    assert await error_of(client.auth_test()) == "token_revoked"
    client.token = slack.install(HOME_TEAM).bot_token
    slack.uninstall()
    assert await error_of(client.auth_test()) == "account_inactive"


async def test_a_missing_scope_is_named(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.core.installation(HOME_TEAM).scopes = ("commands",)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0LEADS0001", text="x")
    answer = caught.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "commands",
    )


async def test_an_unknown_method_and_a_missing_argument_are_refused(client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"
    assert await error_of(client.api_call("conversations.info")) == "invalid_arguments"


async def test_arguments_come_as_a_form_as_json_or_in_the_query(
    slack: LocalSlack, session: ClientSession
) -> None:
    post, token = f"{slack.url}chat.postMessage", slack.token()
    body = {"token": token, "channel": "C0LEADS0001", "text": "form", "blocks": '[{"type": "divider"}]'}
    async with session.post(post, data=body) as answer:
        assert (await answer.json())["ok"]
    async with session.get(f"{slack.url}auth.test", params={"token": token}) as answer:
        assert (await answer.json())["ok"]
    assert slack.channel("#leads").messages[0].blocks[0]["type"] == "divider"


async def test_posts_are_limited_to_a_short_burst_per_channel(
    slack: LocalSlack, client: AsyncWebClient, clock: Clock
) -> None:
    slack.core.limits.mode = "on"
    for _ in range(4):
        await client.chat_postMessage(channel="C0LEADS0001", text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0LEADS0001", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel="C0SALES0001", text="another channel is free")
    clock.seconds += 1
    await client.chat_postMessage(channel="C0LEADS0001", text="x")


async def test_a_method_is_limited_by_the_minute(
    slack: LocalSlack, client: AsyncWebClient, clock: Clock
) -> None:
    slack.core.limits.mode = "strict"
    for _ in range(50):
        await client.conversations_info(channel="C0LEADS0001")
    clock.seconds += 20
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_info(channel="C0LEADS0001")
    assert caught.value.response.headers["Retry-After"] == "40"
    await client.users_info(user="U0ANAREP001")
    clock.seconds += 41
    await client.conversations_info(channel="C0LEADS0001")


async def test_conversations_info_hides_private_channels_without_the_bot(client: AsyncWebClient) -> None:
    leads = (await client.conversations_info(channel="C0LEADS0001"))["channel"]
    general = (await client.conversations_info(channel="C0GENERAL01"))["channel"]
    shared = (await client.conversations_info(channel="C0PARTNERS1"))["channel"]
    assert (leads["is_member"], general["is_member"], shared["is_ext_shared"]) == (True, False, True)
    assert await error_of(client.conversations_info(channel="C0FINANCE01")) == "channel_not_found"


async def test_joining_works_for_open_public_channels_only(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    joined = await client.conversations_join(channel="C0GENERAL01")
    assert joined["channel"]["is_member"]
    await slack.until(lambda: app.events("member_joined_channel"))
    assert (await client.conversations_join(channel="C0GENERAL01"))["warning"] == "already_in_channel"
    assert await error_of(client.conversations_join(channel="C0OLDLEADS1")) == "is_archived"
    private = await error_of(client.conversations_join(channel="C0SALES0001"))
    assert private == "method_not_supported_for_channel_type"


async def test_history_is_newest_first_in_pages_and_shows_metadata_when_asked(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": "7"}}
    for i in range(3):
        await client.chat_postMessage(channel="C0LEADS0001", text=str(i), metadata=metadata)
    page = await client.conversations_history(channel="C0LEADS0001", limit=2)
    assert [m["text"] for m in page["messages"]] == ["2", "1"]
    assert page["has_more"]
    assert "metadata" not in page["messages"][0]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(
        channel="C0LEADS0001", limit=2, cursor=cursor, include_all_metadata=True
    )
    assert [m["text"] for m in rest["messages"]] == ["0"]
    assert rest["messages"][0]["metadata"] == metadata
    assert not rest["has_more"]
    assert await error_of(client.conversations_history(channel="C0GENERAL01")) == "not_in_channel"


async def test_replies_are_the_whole_thread_oldest_first(client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel="C0LEADS0001", text="p"))["ts"]
    await client.chat_postMessage(channel="C0LEADS0001", text="r", thread_ts=parent)
    thread = await client.conversations_replies(channel="C0LEADS0001", ts=parent)
    assert [m["text"] for m in thread["messages"]] == ["p", "r"]
    assert thread["messages"][0]["reply_count"] == 1
    assert await error_of(client.conversations_replies(channel="C0LEADS0001", ts="1.0")) == "thread_not_found"


async def test_lists_of_conversations_and_members(slack: LocalSlack, client: AsyncWebClient) -> None:
    listed = await client.conversations_list(types="public_channel,private_channel", exclude_archived=True)
    assert {c["name"] for c in listed["channels"]} == {
        "leads",
        "general",
        "sales",
        "partners",
        "announcements",
    }
    members = await client.conversations_members(channel="C0SALES0001")
    assert set(members["members"]) == slack.channel("#sales").members


async def test_users_info_tells_admins_guests_and_people_of_other_companies(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    admin = (await client.users_info(user="U0CLAADMIN1", include_locale=True))["user"]
    guest = (await client.users_info(user="U0GIAGUEST1"))["user"]
    partner = (await client.users_info(user="U0DOVOUTSI1"))["user"]
    stranger = (await client.users_info(user="U0EVIADMIN2"))["user"]
    assert (admin["is_admin"], admin["tz"], admin["locale"]) == (True, "Europe/Stockholm", "en-US")
    assert (admin["is_restricted"], guest["is_restricted"], guest["is_ultra_restricted"]) == (
        *(False, True, False),
    )
    assert (partner["is_stranger"], partner["team_id"]) == (False, PARTNER_TEAM)
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, PARTNER_TEAM)
    assert admin["enterprise_user"] is None
    slack.world.organisations["E0GLOBEX001"] = Organisation(
        enterprise_id="E0GLOBEX001", name="Globex", domain="globex"
    )
    slack.world.workspaces[PARTNER_TEAM].enterprise_id = "E0GLOBEX001"
    partner = (await client.users_info(user="U0DOVOUTSI1"))["user"]
    assert partner["enterprise_user"]["enterprise_id"] == "E0GLOBEX001"
    assert await error_of(client.users_info(user="U0NOBODY001")) == "user_not_found"


async def test_an_upload_is_shared_in_its_thread(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    parent = (await client.chat_postMessage(channel="C0LEADS0001", text="p"))["ts"]
    uploaded = await client.files_upload_v2(
        filename="leads.csv", content="a,b\n1,2", channel="C0LEADS0001", thread_ts=parent, title="Leads"
    )
    reply = slack.channel("#leads").thread(parent)[-1]
    assert (reply.subtype, reply.files[0].title, reply.files[0].content) == (
        "file_share",
        "Leads",
        b"a,b\n1,2",
    )
    assert (await client.files_info(file=uploaded["file"]["id"]))["file"]["channels"] == ["C0LEADS0001"]
    await slack.until(lambda: app.events("file_shared"))


async def test_a_file_cannot_be_shared_without_membership_even_in_public(client: AsyncWebClient) -> None:
    upload = client.files_upload_v2(filename="a.csv", content="a", channel="C0GENERAL01")
    assert await error_of(upload) == "not_in_channel"
    unknown = client.files_completeUploadExternal(files=[{"id": "F0"}], channel_id="C0LEADS0001")
    assert await error_of(unknown) == "file_not_found"


async def test_a_session_takes_only_slacks_four_statuses(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0LEADS0001", text="p"))["ts"]
    where = {"channel_id": "C0LEADS0001", "thread_ts": ts}
    await client.agents_sessions_setStatus(status="processing", title="Leads", **where)
    await client.agents_sessions_setStatus(status="suspended", title="ignored later", **where)
    session = slack.world.sessions["C0LEADS0001", ts]
    assert (session.status, session.title) == ("suspended", "Leads")
    await client.agents_sessions_rename(title="Founders", **where)
    assert session.title == "Founders"
    assert await error_of(client.agents_sessions_setStatus(status="busy", **where)) == "invalid_arguments"
    long = client.agents_sessions_rename(title="x" * 201, **where)
    assert await error_of(long) == "invalid_arguments"


async def test_the_older_status_and_prompts_are_kept(slack: LocalSlack, client: AsyncWebClient) -> None:
    dm = slack.person("rep").dm.channel_id
    ts = (await client.chat_postMessage(channel=dm, text="p"))["ts"]
    await client.assistant_threads_setStatus(channel_id=dm, thread_ts=ts, status="thinking")
    assert slack.world.sessions[dm, ts].assistant_status == "thinking"
    prompts = [{"title": "Founders", "message": "find founders"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts)
    assert slack.world.prompts[dm, ""]["prompts"] == prompts
    five = client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts * 5)
    assert await error_of(five) == "invalid_arguments"


async def test_oauth_installs_the_app_with_the_scopes_that_were_allowed(
    slack: LocalSlack, session: ClientSession, clock: Clock
) -> None:
    query = {
        "client_id": slack.app.client_id,
        "scope": "chat:write,commands",
        "state": "s",
        "team": PARTNER_TEAM,
    }
    page = f"{slack.base}oauth/v2/authorize"
    async with session.get(page, params=query) as shown:
        assert "Allow" in await shown.text()
    async with session.post(
        page,
        params=query | {"redirect_uri": "https://bot/cb"},
        data={"decision": "allow"},
        allow_redirects=False,
    ) as sent:
        answer = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert answer["state"] == ["s"]
    client = AsyncWebClient(base_url=slack.url, session=session)
    exchange = {
        "client_id": slack.app.client_id,
        "client_secret": slack.app.client_secret,
        "code": answer["code"][0],
        "redirect_uri": "https://bot/cb",
    }
    wrong = client.oauth_v2_access(**{**exchange, "client_secret": "guess"})
    assert await error_of(wrong) == "bad_client_secret"
    granted = await client.oauth_v2_access(**exchange)
    assert granted["team"]["id"] == PARTNER_TEAM
    assert granted["scope"] == "chat:write,commands"
    assert (await client.auth_test(token=granted["access_token"]))["team_id"] == PARTNER_TEAM
    assert await error_of(client.oauth_v2_access(**exchange)) == "invalid_code"


async def test_a_cancelled_installation_returns_access_denied(
    slack: LocalSlack, session: ClientSession
) -> None:
    query = {"client_id": slack.app.client_id, "redirect_uri": "https://bot/cb?x=1", "state": "s"}
    page = f"{slack.base}oauth/v2/authorize"
    async with session.post(page, params=query, data={"decision": "cancel"}, allow_redirects=False) as sent:
        assert sent.headers["Location"] == "https://bot/cb?x=1&error=access_denied&state=s"


async def test_uninstalling_by_the_api_tells_the_app_twice(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    await client.apps_uninstall(client_id=slack.app.client_id, client_secret=slack.app.client_secret)
    await slack.until(lambda: app.events("app_uninstalled") and app.events("tokens_revoked"))


async def test_team_and_user_groups(client: AsyncWebClient) -> None:
    (group,) = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (await client.team_info())["team"]["domain"] == "northwind"
    assert (group["handle"], group["users"]) == ("sales-team", ["U0ANAREP001", "U0CLAADMIN1"])
    assert "users" not in (await client.usergroups_list())["usergroups"][0]
    assert (await client.usergroups_users_list(usergroup=group["id"]))["users"] == group["users"]
    assert await error_of(client.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"


async def test_every_call_is_logged_with_its_outcome_and_without_its_token(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C0LEADS0001", text="x")
    await error_of(client.chat_postMessage(channel="C0OLDLEADS1", text="x"))
    done, refused = slack.called("chat.postMessage")
    assert (done.ok, done.team_id, done.args["text"]) == (True, HOME_TEAM, "x")
    assert (refused.ok, refused.error) == (False, "is_archived")
    assert all(slack.token() not in str(call.as_json()) for call in slack.calls)
