"""How often Slack lets an app call.

Slack: docs.slack.dev/apis/web-api/rate-limits. Counted per method and workspace; posts also per channel,
about one a second with short bursts.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from bot.sandbox.local_slack.errors import SlackError

RateLimitMode = Literal["on", "strict", "off"]
WINDOW_SECONDS: Final = 60.0
POSTS_PER_SECOND: Final = 1.0
BURST: Final[dict[RateLimitMode, int]] = {"on": 4, "strict": 1, "off": 1}


@dataclass(slots=True)
class Bucket:
    """What is left of a channel's burst, and when that was counted."""

    left: float
    at: float


class RateLimits:
    """`on` allows bursts of four posts a channel, `strict` none, `off` never refuses; `now` gives seconds."""

    def __init__(self, now: Callable[[], float], mode: RateLimitMode = "on") -> None:
        self.mode: RateLimitMode = mode
        self._now = now
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def spend(self, method: str, team_id: str, per_minute: int) -> None:
        """Count a call; SlackError `ratelimited` (HTTP 429) when the minute's calls are used up."""
        if self.mode == "off":
            return
        now, calls = self._now(), self._calls.setdefault((method, team_id), deque())
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= per_minute:
            raise ratelimited(calls[0] + WINDOW_SECONDS - now)
        calls.append(now)

    def spend_post(self, team_id: str, channel_id: str) -> None:
        """Count a post in a channel; SlackError `ratelimited` when its burst is used up."""
        if self.mode == "off":
            return
        now, most = self._now(), BURST[self.mode]
        bucket = self._buckets.setdefault((team_id, channel_id), Bucket(most, now))
        bucket.left = min(most, bucket.left + (now - bucket.at) * POSTS_PER_SECOND)
        bucket.at = now
        if bucket.left < 1:
            raise ratelimited((1 - bucket.left) / POSTS_PER_SECOND)
        bucket.left -= 1


def ratelimited(seconds: float) -> SlackError:
    """HTTP 429 with Retry-After in whole seconds, at least one."""
    after = str(max(1, math.ceil(seconds)))
    return SlackError("ratelimited", status=429, headers={"Retry-After": after})
