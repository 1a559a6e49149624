"""The Slack app under test, as registered with Slack, and its installations."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

DEFAULT_SCOPES: Final = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
)
DEFAULT_EVENTS: Final = frozenset(
    {
        "agent_session_stopped",
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "file_shared",
        "member_joined_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
        "tokens_revoked",
    }
)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A global or message shortcut: what the menu says, and the id that the payload carries."""

    callback_id: str
    name: str
    kind: Literal["global", "message"]


@dataclass(kw_only=True)
class App:
    """One app's registration.

    `mode` decides where everything is delivered: over Socket Mode connections, or signed to `request_url`.
    `commands` maps a slash command to whether users, channels and links in it are escaped.
    """

    app_id: str = "A0LOCALAPP1"
    name: str = "Origami"
    mode: Literal["socket", "http"] = "socket"
    request_url: str = ""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    events: frozenset[str] = DEFAULT_EVENTS
    commands: Mapping[str, bool] = field(default_factory=lambda: {"/origami": True})
    shortcuts: tuple[Shortcut, ...] = ()
    is_agent: bool = True
    client_id: str = "1000000000001.2000000000002"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    app_token: str = field(default_factory=lambda: f"xapp-1-A0LOCALAPP1-{secrets.token_hex(16)}")
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any], **overrides: Any) -> Self:  # noqa: ANN401 - any field of the class
        """The registration that an app manifest describes; `overrides` are fields of this class."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        subscriptions = settings.get("event_subscriptions", {})
        socket = settings.get("socket_mode_enabled", False)
        scopes = manifest.get("oauth_config", {}).get("scopes", {})
        described: dict[str, Any] = {
            "name": manifest["display_information"]["name"],
            "mode": "socket" if socket else "http",
            "request_url": settings.get("interactivity", {}).get("request_url", ""),
            "scopes": (*scopes.get("bot", ()), *scopes.get("bot_optional", ())),
            "events": frozenset(subscriptions.get("bot_events", ())),
            "commands": {
                command["command"]: command.get("should_escape", False)
                for command in features.get("slash_commands", ())
            },
            "shortcuts": tuple(
                Shortcut(s["callback_id"], s["name"], s["type"]) for s in features.get("shortcuts", ())
            ),
            "is_agent": "agent_view" in features or "assistant_view" in features,
        }
        return cls(**(described | overrides))

    def shortcut(self, wanted: str, kind: str) -> Shortcut | None:
        """The shortcut with this callback id or name."""
        for shortcut in self.shortcuts:
            if shortcut.kind == kind and wanted in {shortcut.callback_id, shortcut.name}:
                return shortcut
        return None


@dataclass(kw_only=True, eq=False)
class Installation:
    """The app in one workspace; `state` decides how its token is answered.

    `org_wide`: one token serves an organisation. It has one of these for each workspace that it was given,
    and one for the organisation itself, whose `team_id` is the organisation's id.
    """

    team_id: str
    bot_token: str
    bot_user_id: str
    bot_id: str
    scopes: tuple[str, ...]
    installed_by: str
    state: Literal["active", "revoked", "uninstalled"] = "active"
    enterprise_id: str | None = None
    org_wide: bool = False

    @property
    def active(self) -> bool:
        """Whether the app may still act and is still told of events."""
        return self.state == "active"

    @property
    def is_organisation(self) -> bool:
        """Whether it is of an organisation as such, and of none of its workspaces."""
        return self.team_id == self.enterprise_id
