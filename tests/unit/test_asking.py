"""Those who ask the same at one time share the answer."""

from __future__ import annotations

import asyncio

import pytest

from bot.tasks import Asking


class Oracle:
    """Answers when it is let, with how often it was asked."""

    def __init__(self) -> None:
        self.asked, self.let = 0, asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        await self.let.wait()
        return self.asked


async def test_who_asks_the_same_meanwhile_shares_the_answer_and_who_asks_later_gets_a_new_one() -> None:
    asking, oracle = Asking[int](), Oracle()
    several = [asyncio.create_task(asking("who", oracle)) for _ in range(3)]
    await asyncio.sleep(0)
    oracle.let.set()
    assert await asyncio.gather(*several) == [1, 1, 1]
    await asyncio.sleep(0)
    assert await asking("who", oracle) == 2


async def test_other_questions_are_put_beside_it() -> None:
    asking, one, other = Asking[int](), Oracle(), Oracle()
    both = [asyncio.create_task(asking(name, oracle)) for name, oracle in (("one", one), ("other", other))]
    await asyncio.sleep(0)
    one.let.set()
    other.let.set()
    assert await asyncio.gather(*both) == [1, 1]


async def test_an_error_is_shared_and_forgotten() -> None:
    async def fails() -> int:
        await asyncio.sleep(0)
        raise OSError("gone")

    asking = Asking[int]()
    found = await asyncio.gather(*(asking("who", fails) for _ in range(2)), return_exceptions=True)
    assert [type(one) for one in found] == [OSError, OSError]
    with pytest.raises(OSError, match="gone"):
        await asking("who", fails)


async def test_whoever_gives_up_leaves_the_others_their_answer() -> None:
    asking, oracle = Asking[int](), Oracle()
    leaver, stayer = (asyncio.create_task(asking("who", oracle)) for _ in range(2))
    await asyncio.sleep(0)
    leaver.cancel()
    oracle.let.set()
    assert await stayer == 1
    assert leaver.cancelled()
