"""The feed of everything that changes, for tests that wait and pages that follow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

# A follower that does not read loses its oldest changes rather than the server's memory.
BACKLOG = 10_000
# A condition may also ask about something outside of Slack, which wakes nobody here.
RECHECK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `kind` such as `message`, `call`, `delivery`, `view`; `at` in seconds since the epoch."""

    kind: str
    at: float
    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The change as JSON."""
        return asdict(self)


class ChangeFeed:
    """Hands each change to every subscriber and wakes everyone who waits for a condition."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._subscribers: set[asyncio.Queue[Change | None]] = set()
        self._changed = asyncio.Event()

    def publish(self, kind: str, /, **data: object) -> None:
        """Tell everyone; never waits."""
        change = Change(kind, self._now(), data)
        for queue in self._subscribers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)
        self._changed.set()
        self._changed = asyncio.Event()

    async def subscribe(self) -> AsyncIterator[Change]:
        """Every change from now on, until the feed is closed."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue(BACKLOG)
        self._subscribers.add(queue)
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self._subscribers.discard(queue)

    async def until(self, condition: Callable[[], object], timeout: float = 60) -> Any:  # noqa: ASYNC109, ANN401 - hands back what the caller's own condition gave
        """Wait until `condition()` is true and return its value; it is asked again at each change.

        Raises TimeoutError after `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not (value := condition()):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RECHECK_SECONDS)
            return value

    def close(self) -> None:
        """End every subscription."""
        for queue in self._subscribers:
            with suppress(asyncio.QueueEmpty):
                while queue.full():
                    queue.get_nowait()
            queue.put_nowait(None)
