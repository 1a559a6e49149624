"""Where workers stand still: before each transaction, and on either side of each outgoing call.

A worker's task runs from one such place to the next and waits there until the model lets it go on,
so that any two tasks can overtake each other, and a process can die between any two steps.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from storage.database import Database
from storage.runs import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Go(Enum):
    """How a task goes on from where it stands."""

    ON = "on"
    LOST = "the time-out came, and the call never arrived"
    LANDED = "the time-out came, and the call did arrive"


class Clock:
    """The one clock of the model: the database's, ours, Origami's and Slack's."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def julian_day(self, *_: object) -> float:
        """What SQLite's ``julianday('now')`` says."""
        return self.now().timestamp() / 86400.0 + 2440587.5


@dataclass(eq=False)
class Work:
    """One task of a worker, and where it stands."""

    name: str
    place: str = ""
    deadline: float | None = None
    """When the outgoing call times out, by the model's clock."""
    outcome: Any = None
    error: BaseException | None = None
    _task: asyncio.Task[Any] | None = None
    _let_go: asyncio.Future[Go] | None = None
    _stood: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        return self._task is None or self._task.done()

    async def step(self, go: Go = Go.ON) -> None:
        """Go on to the next place, or to the end."""
        assert self._let_go is not None
        self._stood.clear()
        self._let_go.set_result(go)
        await self._stood.wait()

    async def end(self) -> None:
        """Go on to the end."""
        while not self.over:
            await self.step()

    async def die(self, go: Go) -> None:
        """Never go on: an outgoing call arrives or not, and nothing that follows is done."""
        if not self.over and self.deadline is not None:
            await self.step(go)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def __repr__(self) -> str:
        return f"<{self.name} at {self.place}>"


class Stage:
    """All tasks at work, by the places where they stand."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.works: list[Work] = []

    async def begin(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> Work:
        """Start a task and bring it to its first place."""
        work = Work(name)

        async def run() -> None:
            try:
                work.outcome = await coroutine
            except LeaseLostError:
                pass
            except Exception as error:  # noqa: BLE001  (the model tells of it as a broken promise)
                work.error = error
            finally:
                work._stood.set()

        self.works.append(work)
        work._task = asyncio.create_task(run())
        await work._stood.wait()
        return work

    async def stand(self, place: str, patience: float | None = None) -> Go:
        """Stand still if this is a worker's task; ``patience`` is an outgoing call's time-out in seconds."""
        task = asyncio.current_task()
        work = next((work for work in self.works if work._task is task), None)
        if work is None:
            return Go.ON
        work.place = place
        work.deadline = None if patience is None else self.clock.seconds + patience
        work._let_go = asyncio.get_running_loop().create_future()
        work._stood.set()
        return await work._let_go

    async def pass_time(self, seconds: float, go: Go) -> None:
        """Let time pass: outgoing calls that stand for too long time out on the way, arrived or not."""
        until = self.clock.seconds + seconds
        while late := [w for w in self.works if not w.over and w.deadline is not None and w.deadline < until]:
            first = min(late, key=lambda work: work.deadline or 0.0)
            self.clock.seconds = max(self.clock.seconds, first.deadline or 0.0)
            await first.step(go)
        self.clock.seconds = until

    def swept(self) -> list[Work]:
        """Take away the tasks that are over."""
        over = [work for work in self.works if work.over]
        self.works = [work for work in self.works if not work.over]
        return over


class StagedDatabase(Database):
    """The database on the model's clock; a worker's task stands still before each transaction."""

    def __init__(self, url: str, stage: Stage) -> None:
        super().__init__(url)
        self._stage = stage

        def prepare(connection: Any, _record: object) -> None:
            connection.create_function("julianday", 1, stage.clock.julian_day)
            cursor = connection.cursor()
            # Nobody pulls the plug here: a crash of the model's worker loses no commit.
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

        event.listen(self.engine.sync_engine, "connect", prepare)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        await self._stage.stand("write")
        async with super().write() as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        await self._stage.stand("read")
        async with super().read() as session:
            yield session
