"""Ticks are woken at once, or a moment later and then together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from bot.parts import Bell

if TYPE_CHECKING:
    from bot.scheduler import Ticks


class Sleepers:
    """Ticks that note when they are woken."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        self.moved = asyncio.Event()

    def wake(self, tick: str) -> None:
        self.woken.append(tick)
        self.moved.set()


def heard(bell: Bell) -> Sleepers:
    sleepers = Sleepers()
    bell.bind(cast("Ticks", sleepers))
    return sleepers


async def test_a_tick_is_woken_at_once() -> None:
    bell = Bell(3600)
    sleepers = heard(bell)
    bell("deliver")
    assert sleepers.woken == ["deliver"]


async def test_all_who_ask_for_a_moment_later_wake_it_once_and_then_anew() -> None:
    bell = Bell(0.001)
    sleepers = heard(bell)
    for _ in range(2):
        sleepers.moved.clear()
        for _ in range(3):
            bell.soon("watch")
        await sleepers.moved.wait()
    assert sleepers.woken == ["watch", "watch"]
