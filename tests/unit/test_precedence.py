"""Who answers Slack goes before background work, which is slowed and never stops."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bot import precedence
from bot.precedence import Precedence

if TYPE_CHECKING:
    import pytest


async def rounds(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_with_no_request_about_each_piece_has_a_round_of_its_own() -> None:
    order, done = Precedence(), []

    async def piece(number: int) -> None:
        await order.give_way()
        done.append(number)

    pieces = [asyncio.create_task(piece(number)) for number in range(10)]
    seen = []
    while not all(task.done() for task in pieces):
        before = len(done)
        await rounds(1)
        seen.append(len(done) - before)
    assert done == list(range(10))
    assert max(seen) == 1


async def test_while_a_request_is_answered_background_work_waits_and_goes_on_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precedence, "SHARE_SECONDS", 3600.0)
    order, done = Precedence(), []

    async def piece(number: int) -> None:
        await order.give_way()
        done.append(number)

    with order.answering():
        pieces = [asyncio.create_task(piece(number)) for number in range(5)]
        await rounds(20)
        assert done == []
    await asyncio.wait_for(asyncio.gather(*pieces), 60)
    assert done == list(range(5))


async def test_requests_that_never_cease_slow_background_work_and_do_not_stop_it() -> None:
    order = Precedence()
    with order.answering():
        began = time.monotonic()
        await asyncio.gather(*(order.give_way() for _ in range(3)))
        assert time.monotonic() - began >= 2 * precedence.SHARE_SECONDS


async def test_whoever_gives_up_in_line_holds_nobody_up() -> None:
    order = Precedence()
    with order.answering():
        leaver = asyncio.create_task(order.give_way())
        stayer = asyncio.create_task(order.give_way())
        await rounds(2)
        leaver.cancel()
    await asyncio.wait_for(stayer, 60)
    assert leaver.cancelled()


async def test_work_that_comes_after_a_rest_goes_on_at_once() -> None:
    order = Precedence()
    for _ in range(3):
        await order.give_way()
        await rounds(3)
    with order.answering(), order.answering():
        pass
    await asyncio.wait_for(order.give_way(), 60)
