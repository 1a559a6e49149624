"""Who answers Slack goes first: an ack has three seconds, and background work can wait a little."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE_SECONDS = 0.02
"""While requests never cease, one piece of background work goes on so often: slowed, never stopped."""
QUIET_SECONDS = 0.005
"""Requests seldom come alone: for so long after one, the next is waited for."""


class Precedence:
    """Lets background work on, one piece in each round of the event loop, and hardly any during requests.

    A request that comes in meanwhile so waits for the piece in hand, and not for all that is ready.
    """

    def __init__(self) -> None:
        self._answering = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._next: asyncio.Handle | None = None
        """When the next one may go on; None while nobody has for a round."""
        self._quiet_until = 0.0
        self._share_at = 0.0
        """Loop time at which one may go on whatever happens."""

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While a request of Slack's is answered."""
        self._answering += 1
        now = asyncio.get_running_loop().time()
        if self._share_at < now:
            self._share_at = now + SHARE_SECONDS
        try:
            yield
        finally:
            self._answering -= 1
            self._quiet_until = asyncio.get_running_loop().time() + QUIET_SECONDS
            if not self._answering and self._line:
                self._wait()

    async def give_way(self) -> None:
        """Wait for one's turn, before a piece of background work."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        if self._next is None:
            self._wait()
        await turn

    def _wait(self) -> None:
        """Let the next one on as soon as may be."""
        if self._next is not None:
            self._next.cancel()
        loop = asyncio.get_running_loop()
        at = self._share_at if self._answering else min(self._share_at, self._quiet_until)
        self._next = loop.call_at(at, self._let_on) if at > loop.time() else loop.call_soon(self._let_on)

    def _let_on(self) -> None:
        self._next = None
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                self._share_at = asyncio.get_running_loop().time() + SHARE_SECONDS
                self._wait()
                return
