"""Which events the app gets, in which shape."""

from bot.sandbox.local_slack import PARTNER_TEAM, LocalSlack
from bot.sandbox.local_slack.content import Content
from tests.integration.local_slack.fake_app import FakeApp


async def test_a_mention_arrives_twice_with_different_event_ids(slack: LocalSlack, app: FakeApp) -> None:
    said = slack.person("rep").say("#leads", "@origami find founders")
    await slack.until(lambda: app.events("message") and app.events("app_mention"))
    message, mention = app.events("message")[0], app.events("app_mention")[0]
    assert message["ts"] == mention["ts"] == said.ts
    assert (message["channel_type"], "channel_type" in mention) == ("channel", False)
    ids = {frame["payload"]["event_id"] for frame in app.frames}
    assert len(ids) == 2


async def test_an_envelope_says_whose_it_is(slack: LocalSlack, app: FakeApp) -> None:
    slack.person("rep").say("#partners", "hello")
    await slack.until(lambda: app.events("message"))
    payload = app.frames[0]["payload"]
    assert app.frames[0]["retry_attempt"] == 0
    assert set(payload) == {
        *("token", "team_id", "context_team_id", "context_enterprise_id", "api_app_id", "event", "type"),
        *("event_id", "event_time", "authorizations", "is_ext_shared_channel", "event_context"),
    }
    assert payload["is_ext_shared_channel"] is True
    assert len(payload["authorizations"]) == 1
    assert {"client_msg_id", "event_ts", "team", "blocks"} <= set(payload["event"])


async def test_in_a_shared_channel_a_message_says_whose_author_it_has(
    slack: LocalSlack, app: FakeApp
) -> None:
    slack.person("outsider").say("#partners", "@origami hello")
    await slack.until(lambda: app.events("message") and app.events("app_mention"))
    for event in (*app.events("message"), *app.events("app_mention")):
        assert (event["user_team"], event["source_team"], event["team"]) == (PARTNER_TEAM,) * 3
        assert event["user_profile"]["team"] == PARTNER_TEAM
    slack.person("guest").say("#leads", "hello")
    await slack.until(lambda: len(app.events("message")) == 2)
    assert "user_team" not in app.events("message")[1]


async def test_messages_are_heard_only_where_the_bot_is_a_member(slack: LocalSlack, app: FakeApp) -> None:
    rep = slack.person("rep")
    rep.say("#general", "@origami are you here?")
    rep.say("dm", "psst")
    await slack.until(lambda: app.events("message"))
    rep.say("dm", "@origami you, here")
    await slack.until(lambda: len(app.events("message")) == 2 and slack.core.dispatcher.idle)
    heard, _ = app.events("message")
    assert (heard["channel_type"], heard["text"]) == ("im", "psst")
    assert app.events("app_mention") == []


async def test_replies_edits_deletions_and_files_have_their_marks(slack: LocalSlack, app: FakeApp) -> None:
    rep = slack.person("rep")
    parent = rep.say("#leads", "one")
    reply = rep.say("#leads", "two", thread_ts=parent.ts, files={"brief.txt": b"founders"})
    rep.edit(parent, "uno")
    rep.delete(reply)
    await slack.until(lambda: len(app.events("message")) == 4)
    marked = {event.get("subtype"): event for event in app.events("message")}
    assert marked["file_share"]["thread_ts"] == parent.ts
    assert marked["file_share"]["parent_user_id"] == rep.id
    assert marked["file_share"]["files"][0]["name"] == "brief.txt"
    assert marked["message_changed"]["message"]["text"] == "uno"
    assert marked["message_changed"]["message"]["edited"]["user"] == rep.id
    assert marked["message_deleted"]["previous_message"]["text"] == "two"


async def test_an_app_without_the_subscription_or_the_scope_hears_nothing(
    slack: LocalSlack, app: FakeApp
) -> None:
    slack.app.events = frozenset({"message.channels", "app_mention"})
    installation = slack.core.installation("T0NORTHWND1")
    installation.scopes = tuple(s for s in installation.scopes if s != "app_mentions:read")
    slack.person("rep").say("dm", "not subscribed")
    slack.person("rep").say("#leads", "@origami heard as a message only")
    await slack.until(lambda: app.events("message") and slack.core.dispatcher.idle)
    assert [event["type"] for event in (f["payload"]["event"] for f in app.frames)] == ["message"]


async def test_inviting_the_app_tells_it(slack: LocalSlack, app: FakeApp) -> None:
    slack.person("rep").invite_app("#finance")
    (event,) = await slack.until(lambda: app.events("member_joined_channel"))
    assert (event["user"], event["inviter"]) == (
        slack.core.installation("T0NORTHWND1").bot_user_id,
        "U0ANAREP001",
    )


async def test_two_workspaces_that_share_a_channel_both_hear(slack: LocalSlack, app: FakeApp) -> None:
    theirs = slack.install(PARTNER_TEAM)
    slack.channel("#partners").members.add(theirs.bot_user_id)
    slack.person("outsider").say("#partners", "hello")
    await slack.until(lambda: len(app.events("message")) == 2)
    assert {frame["payload"]["team_id"] for frame in app.frames} == {"T0NORTHWND1", PARTNER_TEAM}


async def test_another_bots_mention_is_heard_but_not_the_apps_own(slack: LocalSlack, app: FakeApp) -> None:
    installation = slack.core.installation("T0NORTHWND1")
    mention = f"<@{installation.bot_user_id}> hello"
    other = slack.other_bot_says(slack.channel("#leads"), mention)
    own = Content(mention, [], [], None)
    slack.core.messaging.post(installation, slack.channel("#leads"), own)
    await slack.until(lambda: len(app.events("message")) == 2 and slack.core.dispatcher.idle)
    (heard,) = app.events("app_mention")
    assert (heard["ts"], heard["bot_id"]) == (other.ts, other.bot_id)
