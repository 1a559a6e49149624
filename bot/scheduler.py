"""APScheduler's few fixed ticks: each claims what is due, works it concurrently, and writes it back.

A tick is also woken from inside the process when there is work for it, so nobody waits for its
next second. There is no job per run: what is due stands in the database, where every worker sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from structlog.contextvars import bind_contextvars, clear_contextvars

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

log = structlog.get_logger(__name__)

CLAIMS_APART_SECONDS = 0.02
"""Whatever wakes a tick in between is claimed together: under load that is most of it."""

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def _nothing_known(_item: object) -> Mapping[str, str]:
    return {}


def _nobody_counts(_tick: str) -> None:
    pass


async def _at_once() -> None:
    pass


@dataclass(slots=True)
class Tick(Generic[Item, Outcome]):
    """One kind of work: ``claim`` at most so many items, ``work`` each, ``settle`` outcomes by the handful.

    ``work`` returning None has nothing left to settle. An error in one item is logged and leaves the
    others alone: the item's lease ends by itself, and somebody claims it again.
    """

    name: str
    seconds: float
    claim: Callable[[int], Awaitable[Sequence[Item]]]
    work: Callable[[Item], Awaitable[Outcome | None]]
    settle: Callable[[list[Outcome]], Awaitable[None]] | None = None
    concurrency: int = 50
    starts_at: Callable[[Item], float] | None = None
    """The event loop's time before which an item's work must not begin, where it is claimed ahead of it."""
    gather: float = 0.0
    """Seconds for which claims, and outcomes, are taken together: the frequent is cheaper by the hundred."""
    is_urgent: Callable[[Outcome], bool] | None = None
    """Whether an outcome is settled at once, and not gathered: somebody waits for it."""
    last_claim: float = 0.0
    """Loop time of the last claim that the database answered, or of the start."""
    about: Callable[[object], Mapping[str, str]] = _nothing_known
    failed: Callable[[str], None] = _nobody_counts
    turn: Callable[[], Awaitable[None]] = _at_once
    """What an item's work waits for: of many that fall due at one instant each lets others between."""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _urgent: asyncio.Event = field(default_factory=asyncio.Event)
    _claimed_from: float = 0.0
    """Loop time at which the last claim began."""
    _claims_at: float = 0.0
    """Loop time from which on more may be claimed."""
    _more: bool = False
    """Whether the last claim left work behind for which there was no room."""
    _pending: set[asyncio.Task[None]] = field(default_factory=set)
    _outcomes: list[Outcome] = field(default_factory=list)
    _settling: asyncio.Task[None] | None = None
    _stopping: bool = False
    _failing: bool = False

    def wake(self) -> None:
        """There is work: claim again as soon as the loop comes round."""
        self._woken.set()
        self._news.set()

    def stop(self) -> None:
        """Claim nothing more; what is in hand is finished."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Claim and work until nothing is due and nothing in hand."""
        self._woken.set()
        try:
            while True:
                if self._woken.is_set() or self._more or self._is_time():
                    await self._begin_some()
                if not self._pending and not self._outcomes and self._settling is None:
                    if (self._woken.is_set() or self._more) and not self._stopping:
                        continue
                    return
                await self._hear()
                self._settle()
        finally:
            for task in self._pending:
                task.cancel()
            if self._settling is not None:
                await asyncio.shield(self._settling)

    def _is_time(self) -> bool:
        return asyncio.get_running_loop().time() >= self._claimed_from + self.seconds

    async def _begin_some(self) -> None:
        """Claim what there is room for, and begin to work on it."""
        room = self.concurrency - len(self._pending)
        if room <= 0:
            self._more = True
            return
        loop = asyncio.get_running_loop()
        if not self._stopping and loop.time() < self._claims_at:
            await asyncio.sleep(self._claims_at - loop.time())
        self._woken.clear()
        self._claimed_from = loop.time()
        claimed = await self._claim(room)
        self._claims_at = loop.time() + CLAIMS_APART_SECONDS
        self._more = len(claimed) >= room
        for item in claimed:
            task = asyncio.create_task(self._one(item))
            self._pending.add(task)
            task.add_done_callback(self._is_done)

    async def _claim(self, room: int) -> Sequence[Item]:
        if self._stopping:
            return ()
        try:
            claimed = await self.claim(room)
        except Exception as error:  # noqa: BLE001  (whatever keeps the database away must not end the tick)
            if not self._failing:
                log.warning("tick.failing", tick=self.name, error=repr(error))
            self._failing = True
            return ()
        if self._failing:
            log.info("tick.recovered", tick=self.name)
        self._failing = False
        self.last_claim = asyncio.get_running_loop().time()
        return claimed

    async def _one(self, item: Item) -> None:
        bind_contextvars(**self.about(item))
        if self.starts_at:
            await asyncio.sleep(self.starts_at(item) - asyncio.get_running_loop().time())
        await self.turn()
        try:
            outcome = await self.work(item)
        except Exception:
            log.exception("tick.item_failed", tick=self.name)
            self.failed(self.name)
            return
        if outcome is not None:
            self._outcomes.append(outcome)
            if self.is_urgent and self.is_urgent(outcome):
                self._urgent.set()

    def _is_done(self, task: asyncio.Task[None]) -> None:
        self._pending.discard(task)
        self._news.set()

    async def _hear(self) -> None:
        """Wait until something in hand is done, or more is to be claimed, and gather what else comes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                await self._news.wait()
        if self.gather and self._pending:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.gather):
                    await self._urgent.wait()
        self._urgent.clear()
        self._news.clear()

    def _settle(self) -> None:
        """Have what is done written back while more is claimed; one handful at a time."""
        if self.settle is None:
            self._outcomes.clear()
        elif self._outcomes and self._settling is None:
            outcomes, self._outcomes = self._outcomes, []
            self._settling = asyncio.create_task(self._written(self.settle, outcomes))
            self._settling.add_done_callback(self._is_settled)

    async def _written(
        self, settle: Callable[[list[Outcome]], Awaitable[None]], outcomes: list[Outcome]
    ) -> None:
        try:
            await settle(outcomes)
        except Exception:
            log.exception("tick.settle_failed", tick=self.name)

    def _is_settled(self, _task: asyncio.Task[None]) -> None:
        self._settling = None
        self._news.set()


class Ticks:
    """All ticks of a process on one scheduler.

    ``about`` gives the ids of an item, for each line that is logged while it is worked; ``failed`` is told
    the tick's name when an item's work raised; each item's work begins when its ``turn`` comes.
    """

    def __init__(
        self,
        ticks: Sequence[Tick[Any, Any]],
        *,
        about: Callable[[object], Mapping[str, str]] = _nothing_known,
        failed: Callable[[str], None] = _nobody_counts,
        turn: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._ticks = {tick.name: tick for tick in ticks}
        for tick in ticks:
            tick.about, tick.failed, tick.turn = about, failed, turn
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: dict[str, asyncio.Task[None]] = {}
        # A tick that is still at work when its next second comes is the normal case, not news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Start ticking."""
        for tick in self._ticks.values():
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=tick.seconds),
                args=(tick,),
                id=tick.name,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        self._scheduler.start()
        for tick in self._ticks.values():
            tick.last_claim = asyncio.get_running_loop().time()
            self.wake(tick.name)

    def wake(self, name: str) -> None:
        """Run the named tick now; a name that this process does not tick is another process's business."""
        tick = self._ticks.get(name)
        if tick is None or not self._scheduler.running:
            return
        tick.wake()
        if name not in self._running:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    async def _run(self, tick: Tick[Any, Any]) -> None:
        # Whoever woke the tick has lent it the ids of what they were doing.
        clear_contextvars()
        task = asyncio.current_task()
        assert task is not None
        self._running[tick.name] = task
        try:
            await tick.run()
        finally:
            del self._running[tick.name]

    def claim_ages(self) -> dict[str, float]:
        """Seconds since each tick last reached the database."""
        now = asyncio.get_running_loop().time()
        return {tick.name: now - tick.last_claim for tick in self._ticks.values()}

    def ailment(self, stale_seconds: float) -> str | None:
        """Which ticks have not reached the database for so long; None when all have."""
        now = asyncio.get_running_loop().time()
        stale = [
            tick.name
            for tick in self._ticks.values()
            if now - tick.last_claim > stale_seconds + 2 * tick.seconds
        ]
        return f"no claim for {stale_seconds:.0f} s: {', '.join(stale)}" if stale else None

    async def stop(self, grace_seconds: float) -> None:
        """Claim nothing more, let what is in hand finish within the grace, and cut off the rest."""
        for tick in self._ticks.values():
            tick.stop()
        if self._running:
            _, late = await asyncio.wait(set(self._running.values()), timeout=grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
