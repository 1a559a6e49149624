"""A person in front of Slack."""

from collections.abc import Mapping
from typing import Literal

from bot.sandbox.local_slack import commands, pressing, submitting
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.modals import View
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.shared_files import uploaded
from bot.sandbox.local_slack.world import Channel, Message, User

Where = Channel | str


class Person:
    """What one person can do and see; CannotDoError for what Slack's client would not let them do.

    A channel is given as an object, an id, `#name`, or `dm` for the DM with the app.
    """

    def __init__(self, core: Core, user: User) -> None:
        self._core, self.user = core, user

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.user_id

    @property
    def dm(self) -> Channel:
        """The DM with the app, opened if need be."""
        return self._core.messaging.direct_message(self.id, self._core.installation(self.user.team_id))

    async def command(self, where: Where, line: str) -> Outcome:
        """Type a slash command, such as `/origami find 50 founders`; commands do not work in threads."""
        return await commands.run_command(self._core, self.user, self._writable(where), line)

    def say(
        self,
        where: Where,
        text: str,
        thread_ts: str | None = None,
        files: Mapping[str, bytes | str] | None = None,
    ) -> Message:
        """Post a message, with `@name` and `#channel` as typed; `files` by name, as bytes or base64."""
        channel = self._writable(where)
        uploads = uploaded(self._core, self.user, files or {})
        stored = commands.referenced(self._core, self.user, text)
        return self._core.messaging.say(self.user, channel, stored, thread_ts, uploads)

    def edit(self, message: Message, text: str) -> None:
        """Change one's own message."""
        self._own(message)
        core = self._core
        content = core.messaging.typed_content(commands.referenced(core, self.user, text))
        core.messaging.update(message, content)

    def delete(self, message: Message) -> None:
        """Delete one's own message."""
        self._own(message)
        self._core.messaging.delete(message)

    def join(self, where: Where) -> None:
        """Join a public channel."""
        channel = self._core.world.channel(where, self.user.team_id) if isinstance(where, str) else where
        if channel.kind != "public" or channel.archived:
            raise CannotDoError("only open public channels can be joined")
        self._enter(self.id, channel)

    def invite_app(self, where: Where) -> None:
        """Invite the app's bot into a channel, as `/invite` does."""
        bot = self._core.installation(self.user.team_id).bot_user_id
        self._enter(bot, self._writable(where), inviter=self.id)

    def remove_app(self, where: Where) -> None:
        """Take the app's bot out of a channel, as `/remove` does."""
        channel = self._writable(where)
        channel.members.discard(self._core.installation(self.user.team_id).bot_user_id)
        self._core.feed.publish("member", channel=channel.channel_id, user=self.id)

    async def click(self, place: Message | View, wanted: str, option: object = None) -> Outcome:
        """Press the button, menu or feedback half that shows `wanted`, or has that action id."""
        if isinstance(place, Message):
            self._member(self._core.world.channels[place.channel_id])
        return await pressing.press(self._core, self.user, place, wanted, option)

    async def choose(self, place: Message | View, wanted: str, option: object) -> Outcome:
        """Choose an option (its label or value, or a list), a user, a channel or a date."""
        return await self.click(place, wanted, option)

    async def shortcut(self, wanted: str) -> Outcome:
        """Start a global shortcut by its name or callback id."""
        core = self._core
        shortcut = core.app.shortcut(wanted, "global")
        if shortcut is None:
            raise CannotDoError(f"there is no global shortcut {wanted!r}")
        payload = core.interactions.global_shortcut(self.user, core.installation(self.user.team_id), shortcut)
        return Outcome.of(await core.dispatcher.interact("interactive", payload))

    async def message_shortcut(self, message: Message, wanted: str) -> Outcome:
        """Start a message shortcut from a message's menu."""
        core = self._core
        shortcut = core.app.shortcut(wanted, "message")
        if shortcut is None:
            raise CannotDoError(f"there is no message shortcut {wanted!r}")
        self._member(core.world.channels[message.channel_id])
        payload = core.interactions.message_shortcut(
            self.user, core.installation(self.user.team_id), shortcut, message
        )
        return Outcome.of(await core.dispatcher.interact("interactive", payload))

    def modal(self) -> View | None:
        """The modal in front of this person."""
        return self._core.views.top(self.id)

    async def fill(self, values: Mapping[str, object]) -> None:
        """Fill in the open modal, by label, action id or block id."""
        await submitting.fill(self._core, self.user, self._open_modal(), values)

    async def submit(self, values: Mapping[str, object] | None = None) -> Outcome:
        """Fill in and submit the open modal."""
        view = self._open_modal()
        await submitting.fill(self._core, self.user, view, values or {})
        return await submitting.submit(self._core, self.user, view)

    async def close_modal(self, *, whole_stack: bool = False) -> Outcome:
        """Close the open modal, or all of them."""
        return await submitting.close(self._core, self.user, self._open_modal(), whole_stack=whole_stack)

    def open_home(self, tab: Literal["home", "messages"] = "home") -> None:
        """Open the app's Home or Messages tab."""
        core = self._core
        installation = core.installation(self.user.team_id)
        view = self.home.as_json() if self.home else None
        core.events.home_opened(self.id, installation, tab, self.dm.channel_id, view)

    @property
    def home(self) -> View | None:
        """What the app has published on this person's Home tab."""
        return self._core.views.homes.get((self.user.team_id, self.id))

    def stop_session(self, message: Message) -> None:
        """Press Slack's own stop button on the agent session of the message's thread."""
        thread_ts = message.thread_ts or message.ts
        session = self._core.world.sessions.get((message.channel_id, thread_ts))
        if session is None or session.status != "processing":
            raise CannotDoError("there is no session at work in this thread")
        channel = self._core.world.channels[message.channel_id]
        self._core.events.session_stopped(self.id, channel, thread_ts)

    @property
    def ephemerals(self) -> list[Message]:
        """What only this person sees, oldest first."""
        return [m for m in self._core.world.ephemerals if m.only_for == self.id]

    def channel(self, where: Where) -> Channel:
        """A channel that this person is in."""
        if where == "dm":
            return self.dm
        channel = self._core.world.channel(where, self.user.team_id) if isinstance(where, str) else where
        return self._member(channel)

    def _writable(self, where: Where) -> Channel:
        channel = self.channel(where)
        if channel.archived:
            raise CannotDoError("the channel is archived")
        return channel

    def _member(self, channel: Channel) -> Channel:
        if self.id not in channel.members:
            raise CannotDoError(f"{self.user.real_name} is not in {channel.name or channel.channel_id}")
        return channel

    def _own(self, message: Message) -> None:
        if message.user_id != self.id:
            raise CannotDoError("this is somebody else's message")

    def _open_modal(self) -> View:
        view = self.modal()
        if view is None:
            raise CannotDoError("no modal is open")
        return view

    def _enter(self, user_id: str, channel: Channel, inviter: str = "") -> None:
        if user_id not in channel.members:
            channel.members.add(user_id)
            self._core.feed.publish("member", channel=channel.channel_id, user=user_id)
            self._core.events.joined(user_id, channel, inviter)
