"""What can go wrong at the vendors: named, so that a falsifying example reads like a story."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot import origami

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.origami import OrigamiError

UNANSWERED: dict[str, Callable[[], OrigamiError]] = {
    "no answer": lambda: origami.Unavailable("no answer"),
    "HTTP 503": lambda: origami.Unavailable("HTTP 503", status=503),
}
"""Before the work was done or after it."""
NEVER_LEFT: dict[str, Callable[[], OrigamiError]] = {
    "unreachable": lambda: origami.Unreachable("no connection"),
}
UNREADABLE: dict[str, Callable[[], OrigamiError]] = {
    "garbled": lambda: origami.MalformedAnswer("answer is not JSON", status=202),
}
READ_REFUSALS: dict[str, Callable[[], OrigamiError]] = {
    "HTTP 401": lambda: origami.KeyRefused("Invalid API key", status=401, code="UNAUTHORIZED"),
    "HTTP 402": lambda: origami.SubscriptionRequired("No API", status=402, code="SUBSCRIPTION_REQUIRED"),
    "HTTP 429": lambda: origami.TooManyRequests("Slow down", status=429, retry_after=7.0),
    "HTTP 404": lambda: origami.NotFound("No such project", status=404, code="PROJECT_NOT_FOUND"),
}
START_REFUSALS: dict[str, Callable[[], OrigamiError]] = {
    **READ_REFUSALS,
    "no credits": lambda: origami.InsufficientCredits("Top up", status=402, code="INSUFFICIENT_CREDITS"),
    "no model": lambda: origami.ModelNotAvailable("Upgrade", status=400, code="MODEL_NOT_AVAILABLE"),
    "in flight": lambda: origami.IdempotencyConflict("In flight", status=409, code="IDEMPOTENCY_ERROR"),
    "odd": lambda: origami.Refused("Teapot", status=418, code="TEAPOT"),
}

ORIGAMI_FAULTS: dict[str, tuple[str, ...]] = {
    "start": (*UNANSWERED, *NEVER_LEFT, *UNREADABLE, *START_REFUSALS),
    "look": (*UNANSWERED, *NEVER_LEFT, *READ_REFUSALS),
    "poll": (*UNANSWERED, *NEVER_LEFT, *READ_REFUSALS),
    "cancel": (*UNANSWERED, *NEVER_LEFT, *READ_REFUSALS),
}
"""Which faults each kind of call to Origami can meet."""

SLACK_PASSING = ("no answer", "HTTP 500", "internal_error", "ratelimited", "refused connection")
SLACK_FAULTS: dict[str, tuple[str, ...]] = {
    "post": (*SLACK_PASSING, "invalid_blocks", "restricted_action", "odd_refusal"),
    "update": (*SLACK_PASSING, "invalid_blocks", "message_not_found", "cant_update_message"),
    "look": (*SLACK_PASSING, "missing_scope"),
    "whisper": (*SLACK_PASSING, "user_not_in_channel"),
    "open": (*SLACK_PASSING, "cannot_dm_bot"),
    "respond": ("no answer", "HTTP 500", "HTTP 404"),
}
"""Which faults each kind of call to Slack can meet; the rest are Slack's own error codes."""
AFTER_THE_WORK = frozenset({*UNANSWERED, *UNREADABLE, "HTTP 500", "internal_error"})
"""Faults that can also come when what was asked has been done."""


@dataclass
class Fault:
    """The next ``times`` calls of a kind fail in this way; ``done`` tells whether the work is done before."""

    name: str
    done: bool
    times: int


@dataclass
class Faults:
    """The faults that are armed at one vendor, by kind of call."""

    armed: dict[str, Fault] = field(default_factory=dict)

    def next(self, kind: str) -> Fault | None:
        fault = self.armed.get(kind)
        if fault is None:
            return None
        fault.times -= 1
        if fault.times <= 0:
            del self.armed[kind]
        return fault


def origami_error(name: str) -> OrigamiError:
    """What our client raises for a named fault."""
    return {**UNANSWERED, **NEVER_LEFT, **UNREADABLE, **START_REFUSALS}[name]()
