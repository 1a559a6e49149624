"""response_url: five posts in thirty minutes, also where the bot is no member."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.local_slack.app import Installation
from bot.sandbox.local_slack.content import content_from
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.messaging import Messaging
from bot.sandbox.local_slack.world import Channel, Message

Json = dict[str, Any]
# Slack: five responses within thirty minutes of the interaction.
USES: Final = 5
LIFE_SECONDS: Final = 1800.0


@dataclass(kw_only=True, eq=False)
class ResponseUrl:
    """One interaction's answer channel; `original` is the message that was clicked, if any."""

    installation: Installation
    channel: Channel
    user_id: str
    expires_at: float
    original: Message | None = None
    uses: int = 0


@dataclass(kw_only=True, eq=False)
class ResponseUrls:
    """Issues and serves response URLs below `base`; `now` gives seconds."""

    messaging: Messaging
    ids: Ids
    now: Callable[[], float]
    base: Callable[[], str]

    def __post_init__(self) -> None:
        self._issued: dict[str, ResponseUrl] = {}

    def issue(
        self, installation: Installation, channel: Channel, user_id: str, original: Message | None = None
    ) -> str:
        """A new response URL."""
        key = f"{installation.team_id}/{self.ids.hex(12)}/{self.ids.hex(24)}"
        self._issued[key] = ResponseUrl(
            installation=installation,
            channel=channel,
            user_id=user_id,
            expires_at=self.now() + LIFE_SECONDS,
            original=original,
        )
        return f"{self.base()}response/{key}"

    def respond(self, key: str, body: Json) -> None:
        """Do what a post to the URL asks for.

        Raises SlackError with HTTP 404 `used_url`, `expired_url` or `no_such_url`, or 400 and what is wrong
        with the message.
        """
        url = self._issued.get(key)
        if url is None:
            raise SlackError("no_such_url", status=404)
        if self.now() > url.expires_at:
            raise SlackError("expired_url", status=404)
        if url.uses >= USES:
            raise SlackError("used_url", status=404)
        url.uses += 1
        try:
            self.answer(url.installation, url.channel, url.user_id, body, url.original)
        except SlackError as error:
            raise SlackError(error.code, status=400, **error.fields) from error

    def answer(
        self,
        installation: Installation,
        channel: Channel,
        user_id: str,
        body: Json,
        original: Message | None = None,
    ) -> Message | None:
        """Post, replace or delete; a new message is ephemeral unless `response_type` is `in_channel`."""
        if truthy(body.get("delete_original")) and original is not None:
            self.messaging.delete(original)
            return None
        content = content_from(body, self.ids)
        if truthy(body.get("replace_original")) and original is not None:
            self.messaging.update(original, content)
            return original
        thread_ts = str(body.get("thread_ts") or "") or None
        if body.get("response_type") == "in_channel" and not (original and original.only_for):
            return self.messaging.post(installation, channel, content, thread_ts=thread_ts)
        return self.messaging.post_ephemeral(installation, channel, content, user_id, thread_ts)


def truthy(value: object) -> bool:
    """Whether an argument says yes."""
    return value is True or str(value).lower() in {"true", "1"}
