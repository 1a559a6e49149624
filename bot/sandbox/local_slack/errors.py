"""What goes wrong in the local Slack.

LocalSlackError
├── SlackError       a Web API method refuses; answered as `{"ok": false, "error": code}`
├── CannotDoError    a person tries what Slack's client would not let them do
└── NoAckError       the app did not acknowledge a delivery
"""

from collections.abc import Iterable
from typing import Any


class LocalSlackError(Exception):
    """Anything that the local Slack raises on purpose."""


class SlackError(LocalSlackError):
    """A Web API refusal: Slack's error code, the HTTP status and further fields of the answer."""

    def __init__(
        self, code: str, *, status: int = 200, headers: dict[str, str] | None = None, **fields: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = headers or {}
        self.fields: dict[str, Any] = fields

    @classmethod
    def with_messages(cls, code: str, messages: Iterable[str]) -> "SlackError":
        """A refusal that says why in `response_metadata.messages`."""
        return cls(code, response_metadata={"messages": list(messages)})


class CannotDoError(LocalSlackError):
    """The person cannot do this: the button is not there, the field is required, the channel is closed."""


class NoAckError(LocalSlackError):
    """The app did not acknowledge: `reason` is a value of `x-slack-retry-reason`."""

    def __init__(self, reason: str, *, retry: bool = True, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.status = status
