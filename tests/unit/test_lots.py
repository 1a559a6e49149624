"""Whoever comes while a lot is worked shares the next one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.tasks import ALONE, Lots

if TYPE_CHECKING:
    from collections.abc import Sequence


class Works:
    """Doubles numbers, each lot when it is let."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.let = asyncio.Semaphore(0)

    async def __call__(self, lot: Sequence[int]) -> list[int]:
        self.lots.append(list(lot))
        await self.let.acquire()
        if 13 in lot:
            raise OSError("thirteen")
        return [2 * one for one in lot]


async def rounds(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_those_who_come_at_one_time_and_those_who_come_meanwhile_are_a_lot_each() -> None:
    lots, works = Lots[int, int](), Works()
    first = [asyncio.create_task(lots("a", number, works)) for number in (1, 2)]
    await rounds()
    later = [asyncio.create_task(lots("a", number, works)) for number in (3, 4, 5)]
    await rounds()
    assert works.lots == [[1, 2]]
    works.let.release()
    works.let.release()
    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8, 10]
    assert works.lots == [[1, 2], [3, 4, 5]]


async def test_lots_of_another_name_go_on_beside_them() -> None:
    lots, stuck, works = Lots[int, int](), Works(), Works()
    waiting = asyncio.create_task(lots("a", 1, stuck))
    works.let.release()
    assert await asyncio.wait_for(lots("b", 2, works), 60) == 4
    stuck.let.release()
    assert await waiting == 2


async def test_where_a_lot_fails_each_is_alone_and_nobody_after_it() -> None:
    lots, works = Lots[int, int](), Works()
    unlucky = [asyncio.create_task(lots("a", number, works)) for number in (12, 13)]
    await rounds()
    lucky = asyncio.create_task(lots("a", 14, works))
    works.let.release()
    works.let.release()
    assert await asyncio.gather(*unlucky) == [ALONE, ALONE]
    assert await lucky == 28


async def test_the_error_of_a_lot_of_one_is_its_own() -> None:
    works = Works()
    works.let.release()
    with pytest.raises(OSError, match="thirteen"):
        await Lots[int, int]()("a", 13, works)


async def test_whoever_gives_up_leaves_the_others_their_answer() -> None:
    lots, works = Lots[int, int](), Works()
    leaver, stayer = (asyncio.create_task(lots("a", number, works)) for number in (1, 2))
    await rounds()
    leaver.cancel()
    works.let.release()
    assert await stayer == 4
    assert leaver.cancelled()


async def test_a_lot_that_is_cut_off_leaves_nobody_waiting() -> None:
    lots, works = Lots[int, int](), Works()
    waiting = asyncio.create_task(lots("a", 1, works))
    await rounds()
    later = asyncio.create_task(lots("a", 2, works))
    await rounds()
    for task in asyncio.all_tasks() - {asyncio.current_task(), waiting, later}:
        task.cancel()
    done, _ = await asyncio.wait([waiting, later], timeout=60)
    assert done == {waiting, later}
    assert waiting.cancelled()
    assert later.cancelled()
