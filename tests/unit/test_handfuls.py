"""What comes while a handful is being written is the next one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.handfuls import Handfuls

if TYPE_CHECKING:
    from collections.abc import Sequence


class Book:
    """Writes when it is let, and refuses what is negative."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.let = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[Exception | None]:
        await self.let.wait()
        self.written.append(list(numbers))
        return [ValueError(number) if number < 0 else None for number in numbers]


async def soon() -> None:
    """Let everybody else go on for a round or two."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_who_comes_alone_is_written_at_once_and_the_others_together() -> None:
    book = Book()
    write = Handfuls(book)
    first = asyncio.create_task(write(1))
    await soon()
    rest = [asyncio.create_task(write(number)) for number in (2, 3, 4)]
    await soon()
    book.let.set()
    await asyncio.gather(first, *rest)
    assert book.written == [[1], [2, 3, 4]]
    await write(5)
    assert book.written[-1] == [5]


async def test_a_few_handfuls_are_written_beside_each_other() -> None:
    book = Book()
    write = Handfuls(book, most=2)
    tasks = []
    for number in range(4):
        tasks.append(asyncio.create_task(write(number)))
        await soon()
    book.let.set()
    await asyncio.gather(*tasks)
    assert sorted(book.written) == [[0], [1], [2, 3]]


async def test_each_hears_of_its_own_error_alone() -> None:
    book = Book()
    book.let.set()
    write = Handfuls(book)
    good, bad = await asyncio.gather(write(1), write(-2), return_exceptions=True)
    assert good is None
    assert isinstance(bad, ValueError)


async def test_an_error_of_the_whole_is_everybodys_and_the_next_ones_are_written() -> None:
    failing = True

    async def write_some(numbers: Sequence[int]) -> list[Exception | None]:
        if failing:
            raise OSError("the disk is full")
        return [None] * len(numbers)

    write = Handfuls(write_some)
    assert [type(one) for one in await asyncio.gather(write(1), write(2), return_exceptions=True)] == [
        OSError,
        OSError,
    ]
    failing = False
    await write(3)


async def test_who_is_cancelled_is_written_all_the_same_and_holds_nobody_up() -> None:
    book = Book()
    write = Handfuls(book)
    cancelled, other = asyncio.create_task(write(1)), asyncio.create_task(write(2))
    await soon()
    cancelled.cancel()
    await soon()
    book.let.set()
    await other
    assert cancelled.cancelled()
    assert sorted(number for handful in book.written for number in handful) == [1, 2]


async def test_who_waits_for_a_handful_that_is_cut_off_does_not_wait_for_ever() -> None:
    book = Book()
    write = Handfuls(book)
    waiting = asyncio.create_task(write(1))
    await soon()
    [writing] = write._writing
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
