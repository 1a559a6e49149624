"""Events: their envelopes, and which installation is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.local_slack.app import App, Installation
from bot.sandbox.local_slack.delivery import Dispatcher
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.installations import Installations
from bot.sandbox.local_slack.presentation import message_json
from bot.sandbox.local_slack.world import Channel, File, Message, World

Json = dict[str, Any]
MESSAGE_EVENTS: Final = {
    "channel": ("message.channels", "channels:history"),
    "group": ("message.groups", "groups:history"),
    "im": ("message.im", "im:history"),
    "mpim": ("message.mpim", "mpim:history"),
}
SCOPES: Final = {"app_mention": "app_mentions:read", "file_shared": "files:read"}


@dataclass(kw_only=True, eq=False)
class Events:
    """Builds each event as Slack does and hands it to the dispatcher."""

    app: App
    world: World
    installations: Installations
    dispatcher: Dispatcher
    ids: Ids
    now: Callable[[], float]

    def posted(self, message: Message, channel: Channel) -> None:
        """A message event, and an app_mention besides where the bot is mentioned (its own event id)."""
        event = message_json(message) | self._place(channel, message.ts) | self._origin(message, channel)
        if message.is_reply:
            event |= {
                key: value for key, value in message_json(message, channel).items() if key == "parent_user_id"
            }
        if message.broadcast:
            event |= {"root": self._root(message, channel)}
        self._message_event(event, channel)
        for installation in self._members(channel):
            mention = f"<@{installation.bot_user_id}>"
            if mention in message.text and channel.kind != "im" and message.bot_id != installation.bot_id:
                kept = {k: v for k, v in event.items() if k not in {"channel_type", "parent_user_id"}}
                self._deliver("app_mention", kept | {"type": "app_mention"}, installation, channel)

    def changed(self, message: Message, previous: Json, channel: Channel) -> None:
        """A message_changed event; `previous` is the message before."""
        ts = self.ids.ts()
        event: Json = {
            "type": "message",
            "subtype": "message_changed",
            "message": message_json(message, channel),
            "previous_message": previous,
            "hidden": True,
            "ts": ts,
        }
        self._message_event(event | self._place(channel, ts), channel)

    def deleted(self, previous: Json, channel: Channel) -> None:
        """A message_deleted event."""
        ts = self.ids.ts()
        event: Json = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": previous,
            "deleted_ts": previous["ts"],
            "hidden": True,
            "ts": ts,
        }
        self._message_event(event | self._place(channel, ts), channel)

    def joined(self, user_id: str, channel: Channel, inviter: str = "") -> None:
        """A member_joined_channel event, also for the bot itself."""
        event: Json = {
            "type": "member_joined_channel",
            "user": user_id,
            "channel": channel.channel_id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": channel.team_id,
            "event_ts": self.ids.ts(),
        } | ({"inviter": inviter} if inviter else {})
        for installation in self._members(channel):
            self._deliver("member_joined_channel", event, installation, channel)

    def home_opened(
        self, user_id: str, installation: Installation, tab: str, im: str, view: Json | None
    ) -> None:
        """An app_home_opened event; `im` is the person's DM with the bot."""
        event: Json = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": im,
            "tab": tab,
            "event_ts": self.ids.ts(),
        } | ({"view": view} if view and tab == "home" else {})
        self._deliver("app_home_opened", event, installation)

    def session_stopped(self, user_id: str, channel: Channel, thread_ts: str) -> None:
        """An agent_session_stopped event."""
        event: Json = {
            "type": "agent_session_stopped",
            "user": user_id,
            "channel": channel.channel_id,
            "thread_ts": thread_ts,
            "streaming_message_ts": [],
            "event_ts": self.ids.ts(),
        }
        for installation in self._members(channel):
            self._deliver("agent_session_stopped", event, installation, channel)

    def file_shared(self, file: File, channel: Channel) -> None:
        """A file_shared event."""
        event: Json = {
            "type": "file_shared",
            "file_id": file.file_id,
            "user_id": file.user_id,
            "file": {"id": file.file_id},
            "channel_id": channel.channel_id,
            "event_ts": self.ids.ts(),
        }
        for installation in self._members(channel):
            self._deliver("file_shared", event, installation, channel)

    def renamed(self, old: str, channel: Channel) -> None:
        """A channel_id_changed event."""
        event = {
            "type": "channel_id_changed",
            "old_channel_id": old,
            "new_channel_id": channel.channel_id,
            "event_ts": self.ids.ts(),
        }
        for installation in self._members(channel):
            self._deliver("channel_id_changed", event, installation, channel)

    def uninstalled(self, installation: Installation) -> None:
        """An app_uninstalled event; Slack sends tokens_revoked besides."""
        self._send({"type": "app_uninstalled", "event_ts": self.ids.ts()}, "app_uninstalled", installation)

    def access_changed(self, name: str, enterprise_id: str, team_ids: list[str]) -> None:
        """A team_access_granted or team_access_revoked event, for an organisation's installation."""
        whole = self.installations.active_in(enterprise_id)
        if whole is not None:
            self._send({"type": name, "team_ids": team_ids, "event_ts": self.ids.ts()}, name, whole)

    def revoked(self, installation: Installation) -> None:
        """A tokens_revoked event for the bot token."""
        tokens = {"oauth": [], "bot": [installation.bot_user_id]}
        event = {"type": "tokens_revoked", "tokens": tokens, "event_ts": self.ids.ts()}
        self._send(event, "tokens_revoked", installation)

    def _place(self, channel: Channel, ts: str) -> Json:
        return {"channel": channel.channel_id, "event_ts": ts, "channel_type": channel.type}

    def _origin(self, message: Message, channel: Channel) -> Json:
        """In a channel that companies share, whose the author is."""
        author = self.world.users.get(message.user_id)
        if not channel.shared_with or author is None:
            return {}
        profile = {
            "name": author.name,
            "real_name": author.real_name,
            "display_name": author.name,
            "team": author.team_id,
            "is_restricted": bool(author.guest),
            "is_ultra_restricted": author.guest == "single",
        }
        return {"user_team": author.team_id, "source_team": author.team_id, "user_profile": profile}

    def _root(self, message: Message, channel: Channel) -> Json:
        root = channel.posted.get(message.thread_ts or "")
        return message_json(root, channel) if root else {}

    def _members(self, channel: Channel) -> list[Installation]:
        """Whose bot is a member; of an organisation's installation one workspace is told, the host first."""
        told: dict[str, Installation] = {}
        for team_id in channel.teams:
            for one in self.installations.active():
                if one.bot_user_id in channel.members and one.team_id == team_id:
                    told.setdefault(one.bot_token, one)
        return list(told.values())

    def _message_event(self, event: Json, channel: Channel) -> None:
        name, scope = MESSAGE_EVENTS[channel.type]
        for installation in self._members(channel):
            if scope in installation.scopes:
                self._send(event, name, installation, channel)

    def _deliver(
        self, name: str, event: Json, installation: Installation, channel: Channel | None = None
    ) -> None:
        if name not in SCOPES or SCOPES[name] in installation.scopes:
            self._send(event, name, installation, channel)

    def _send(
        self, event: Json, name: str, installation: Installation, channel: Channel | None = None
    ) -> None:
        if name not in self.app.events:
            return
        team_id = None if installation.is_organisation else installation.team_id
        authorization = {
            "enterprise_id": installation.enterprise_id,
            "team_id": None if installation.org_wide else team_id,
            "user_id": installation.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": installation.org_wide,
        }
        self.dispatcher.event(
            {
                "token": self.app.verification_token,
                "team_id": team_id,
                "context_team_id": team_id,
                "context_enterprise_id": installation.enterprise_id,
                "api_app_id": self.app.app_id,
                "event": event,
                "type": "event_callback",
                "event_id": self.ids.make("Ev"),
                "event_time": int(self.now()),
                **({"enterprise_id": installation.enterprise_id} if installation.enterprise_id else {}),
                "authorizations": [] if installation.is_organisation else [authorization],
                "is_ext_shared_channel": bool(channel and channel.shared_with),
                "event_context": f"4-{self.ids.hex(64)}",
            }
        )
