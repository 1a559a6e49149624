"""Work that a handler starts and cannot wait for: held here, so that it is neither lost nor forgotten."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
Item = TypeVar("Item")


class Tasks:
    """Supervised tasks: referenced until they end, their errors logged, awaited when the process stops.

    ``was_overtaken`` knows the errors of work that others have made moot.
    """

    def __init__(self, was_overtaken: Callable[[BaseException], bool]) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._was_overtaken = was_overtaken

    def hold(self, work: Coroutine[Any, Any, Any], *, what: str) -> None:
        """Start ``work`` now; ``what`` names it in the log when it fails."""
        task = asyncio.create_task(work, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self._was_overtaken(error):
            log.warning("task.overtaken", task=task.get_name(), error=repr(error)[:300])
        elif error is not None:
            log.error("task.failed", task=task.get_name(), error=repr(error), exc_info=error)

    async def drain(self, grace_seconds: float) -> None:
        """Wait for what is in hand, at most so long, and cut off the rest."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class Alone:
    """What becomes of an item that cannot be worked together with others: it is worked alone."""


ALONE: Final = Alone()


class Lots(Generic[Item, Answer]):
    """Work that costs little more for many than for one: whoever comes while a lot is worked shares the next.

    Lots of one name follow each other, those of others go on beside them.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[tuple[Item, asyncio.Future[Answer | Alone]]]] = {}
        self._working: dict[Hashable, asyncio.Task[None]] = {}

    async def __call__(
        self,
        name: Hashable,
        item: Item,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Alone]]],
    ) -> Answer | Alone:
        """What ``work`` answers for the item: one answer for each of the lot, in its order.

        Where the work of several fails all of them are ALONE: it may have been one's fault. Raises what the
        work of a lot of one raises.
        """
        answer: asyncio.Future[Answer | Alone] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, []).append((item, answer))
        if name not in self._working:
            # In a context of nobody's: what is logged of all has not the ids of one.
            self._working[name] = asyncio.create_task(self._work(name, work), context=Context())
        return await answer

    async def _work(
        self, name: Hashable, work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Alone]]]
    ) -> None:
        lot: Sequence[tuple[Item, asyncio.Future[Answer | Alone]]] = ()
        try:
            while lot := self._waiting.pop(name, ()):
                await _answer_all(lot, work)
        finally:
            del self._working[name]
            for _, answer in (*lot, *self._waiting.pop(name, ())):
                answer.cancel()


async def _answer_all(
    lot: Sequence[tuple[Item, asyncio.Future[Answer | Alone]]],
    work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Alone]]],
) -> None:
    found: Sequence[Answer | Alone]
    try:
        found = await work([item for item, _ in lot])
    except Exception as error:  # noqa: BLE001  (it is raised where the item came from, or met again alone)
        if len(lot) == 1:
            lot[0][1].set_exception(error)
            return
        log.warning("lot.apart", items=len(lot), error=repr(error)[:300])
        found = [ALONE] * len(lot)
    for (_, answer), one in zip(lot, found, strict=True):
        if not answer.done():
            answer.set_result(one)


class Asking(Generic[Answer]):
    """Questions to somebody else: those who ask the same at one time share the answer, or the error."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, asyncio.Task[Answer]] = {}

    async def __call__(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer to the question named ``key``, which ``ask`` puts unless it is being put already."""
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(ask())
            task.add_done_callback(lambda _: self._asked.pop(key))
        return await asyncio.shield(task)
