"""What Slack remembers: workspaces, people, channels, messages, files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bot.sandbox.local_slack.errors import CannotDoError

ChannelKind = Literal["public", "private", "im", "mpim"]
CHANNEL_TYPES: Final[dict[ChannelKind, str]] = {
    "public": "channel",
    "private": "group",
    "im": "im",
    "mpim": "mpim",
}


@dataclass(kw_only=True, eq=False)
class Workspace:
    """A Slack team; `enterprise_id` names the Enterprise organisation that it is part of, if any."""

    team_id: str
    name: str
    domain: str
    enterprise_id: str = ""


@dataclass(kw_only=True, eq=False)
class User:
    """A person or a bot; `alias` is how tests and the control API call them, unique in the world.

    `guest` says in how many channels one may be who is no full member of the workspace.
    """

    user_id: str
    team_id: str
    alias: str
    name: str
    real_name: str
    tz: str = "America/Chicago"
    tz_label: str = "Central Standard Time"
    tz_offset: int = -21_600
    locale: str = "en-US"
    is_admin: bool = False
    is_owner: bool = False
    guest: Literal["", "multi", "single"] = ""
    is_bot: bool = False
    deleted: bool = False
    bot_id: str = ""


@dataclass(kw_only=True, eq=False)
class UserGroup:
    """People who are mentioned together, as `@handle`."""

    group_id: str
    team_id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


@dataclass(kw_only=True, eq=False)
class Message:
    """A message as Slack stores it; `only_for` names the one person who sees an ephemeral message."""

    ts: str
    channel_id: str
    team_id: str
    user_id: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    client_msg_id: str | None = None
    metadata: dict[str, Any] | None = None
    edited: dict[str, str] | None = None
    files: list["File"] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(kw_only=True, eq=False)
class Channel:
    """A conversation; `shared_with` lists further teams of a Slack Connect channel."""

    channel_id: str
    team_id: str
    name: str
    kind: ChannelKind = "public"
    created: int = 0
    creator: str = ""
    members: set[str] = field(default_factory=set)
    archived: bool = False
    read_only: bool = False
    shared_with: tuple[str, ...] = ()
    posted: dict[str, Message] = field(default_factory=dict)
    replies: dict[str, list[Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Put a message at the end of the channel, or of its thread."""
        self.posted[message.ts] = message
        if message.thread_ts is not None and message.is_reply:
            self.replies.setdefault(message.thread_ts, []).append(message)

    def remove(self, message: Message) -> None:
        """Take a message out; the replies below it stay."""
        self.posted.pop(message.ts, None)
        if message.thread_ts is not None and message.is_reply:
            siblings = self.replies.get(message.thread_ts, [])
            self.replies[message.thread_ts] = [m for m in siblings if m is not message]

    @property
    def messages(self) -> list[Message]:
        """The channel's own timeline, oldest first: without thread replies unless broadcast."""
        return [m for m in self.posted.values() if not m.is_reply or m.broadcast]

    def thread(self, ts: str) -> list[Message]:
        """The parent and its replies, oldest first."""
        parent = self.posted.get(ts)
        return [*([parent] if parent else []), *self.replies.get(ts, ())]

    @property
    def type(self) -> str:
        """Slack's `channel_type` in message events."""
        return CHANNEL_TYPES[self.kind]

    @property
    def teams(self) -> tuple[str, ...]:
        """Every team that sees the channel."""
        return (self.team_id, *self.shared_with)


@dataclass(kw_only=True, eq=False)
class File:
    """A file, `completed` when its upload was, read at `url`; `channels` are those it was shared to."""

    file_id: str
    team_id: str
    user_id: str
    name: str
    title: str
    length: int
    content: bytes | None = None
    completed: bool = False
    channels: list[str] = field(default_factory=list)
    created: int = 0
    url: str = ""


@dataclass(kw_only=True, eq=False)
class AgentSession:
    """An agent's session in one thread, or the older assistant status of that thread."""

    channel_id: str
    thread_ts: str
    team_id: str
    status: str = "active"
    title: str = ""
    assistant_status: str = ""
    loading_messages: list[str] = field(default_factory=list)


@dataclass(eq=False)
class World:
    """Everything at once, with the look-ups that the rest needs."""

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    sessions: dict[tuple[str, str], AgentSession] = field(default_factory=dict)
    prompts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    usergroups: dict[str, UserGroup] = field(default_factory=dict)

    def person(self, alias: str) -> User:
        """The person with this alias, handle or id."""
        for user in self.users.values():
            if alias in {user.alias, user.user_id} and not user.is_bot:
                return user
        raise CannotDoError(f"nobody here is called {alias}")

    def channel(self, wanted: str, team_id: str | None = None) -> Channel:
        """The channel with this id or name (`#leads` or `leads`), of `team_id` first where given."""
        if wanted in self.channels:
            return self.channels[wanted]
        named = [c for c in self.channels.values() if c.name and c.name == wanted.removeprefix("#")]
        own = [c for c in named if team_id is None or team_id in c.teams]
        for channel in own:
            return channel
        raise CannotDoError(f"there is no channel {wanted}")

    def direct_message(self, one: str, other: str) -> Channel | None:
        """The DM between two users, if it was ever opened."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {one, other}:
                return channel
        return None

    def all_messages(self) -> Iterator[Message]:
        """Every message in every channel."""
        for channel in self.channels.values():
            yield from channel.posted.values()
