"""How requests come, and how long each waits for its ack."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from tests.benchmarks.callers import Way

    Send = Callable[[], Coroutine[Any, Any, bool]]


@dataclass(frozen=True, slots=True)
class Heard:
    """Milliseconds until each ack, shortest first, and the seconds that all of it took."""

    waits: list[float]
    seconds: float
    refused: int = 0

    def at(self, share: float) -> float:
        """The wait that this share of requests did not exceed."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))]

    @property
    def a_second(self) -> float:
        return len(self.waits) / self.seconds


@dataclass(frozen=True, slots=True)
class Load:
    """One kind of request over one way; ``make`` gives a payload that nobody has sent yet."""

    way: Way
    make: Callable[[], dict[str, Any]]

    def prepared(self, count: int, callers: int = 1) -> list[Send]:
        """Signed beforehand, one caller after the other."""
        return [self.way.prepare(self.make(), number % callers) for number in range(count)]

    async def one_by_one(self, count: int) -> Heard:
        """One caller, who waits for each ack before the next request."""
        return await _timed([self.prepared(count)], _in_turn)

    async def at_one_instant(self, callers: int, rounds: int, apart: float) -> Heard:
        """All callers at once, and again when that is over and ``apart`` seconds have passed."""
        began, waits, refused = time.perf_counter(), [], 0
        for _ in range(rounds):
            heard = await _timed([[send] for send in self.prepared(callers, callers)], _in_turn)
            waits += heard.waits
            refused += heard.refused
            await asyncio.sleep(apart)
        return Heard(sorted(waits), time.perf_counter() - began, refused)

    async def without_pause(self, callers: int, count: int) -> Heard:
        """All callers, each with its next request as soon as it has its ack: ``count`` in all."""
        ready = self.prepared(count, callers)
        return await _timed([ready[caller::callers] for caller in range(callers)], _in_turn)

    async def steadily(self, callers: int, apart: float, until: Callable[[], bool], most: int) -> Heard:
        """A request every ``apart`` seconds, answered or not, until something is so."""
        ready, sent, began = self.prepared(most, callers), [], time.perf_counter()
        for number, send in enumerate(ready):
            if until():
                break
            sent.append(asyncio.create_task(_one(send)))
            await asyncio.sleep(max(0.0, began + (number + 1) * apart - time.perf_counter()))
        found = await asyncio.gather(*sent)
        return _heard(found, time.perf_counter() - began)


async def _one(send: Send) -> tuple[float, bool]:
    began = time.perf_counter()
    bare = await send()
    return time.perf_counter() - began, bare


async def _in_turn(sends: list[Send]) -> list[tuple[float, bool]]:
    return [await _one(send) for send in sends]


async def _timed(
    each: list[list[Send]], work: Callable[[list[Send]], Awaitable[list[tuple[float, bool]]]]
) -> Heard:
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    try:
        found = await asyncio.gather(*(work(sends) for sends in each))
    finally:
        gc.enable()
    return _heard([one for some in found for one in some], time.perf_counter() - began)


def _heard(found: list[tuple[float, bool]], seconds: float) -> Heard:
    waits = sorted(1000 * wait for wait, _ in found)
    return Heard(waits, seconds, sum(not bare for _, bare in found))
