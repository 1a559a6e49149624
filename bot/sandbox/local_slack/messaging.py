"""Posting, changing and deleting messages in the world, with the events that follow."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.local_slack.app import App, Installation
from bot.sandbox.local_slack.changes import ChangeFeed
from bot.sandbox.local_slack.content import Content
from bot.sandbox.local_slack.events import Events
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.mrkdwn import rich_text
from bot.sandbox.local_slack.presentation import message_json
from bot.sandbox.local_slack.world import Channel, File, Message, User, World

Json = dict[str, Any]


@dataclass(kw_only=True, eq=False)
class Messaging:
    """Every way in which messages come, change and go."""

    app: App
    world: World
    events: Events
    ids: Ids
    feed: ChangeFeed

    def post(
        self,
        installation: Installation,
        channel: Channel,
        content: Content,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        files: list[File] | None = None,
    ) -> Message:
        """A visible message by the app."""
        message = self._by_app(installation, channel, content, thread_ts)
        message.broadcast = broadcast and message.is_reply
        message.files = files or []
        if message.files:
            message.subtype = "file_share"
        elif message.broadcast:
            message.subtype = "thread_broadcast"
        return self._publish(message, channel)

    def post_ephemeral(
        self,
        installation: Installation,
        channel: Channel,
        content: Content,
        user_id: str,
        thread_ts: str | None = None,
    ) -> Message:
        """A message that only one person sees; it is in no history and fires no event."""
        message = self._by_app(installation, channel, content, thread_ts)
        message.only_for = user_id
        self.world.ephemerals.append(message)
        self._tell("ephemeral", message)
        return message

    def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        thread_ts: str | None = None,
        files: list[File] | None = None,
    ) -> Message:
        """A message by a person; `text` is already stored text."""
        content = self.typed_content(text)
        message = Message(
            ts=self.ids.ts(),
            channel_id=channel.channel_id,
            team_id=user.team_id,
            user_id=user.user_id,
            text=content.text,
            blocks=content.blocks,
            thread_ts=self.parent_ts(channel, thread_ts),
            client_msg_id=self.ids.uuid(),
            files=files or [],
            subtype="file_share" if files else None,
        )
        return self._publish(message, channel)

    def other_bot_says(self, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """A message by some other app; `text` is already stored text."""
        message = Message(
            ts=self.ids.ts(),
            channel_id=channel.channel_id,
            team_id=channel.team_id,
            user_id="U0OTHERBOT1",
            text=text,
            bot_id="B0OTHERBOT1",
            app_id="A0OTHERBOT1",
            thread_ts=self.parent_ts(channel, thread_ts),
        )
        return self._publish(message, channel)

    def typed_content(self, text: str) -> Content:
        """Stored text of a person as content: with the rich_text block that Slack makes of it."""
        return Content(text, rich_text(text, self.ids.short()) if text else [], [], None)

    def update(self, message: Message, content: Content, *, show_edited: bool = True) -> None:
        """New content for a message; its metadata stays where the content has none."""
        channel = self.world.channels[message.channel_id]
        previous = message_json(message, channel)
        if show_edited and content.text != message.text:
            message.edited = {"user": message.user_id, "ts": self.ids.ts()}
        message.text, message.blocks = content.text, content.blocks
        message.attachments = content.attachments
        if content.metadata is not None:
            message.metadata = content.metadata or None
        self._tell("message_changed", message)
        if message.only_for is None:
            self.events.changed(message, previous, channel)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        channel = self.world.channels[message.channel_id]
        if message.only_for is not None:
            self.world.ephemerals = [m for m in self.world.ephemerals if m is not message]
        else:
            channel.remove(message)
        self._tell("message_deleted", message)
        if message.only_for is None:
            self.events.deleted(message_json(message), channel)

    def direct_message(self, user_id: str, installation: Installation) -> Channel:
        """The person's DM with the bot, opened if need be."""
        known = self.world.direct_message(user_id, installation.bot_user_id)
        if known is not None:
            return known
        channel = Channel(
            channel_id=self.ids.make("D0"),
            team_id=installation.team_id,
            name="",
            kind="im",
            members={user_id, installation.bot_user_id},
            creator=installation.bot_user_id,
        )
        self.world.channels[channel.channel_id] = channel
        return channel

    def parent_ts(self, channel: Channel, thread_ts: str | None) -> str | None:
        """The thread that a reply belongs to, also when it names another reply."""
        named = channel.posted.get(thread_ts) if thread_ts else None
        return named.thread_ts if named is not None and named.is_reply else thread_ts

    def _by_app(
        self, installation: Installation, channel: Channel, content: Content, thread_ts: str | None
    ) -> Message:
        return Message(
            ts=self.ids.ts(),
            channel_id=channel.channel_id,
            team_id=installation.team_id,
            user_id=installation.bot_user_id,
            text=content.text,
            blocks=content.blocks,
            attachments=content.attachments,
            metadata=content.metadata or None,
            thread_ts=self.parent_ts(channel, thread_ts),
            bot_id=installation.bot_id,
            app_id=self.app.app_id,
        )

    def _publish(self, message: Message, channel: Channel) -> Message:
        parent = channel.posted.get(message.thread_ts or "")
        if parent is not None and parent.thread_ts is None:
            parent.thread_ts = parent.ts
        channel.add(message)
        self._tell("message", message)
        self.events.posted(message, channel)
        for file in message.files:
            file.channels.append(channel.channel_id)
            self.events.file_shared(file, channel)
        return message

    def _tell(self, kind: str, message: Message) -> None:
        shown = message_json(message, metadata=True) | {"channel": message.channel_id}
        self.feed.publish(kind, message=shown, only_for=message.only_for)
