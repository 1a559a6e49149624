"""Work that a handler starts and cannot wait for: held here, so that it is neither lost nor forgotten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


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
