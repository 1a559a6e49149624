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


class Precedence:
    """Lets background work on, one piece in each round of the event loop, and hardly any during requests.

    A request that comes in meanwhile so waits for the piece in hand, and not for all that is ready.
    """

    def __init__(self) -> None:
        self._answering = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._next: asyncio.Handle | None = None
        """When the next one may go on; None while nobody has for a round."""

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While a request of Slack's is answered."""
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering and self._next is not None:
                self._next.cancel()
                self._next = asyncio.get_running_loop().call_soon(self._let_on)

    async def give_way(self) -> None:
        """Wait for one's turn, before a piece of background work."""
        if self._next is None and not self._answering:
            self._rest()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        if self._next is None:
            self._rest()
        await turn

    def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        self._next = (
            loop.call_later(SHARE_SECONDS, self._let_on) if self._answering else loop.call_soon(self._let_on)
        )

    def _let_on(self) -> None:
        self._next = None
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                self._rest()
                return
