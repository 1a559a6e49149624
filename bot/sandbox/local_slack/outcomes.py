"""What came of a person's act."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.local_slack.delivery import Delivery
from bot.sandbox.local_slack.presentation import message_json
from bot.sandbox.local_slack.world import Message

Json = dict[str, Any]


@dataclass(kw_only=True, eq=False)
class Outcome:
    """How the app took it: `latency` of the ack in seconds, `body` of the ack, and what the person then sees.

    `ephemeral` is Slack's or the app's immediate answer, `errors` are a modal's messages by block id.
    """

    ok: bool
    latency: float | None
    body: Any = None
    error: str = ""
    ephemeral: Message | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, delivery: Delivery) -> "Outcome":
        """The outcome of a delivery, before Slack acts on its ack."""
        return cls(ok=delivery.ok, latency=delivery.latency, body=delivery.body, error=delivery.error)

    def as_json(self) -> Json:
        """The outcome for the control API."""
        shown = dict(vars(self))
        shown["ephemeral"] = message_json(self.ephemeral) if self.ephemeral else None
        return shown
