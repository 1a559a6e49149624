"""The bot's processes: forked from one that has imported everything, and started again when they die."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.crash.bot_process import Born, Orders, live

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.context import ForkServerContext

KILLED = -signal.SIGKILL
FIRST_USED_LATER = (
    "aiosqlite",
    "alembic.command",
    "apscheduler.executors.asyncio",
    "psycopg",
    "slack_bolt.listener_matcher.async_builtins",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
"""Modules that the application imports only when it runs."""


@cache
def _nursery() -> ForkServerContext:
    """Starting an interpreter with all imports takes a second, forking one a few milliseconds."""
    nursery = multiprocessing.get_context("forkserver")
    nursery.set_forkserver_preload(["tests.crash.bot_process", *FIRST_USED_LATER])
    return nursery


class Child:
    """One process from its start to its end."""

    def __init__(self, orders: Orders) -> None:
        loop = asyncio.get_running_loop()
        self.born: asyncio.Future[Born] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self._hearing, speaking = _nursery().Pipe(duplex=False)
        self._process = _nursery().Process(target=live, args=(orders, speaking), daemon=True)
        self._process.start()
        speaking.close()
        loop.add_reader(self._hearing.fileno(), self._hear)
        loop.add_reader(self._process.sentinel, self._end)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if not self.ended.done() and self._process.pid is not None:
            os.kill(self._process.pid, number)

    @property
    def pid(self) -> int:
        """The operating system's number of it."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def hangs(self) -> bool:
        """Whether it was stopped by SIGSTOP."""
        stat = Path(f"/proc/{self._process.pid}/stat")
        return not self.ended.done() and stat.read_text().rpartition(")")[2].split()[0] == "T"

    @property
    def owner(self) -> str | None:
        """Its name in leases, once it is ready."""
        return self.born.result().owner if self.born.done() else None

    def _hear(self) -> None:
        with contextlib.suppress(EOFError):
            self.born.set_result(self._hearing.recv())
        asyncio.get_running_loop().remove_reader(self._hearing.fileno())

    def _end(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._process.sentinel)
        loop.remove_reader(self._hearing.fileno())
        self._process.join()
        self._hearing.close()
        self.ended.set_result(self._process.exitcode or 0)
        self._process.close()


@dataclass(slots=True)
class Fleet:
    """Processes by name; each is started again when it dies, until ``stop``."""

    orders: Mapping[str, Orders]
    on_born: Callable[[Born], None]
    patience: float = 60.0
    children: dict[str, Child] = field(default_factory=dict)
    deaths: list[tuple[str, int]] = field(default_factory=list)
    """Name and exit code of every end that nobody ordered."""
    calm: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Whoever holds it sees no process start."""
    _keepers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def start(self) -> None:
        """Start all of them, and wait until they are ready."""
        for name in self.orders:
            self._keepers[name] = asyncio.create_task(self._keep(name))
        await self.ready()

    async def ready(self) -> None:
        """Wait until every process runs and is ready."""
        async with asyncio.timeout(self.patience), self._changed:
            await self._changed.wait_for(self.all_ready)

    def all_ready(self) -> bool:
        """Whether every process runs and is ready."""
        return len(self.children) == len(self.orders) and all(
            child.born.done() and not child.ended.done() for child in self.children.values()
        )

    def kill(self, name: str) -> None:
        """SIGKILL one of them."""
        self.children[name].signal(signal.SIGKILL)

    async def stop(self, *, gently: bool = False) -> dict[str, int]:
        """End all of them, by SIGKILL or ``gently`` by SIGTERM; returns their exit codes."""
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        for child in self.children.values():
            child.signal(signal.SIGTERM if gently else signal.SIGKILL)
        codes = {name: await child.ended for name, child in self.children.items()}
        self.children.clear()
        return codes

    async def _keep(self, name: str) -> None:
        while True:
            async with self.calm:
                child = self.children[name] = Child(self.orders[name])
            waiting: set[asyncio.Future[Any]] = {child.born, child.ended}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if child.born.done():
                self.on_born(child.born.result())
            await self._tell()
            code = await asyncio.shield(child.ended)
            self.deaths.append((name, code))
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
