"""How a tick works what it has claimed."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from bot.scheduler import CLAIMS_APART_SECONDS, Tick, Ticks


def once(*items: Any) -> Any:
    """A claim that finds these items, and nothing after that."""
    left = list(items)

    async def claim(limit: int) -> list[Any]:
        found = left[:limit]
        del left[:limit]
        return found

    return claim


async def same(item: Any) -> Any:
    return item


async def test_what_is_claimed_ahead_begins_at_its_moment_and_not_before() -> None:
    begun: dict[float, float] = {}
    loop = asyncio.get_running_loop()

    async def work(moment: float) -> None:
        begun[moment] = loop.time()

    moments = [loop.time() + ahead for ahead in (-1.0, 0.05, 0.1)]
    await Tick("t", 1.0, once(*moments), work, starts_at=lambda moment: moment).run()
    assert sorted(begun) == moments
    assert all(began >= moment for moment, began in begun.items())


async def test_outcomes_that_come_within_a_moment_are_settled_together() -> None:
    settled: list[list[int]] = []

    async def settle(outcomes: list[int]) -> None:
        settled.append(sorted(outcomes))

    await Tick("t", 1.0, once(1, 2, 3), same, settle=settle, gather=0.05).run()
    assert settled == [[1, 2, 3]]


async def test_what_somebody_waits_for_is_not_gathered() -> None:
    settled = asyncio.Event()

    async def settle(_outcomes: list[int]) -> None:
        settled.set()

    tick = Tick("t", 1.0, once(1), same, settle=settle, gather=3600.0, is_urgent=lambda _one: True)
    await asyncio.wait_for(tick.run(), 60)
    assert settled.is_set()


async def test_more_is_claimed_while_outcomes_are_being_settled() -> None:
    claimed_again = asyncio.Event()
    left = [[1], [2]]

    async def claim(_limit: int) -> list[int]:
        found = left.pop(0) if left else []
        if found == [2]:
            claimed_again.set()
        return found

    async def settle(_outcomes: list[int]) -> None:
        await asyncio.wait_for(claimed_again.wait(), 60)

    await Tick("t", 0.01, claim, same, settle=settle).run()
    assert claimed_again.is_set()


async def test_outcomes_that_cannot_be_settled_do_not_end_the_tick() -> None:
    settled: list[int] = []

    async def settle(outcomes: list[int]) -> None:
        if 1 in outcomes:
            raise RuntimeError
        settled.extend(outcomes)

    async def one_by_one(limit: int) -> list[int]:
        return (await claim(min(limit, 1))) if not limit < 1 else []

    claim = once(1, 2)
    await Tick("t", 0.01, one_by_one, same, settle=settle, concurrency=1).run()
    assert settled == [2]


async def test_each_item_that_is_done_is_no_reason_to_claim_again() -> None:
    claims = 0
    claim = once(*range(100))

    async def counted(limit: int) -> list[int]:
        nonlocal claims
        claims += 1
        return list(await claim(limit))

    async def takes_a_while(item: int) -> int:
        await asyncio.sleep(item / 1000)
        return item

    await Tick("t", 3600.0, counted, takes_a_while, concurrency=200).run()
    assert claims == 1


async def test_where_there_was_no_room_more_is_claimed_as_soon_as_there_is() -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        await asyncio.sleep(0)
        done.append(item)

    await asyncio.wait_for(Tick("t", 3600.0, once(*range(20)), work, concurrency=3).run(), 60)
    assert done == list(range(20))


async def test_what_wakes_a_tick_in_one_moment_is_claimed_together() -> None:
    loop = asyncio.get_running_loop()
    claimed: list[float] = []

    async def claim(_limit: int) -> list[int]:
        claimed.append(loop.time())
        return [1] if len(claimed) == 1 else []

    async def woken_often(_item: int) -> None:
        for _ in range(100):
            tick.wake()
            await asyncio.sleep(0.001)

    tick: Tick[int, None] = Tick("t", 3600.0, claim, woken_often)
    await asyncio.wait_for(tick.run(), 60)
    assert len(claimed) >= 2
    apart = [later - earlier for earlier, later in itertools.pairwise(claimed)]
    assert min(apart) >= CLAIMS_APART_SECONDS


async def test_of_what_falls_due_at_one_instant_each_waits_for_its_turn() -> None:
    waiting, turns, begun = asyncio.Event(), asyncio.Semaphore(0), asyncio.Queue[int]()

    async def turn() -> None:
        waiting.set()
        await turns.acquire()

    at = asyncio.get_running_loop().time()
    ticks = Ticks([Tick("t", 3600.0, once(1, 2, 3), begun.put, starts_at=lambda _item: at)], turn=turn)
    ticks.start()
    await asyncio.wait_for(waiting.wait(), 60)
    for item in (1, 2, 3):
        await rounds(20)
        assert begun.empty()
        turns.release()
        assert await asyncio.wait_for(begun.get(), 60) == item
    await ticks.stop(60)


async def rounds(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
