"""conversations.*."""

from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import channel_json, message_json
from bot.sandbox.local_slack.web_api.call import SCOPE_PREFIX, TIER_2, TIER_3, TIER_4, Call, Method
from bot.sandbox.local_slack.world import Channel, Message

Json = dict[str, Any]
KINDS: Final = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
READ_SCOPES: Final = ("channels:read", "groups:read", "im:read", "mpim:read")
PAGE: Final = 100
PAGE_MOST: Final = 999


def info(call: Call) -> Json:
    """One conversation."""
    channel = call.channel()
    call.need(SCOPE_PREFIX[channel.type] + ":read")
    shown = channel_json(channel, call.bot.bot_user_id)
    if not call.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def join(call: Call) -> Json:
    """Become a member of a public channel."""
    channel = call.channel()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    already = call.bot.bot_user_id in channel.members
    if not already:
        channel.members.add(call.bot.bot_user_id)
        call.core.feed.publish("member", channel=channel.channel_id, user=call.bot.bot_user_id)
        call.core.events.joined(call.bot.bot_user_id, channel)
    warning = {"warning": "already_in_channel"} if already else {}
    return {"channel": channel_json(channel, call.bot.bot_user_id)} | warning


def open_(call: Call) -> Json:
    """The DM with one person."""
    users = [user for user in call.text("users", "").split(",") if user]
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "not_enough_users")
    person = call.core.world.users.get(users[0])
    if person is None or call.bot.team_id not in person.teams:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    opened = call.core.messaging.direct_message(person.user_id, call.bot)
    return {"channel": {"id": opened.channel_id}}


def history(call: Call) -> Json:
    """The channel's own messages, newest first."""
    channel = call.readable_channel()
    messages = within(call, list(reversed(channel.messages)))
    page, cursor = call.page(messages, PAGE, PAGE_MOST)
    return shown(call, page, channel, cursor) | {"pin_count": 0}


def replies(call: Call) -> Json:
    """A thread, oldest first, with its parent."""
    channel = call.readable_channel()
    wanted = channel.posted.get(call.text("ts"))
    if wanted is None:
        raise SlackError("thread_not_found")
    messages = within(call, channel.thread(wanted.thread_ts or wanted.ts))
    page, cursor = call.page(messages, PAGE, PAGE_MOST)
    return shown(call, page, channel, cursor)


def within(call: Call, messages: list[Message]) -> list[Message]:
    """Those between `oldest` and `latest`, bounds included with `inclusive`."""
    oldest, latest = call.text("oldest", "0"), call.text("latest", "")
    try:
        low, high = float(oldest), float(latest) if latest else float("inf")
    except ValueError as error:
        raise SlackError("invalid_ts_latest" if latest else "invalid_ts_oldest") from error
    exact = {oldest, latest} if call.flag("inclusive") else set()
    return [m for m in messages if low < float(m.ts) < high or m.ts in exact]


def shown(call: Call, page: list[Message], channel: Channel, cursor: Json) -> Json:
    """A page of messages; metadata only when asked for."""
    metadata = call.flag("include_all_metadata")
    messages = [message_json(m, channel, metadata=metadata) for m in page]
    return {"messages": messages, "has_more": bool(cursor["response_metadata"]["next_cursor"]), **cursor}


def members(call: Call) -> Json:
    """The ids of a conversation's members."""
    channel = call.channel()
    call.need(SCOPE_PREFIX[channel.type] + ":read")
    page, cursor = call.page(sorted(channel.members), PAGE, 1000)
    return {"members": page} | cursor


def list_(call: Call) -> Json:
    """The conversations that the bot can know of, by `types`."""
    kinds = {KINDS.get(kind.strip()) for kind in call.text("types", "public_channel").split(",")}
    if None in kinds:
        raise SlackError("invalid_types")
    found = [
        channel
        for channel in call.core.world.channels.values()
        if channel.kind in kinds
        and call.bot.team_id in channel.teams
        and (channel.kind == "public" or call.bot.bot_user_id in channel.members)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    page, cursor = call.page(found, PAGE, PAGE_MOST)
    return {"channels": [channel_json(channel, call.bot.bot_user_id) for channel in page]} | cursor


METHODS: Final = (
    Method("conversations.info", info, per_minute=TIER_3),
    Method("conversations.join", join, scopes=("channels:join",), per_minute=TIER_3),
    Method("conversations.open", open_, scopes=("im:write",), per_minute=TIER_3),
    Method("conversations.history", history, per_minute=TIER_3),
    Method("conversations.replies", replies, per_minute=TIER_3),
    Method("conversations.members", members, per_minute=TIER_4),
    Method("conversations.list", list_, scopes=READ_SCOPES, per_minute=TIER_2),
)
