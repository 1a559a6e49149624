"""chat.* and reactions.add."""

from typing import Any, Final

from bot.sandbox.local_slack.content import Content, content_from
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import message_json
from bot.sandbox.local_slack.web_api.call import SPECIAL, TIER_3, TIER_4, Call, Method
from bot.sandbox.local_slack.web_api.pictures import refuse_unknown_pictures
from bot.sandbox.local_slack.world import Channel, Message

Json = dict[str, Any]
# Slack: chat.update refuses text above this, unlike chat.postMessage.
UPDATE_CHARACTERS: Final = 4_000


def checked(call: Call) -> Content:
    """What was sent, if Slack would show it."""
    content = content_from(call.args, call.core.ids)
    refuse_unknown_pictures(call, content.blocks, "invalid_blocks", "/blocks")
    return content


def post_message(call: Call) -> Json:
    """Post to a channel, a thread or a person's DM."""
    channel = postable(call)
    thread_ts = thread(call)
    content = checked(call)
    call.core.limits.spend_post(call.bot.team_id, channel.channel_id)
    message = call.core.messaging.post(
        call.bot, channel, content, thread_ts=thread_ts, broadcast=call.flag("reply_broadcast")
    )
    return answered(message, channel)


def post_ephemeral(call: Call) -> Json:
    """Post for one person only, who must be in the channel."""
    channel = postable(call)
    user = call.user()
    if user.user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = checked(call)
    message = call.core.messaging.post_ephemeral(call.bot, channel, content, user.user_id, thread(call))
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Change one of the app's own messages; text without blocks drops the blocks."""
    channel = call.channel()
    message = own(call, channel, "cant_update_message")
    if len(str(call.args.get("text") or "")) > UPDATE_CHARACTERS:
        raise SlackError("msg_too_long")
    call.core.messaging.update(message, checked(call))
    return {"channel": channel.channel_id, "ts": message.ts, "text": message.text} | {
        "message": message_json(message, channel, metadata=True)
    }


def delete(call: Call) -> Json:
    """Delete one of the app's own messages."""
    channel = call.channel()
    message = own(call, channel, "cant_delete_message")
    call.core.messaging.delete(message)
    return {"channel": channel.channel_id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """The web address of a message."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    domain = call.core.world.workspaces[call.bot.team_id].domain
    link = f"https://{domain}.slack.com/archives/{channel.channel_id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.channel_id}"
    return {"channel": channel.channel_id, "permalink": link}


def reactions_add(call: Call) -> Json:
    """Add an emoji to a message."""
    channel = call.channel()
    if call.bot.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    message = call.message(channel, "timestamp")
    users = message.reactions.setdefault(call.text("name").strip(":"), [])
    if call.bot.bot_user_id in users:
        raise SlackError("already_reacted")
    users.append(call.bot.bot_user_id)
    call.core.feed.publish("reaction", channel=channel.channel_id, ts=message.ts, name=call.text("name"))
    return {}


def postable(call: Call) -> Channel:
    """The channel if the bot may post there; a user id means the person's DM with the bot.

    Raises `channel_not_found`, `not_in_channel`, `is_archived` or `restricted_action`.
    """
    wanted = call.text("channel")
    person = call.core.world.users.get(wanted)
    if person is not None:
        if call.bot.team_id not in person.teams or person.is_bot:
            raise SlackError("channel_not_found")
        return call.core.messaging.direct_message(person.user_id, call.bot)
    for known in call.core.world.channels.values():
        if wanted.removeprefix("#") == known.name and known.team_id == call.bot.team_id:
            call.args["channel"] = known.channel_id
    channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    public = "chat:write.public" in call.bot.scopes and channel.kind == "public"
    if call.bot.bot_user_id not in channel.members and not public:
        raise SlackError("not_in_channel")
    if channel.read_only:
        raise SlackError("restricted_action")
    return channel


def thread(call: Call) -> str | None:
    """The `thread_ts` argument in the form of a timestamp. Raises `invalid_thread_ts`."""
    value = call.text("thread_ts", "")
    if value and not value.replace(".", "", 1).isdigit():
        raise SlackError("invalid_thread_ts")
    return value or None


def own(call: Call, channel: Channel, error: str) -> Message:
    """A message of the calling app."""
    message = call.message(channel)
    if message.bot_id != call.bot.bot_id:
        raise SlackError(error)
    if channel.archived:
        raise SlackError("is_archived")
    return message


def answered(message: Message, channel: Channel) -> Json:
    """The answer to a post."""
    shown = message_json(message, channel, metadata=True)
    return {"channel": channel.channel_id, "ts": message.ts, "message": shown}


METHODS: Final = (
    Method("chat.postMessage", post_message, scopes=("chat:write",), per_minute=SPECIAL),
    Method("chat.postEphemeral", post_ephemeral, scopes=("chat:write",), per_minute=TIER_4),
    Method("chat.update", update, scopes=("chat:write",), per_minute=TIER_3),
    Method("chat.delete", delete, scopes=("chat:write",), per_minute=TIER_3),
    Method("chat.getPermalink", get_permalink, per_minute=SPECIAL),
    Method("reactions.add", reactions_add, scopes=("reactions:write",), per_minute=TIER_3),
)
