"""Writing what comes together: a few handfuls at a time, and whatever comes meanwhile is the next one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Item = TypeVar("Item")


class Handfuls(Generic[Item]):
    """Nobody waits for a handful to fill: while fewer than ``most`` are written, the next one begins.

    ``write`` returns for each item, in their order, the error that it met, or None.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Exception | None]]], *, most: int = 1
    ) -> None:
        self._write, self._most = write, most
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._writing: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> None:
        """Have an item written. Raises the error that it met; who is cancelled leaves it to be written."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        if len(self._writing) < self._most:
            self._writing.add(asyncio.create_task(self._write_all()))
        await written

    async def _write_all(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            while self._waiting:
                handful, self._waiting = self._waiting, []
                await self._write_some(handful)
        finally:
            self._writing.discard(task)

    async def _write_some(self, handful: list[tuple[Item, asyncio.Future[None]]]) -> None:
        errors: Sequence[Exception | None]
        try:
            errors = await self._write([item for item, _ in handful])
        except Exception as error:  # noqa: BLE001  (whatever it is, it is theirs who wait)
            errors = [error] * len(handful)
        except BaseException:
            for _, written in handful:
                written.cancel()
            raise
        for (_, written), met in zip(handful, errors, strict=True):
            if written.done():
                continue
            if met is None:
                written.set_result(None)
            else:
                written.set_exception(met)
