"""Everything that one person's screen shows, in parts, so that only what changed is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.local_slack import CannotDoError
from bot.sandbox.local_slack.presentation import channel_json, message_json, session_json

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Channel, LocalSlack, Message, Person, User

Json = dict[str, Any]


def screen(slack: LocalSlack, person: Person) -> Json:
    """Parts by name: `people`, `channels`, `modal`, `home`, `sessions`, and each message for itself."""
    modal = person.modal()
    # Opening the DM makes it a channel, so this comes before the channels are listed.
    dm = _dm(person)
    seen = [channel for channel in slack.world.channels.values() if _sees(person, channel)]
    bots = {i.bot_user_id for i in slack.core.installations.active()}
    parts: Json = {
        "me": {"id": person.id, "alias": person.user.alias, "dm": dm.channel_id if dm else None},
        "people": [_user(slack, user) for user in slack.world.users.values()],
        "channels": [_channel(channel, person, bots) for channel in seen],
        "modal": modal.as_json() | {"errors": modal.errors} if modal else None,
        "home": person.home.as_json() if person.home else None,
        "sessions": [session_json(session) for session in slack.world.sessions.values()],
    }
    for channel in seen:
        for message in channel.posted.values():
            parts[_key(message)] = _message(message, channel)
    for message in person.ephemerals:
        parts[_key(message)] = _message(message, None) | {"ephemeral": True}
    return parts


def _dm(person: Person) -> Channel | None:
    try:
        return person.dm
    except CannotDoError:
        # The app is not installed in this person's workspace.
        return None


def _sees(person: Person, channel: Channel) -> bool:
    if person.id in channel.members:
        return True
    return channel.kind == "public" and person.user.team_id in channel.teams


def _key(message: Message) -> str:
    return f"message/{message.channel_id}/{message.ts}"


def _message(message: Message, channel: Channel | None) -> Json:
    shown = message_json(message, channel)
    return shown | {"channel": message.channel_id, "broadcast": message.broadcast}


def _channel(channel: Channel, person: Person, bots: set[str]) -> Json:
    return channel_json(channel, person.id) | {
        "name": channel.name,
        "is_archived": channel.archived,
        "is_read_only": channel.read_only,
        "is_member": person.id in channel.members,
        "has_bot": bool(bots & channel.members),
        "members": sorted(channel.members),
    }


def _user(slack: LocalSlack, user: User) -> Json:
    return {
        "id": user.user_id,
        "alias": user.alias,
        "name": user.name,
        "real_name": user.real_name,
        "team": slack.world.workspaces[user.team_id].name,
        "is_bot": user.is_bot,
        "is_admin": user.is_admin,
    }
