"""A Web API call in progress, and what a method declares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bot.sandbox.local_slack.app import Installation
from bot.sandbox.local_slack.content import decoded
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.response_urls import truthy
from bot.sandbox.local_slack.world import Channel, Message, User

Json = dict[str, Any]
# Calls a minute by tier (Slack: docs.slack.dev/apis/web-api/rate-limits).
TIER_1: Final = 1
TIER_2: Final = 20
TIER_3: Final = 50
TIER_4: Final = 100
SPECIAL: Final = 600


@dataclass(kw_only=True, eq=False)
class Call:
    """The arguments of one call and who makes it; readers raise SlackError for what is missing."""

    core: Core
    method: str
    args: Json
    token: str = ""
    installation: Installation | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def bot(self) -> Installation:
        """The installation that calls."""
        if self.installation is None:
            raise SlackError("not_allowed_token_type")
        return self.installation

    def text(self, name: str, default: str | None = None) -> str:
        """A text argument; required when it has no default."""
        value = self.args.get(name)
        if value is None or value == "":
            if default is None:
                raise SlackError.with_messages(
                    "invalid_arguments", [f"[ERROR] missing required field: {name}"]
                )
            return default
        return str(value)

    def flag(self, name: str) -> bool:
        """A boolean argument, false where it is missing."""
        return truthy(self.args.get(name))

    def integer(self, name: str, default: int, most: int) -> int:
        """A whole number between 1 and `most`."""
        try:
            value = int(self.args.get(name, default))
        except (TypeError, ValueError, OverflowError) as error:
            raise SlackError("invalid_arguments") from error
        return max(1, min(value, most))

    def json(self, name: str) -> Any:  # noqa: ANN401 - JSON of any kind, checked by the caller
        """A JSON argument, as such or as a string in a form."""
        return decoded(self.args.get(name), "invalid_arguments")

    def user(self, name: str = "user") -> User:
        """The user that an argument names. Raises `user_not_found`."""
        user = self.core.world.users.get(self.text(name))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def channel(self, name: str = "channel") -> Channel:
        """A conversation that the bot can know of.

        Raises `channel_not_found` for private ones without the bot, as for ids that do not exist.
        """
        channel = self.core.world.channels.get(self.text(name))
        if channel is None or self.bot.team_id not in channel.teams:
            raise SlackError("channel_not_found")
        if channel.kind != "public" and self.bot.bot_user_id not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def readable_channel(self, name: str = "channel") -> Channel:
        """A conversation whose messages the bot may read: it must be a member and hold the scope."""
        channel = self.channel(name)
        self.need(SCOPE_PREFIX[channel.type] + ":history")
        if self.bot.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """A message in the channel. Raises `message_not_found`."""
        message = channel.posted.get(self.text(name))
        if message is None:
            raise SlackError("message_not_found")
        return message

    def need(self, *scopes: str) -> None:
        """Refuse with `missing_scope` unless the token holds one of the scopes."""
        if scopes and not set(scopes) & set(self.bot.scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(self.bot.scopes))

    def page(self, items: list[Any], default: int, most: int) -> tuple[list[Any], Json]:
        """One page of items, and the `response_metadata` with the cursor of the next."""
        limit = self.integer("limit", default, most)
        cursor = str(self.args.get("cursor") or "0").removeprefix("page:")
        if not cursor.isdigit():
            raise SlackError("invalid_cursor")
        start = int(cursor)
        following = f"page:{start + limit}" if start + limit < len(items) else ""
        return items[start : start + limit], {"response_metadata": {"next_cursor": following}}


SCOPE_PREFIX: Final = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method: what it does, one of the scopes it needs, its rate and who may call it."""

    name: str
    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    per_minute: int = TIER_3
    caller: Literal["bot", "app", "anyone"] = "bot"
