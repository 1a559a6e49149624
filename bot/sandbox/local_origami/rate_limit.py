"""Requests a minute, counted per caller."""

from collections import deque
from collections.abc import Hashable

WINDOW_SECONDS = 60.0


class SlidingWindows:
    """Requests in the last minute, counted per caller; refused ones count too."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._times: dict[Hashable, deque[float]] = {}

    def count(self, caller: Hashable, now: float) -> float:
        """Count a request; 0 if it is within the limit, else seconds until one will be."""
        times = self._recent(caller, now)
        times.append(now)
        if len(times) <= self.limit:
            return 0.0
        return times[-self.limit] + WINDOW_SECONDS - now

    def headers(self, caller: Hashable, now: float, scope: str) -> dict[str, str]:
        """Origami's headers for the scope (IP or Global); Reset is Unix seconds."""
        times = self._recent(caller, now)
        reset = (times[0] if times else now) + WINDOW_SECONDS
        return {
            f"X-RateLimit-Limit-{scope}": str(self.limit),
            f"X-RateLimit-Remaining-{scope}": str(max(0, self.limit - len(times))),
            f"X-RateLimit-Reset-{scope}": str(int(reset)),
        }

    def _recent(self, caller: Hashable, now: float) -> deque[float]:
        times = self._times.setdefault(caller, deque())
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        return times
